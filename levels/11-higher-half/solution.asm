; Level 11: run at C0000000h and above, take the identity map away, write H.
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
    mov dword [0x10000 + 768*4], 0x11000 | 3    ; C0000000h / 4 MB = 768: the same table again
    mov eax, 0x10000
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    mov eax, 0xC0000000 + high
    jmp eax
high:
    mov dword [0xC0010000], 0   ; no identity map any more
    mov eax, cr3
    mov cr3, eax                ; and forget what the TLB holds of it
    mov byte [0xC00B8000], 'H'
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
