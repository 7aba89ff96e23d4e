; Level 5: a GDT with code at 08h and data at 10h, both from 0 to 4 GB; lgdt.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    cli
    xor ax, ax
    mov ds, ax
    lgdt [gdtr]
    hlt

align 8
gdt:
    dq 0
    dq 0x00CF9A000000FFFF       ; 08h: code, 0 to 4 GB
    dq 0x00CF92000000FFFF       ; 10h: data, 0 to 4 GB
gdtr:
    dw gdtr - gdt - 1
    dd gdt

times 510-($-$$) db 0
dw 0xAA55
