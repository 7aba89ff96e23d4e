; Level 3: read the second sector of the disk to 0000:8000. DL holds the drive.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    ; Your instructions go here.

    cli
    hlt

times 510-($-$$) db 0
dw 0xAA55
