; Level 10: turn paging on, and write P to the screen.
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
    mov edi, 0x10000            ; the page directory: 1024 entries
    xor eax, eax
    mov ecx, 1024
    rep stosd                   ; RAM is not zero of itself
    mov dword [0x10000], 0x11000 | 3
    mov edi, 0x11000            ; the page table: pages 0 to 1023
    mov eax, 3                  ; present, writable
fill:
    stosd
    add eax, 0x1000
    cmp edi, 0x12000
    jb fill
    ; Your instructions go here.

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
