; Level 3: read the second sector of the disk to 0000:8000. DL holds the drive.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    xor ax, ax
    mov es, ax
    mov bx, 0x8000              ; ES:BX = 0000:8000
    mov ah, 0x02                ; read sectors
    mov al, 1                   ; one
    mov ch, 0                   ; cylinder 0
    mov cl, 2                   ; sector 2: they count from 1
    mov dh, 0                   ; head 0
    int 0x13
    cli
    hlt

times 510-($-$$) db 0
dw 0xAA55
