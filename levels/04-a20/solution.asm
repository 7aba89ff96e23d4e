; Level 4: open address line 20, and show that it is open.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    xor ax, ax
    mov ds, ax
    mov ax, 0xFFFF
    mov es, ax
    in al, 0x92                 ; system control port A
    or al, 2                    ; bit 1: A20
    and al, 0xFE                ; bit 0 would reset the machine
    out 0x92, al

    mov byte [ds:0x0500], 0xAA  ; 000500h
    mov byte [es:0x0510], 0x55  ; 100500h with the gate open, 000500h with it closed
    cli
    hlt

times 510-($-$$) db 0
dw 0xAA55
