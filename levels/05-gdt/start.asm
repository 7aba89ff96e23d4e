; Level 5: a GDT with code at 08h and data at 10h, both from 0 to 4 GB; lgdt.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    cli
    xor ax, ax
    mov ds, ax
    ; lgdt here.

    hlt

align 8
gdt:
    dq 0                        ; the null descriptor
    ; Two descriptors here.

gdtr:
    dw 0                        ; limit: bytes of the table, less 1
    dd 0                        ; base: where it lies

times 510-($-$$) db 0
dw 0xAA55
