; Level 1: the letter A in the top left corner of the screen.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    ; Your instructions go here.

    cli
    hlt

times 510-($-$$) db 0
dw 0xAA55
