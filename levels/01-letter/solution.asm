; Level 1: the letter A in the top left corner of the screen.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    mov ah, 0x0E                ; teletype output
    mov al, 'A'
    xor bx, bx                  ; page 0
    int 0x10
    cli
    hlt

times 510-($-$$) db 0
dw 0xAA55
