; Level 8: an IDT whose gate 6 takes the fault of ud2. The handler writes ! to the screen.
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
    mov eax, handler
    mov [idt + 6*8], ax         ; offset, bits 0 to 15
    shr eax, 16
    mov [idt + 6*8 + 6], ax     ; offset, bits 16 to 31
    lidt [idtr]

    ud2                         ; #UD, exception 6
    hlt                         ; not reached

handler:
    mov byte [0xB8000], '!'
    hlt

align 8
idt:
    times 6 dq 0
    dw 0, 0x08, 0x8E00, 0       ; selector 08h, present, interrupt gate of 32 bits
idtr:
    dw idtr - idt - 1
    dd idt

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
