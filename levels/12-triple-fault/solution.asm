; Level 12: make the processor give up: a triple fault, in protected mode.
org 0x7C00                      ; the BIOS loads the sector there
bits 16

    cli
    xor ax, ax
    mov ds, ax
    lgdt [gdtr]
    mov eax, cr0
    or eax, 1                   ; PE
    mov cr0, eax
    jmp 0x08:code32

bits 32
code32:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, 0x7C00
    lidt [nothing]
    ud2                         ; #UD: no gate, #GP: no gate, #DF: no gate
    hlt

nothing:
    dw 0                        ; an IDT of one byte
    dd 0

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
