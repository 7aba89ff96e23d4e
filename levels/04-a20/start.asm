; Level 4: open address line 20, and show that it is open.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    xor ax, ax
    mov ds, ax
    mov ax, 0xFFFF
    mov es, ax
    ; Open the gate here.

    mov byte [ds:0x0500], 0xAA  ; 000500h
    mov byte [es:0x0510], 0x55  ; 100500h with the gate open, 000500h with it closed
    cli
    hlt

times 510-($-$$) db 0
dw 0xAA55
