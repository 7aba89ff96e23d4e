// right.mjs: what solves a level in another way than its solution: it has to pass too. As wrong.mjs.

const CR3_AGAIN = "    mov eax, cr3\n    mov cr3, eax                ; and forget what the TLB holds of it\n";
const ONE_LARGE = ["    mov dword [0x10000], 0x11000 | 3\n", "    mov eax, cr4\n    or al, 0x10\n    mov cr4, eax\n    mov dword [0x10000], 0x83\n"];
const PORT_92 = "    in al, 0x92                 ; system control port A\n    or al, 2                    ; bit 1: A20\n    and al, 0xFE                ; bit 0 would reset the machine\n    out 0x92, al\n";
const AT_9000 = `org 0x7C00
    cli
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov si, table
    mov di, 0x9000
    mov cx, 12
    cld
    rep movsw
    lgdt [gdtr]
    hlt
table: dq 0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF
gdtr: dw 23
    dd 0x9000
times 510-($-$$) db 0
dw 0xAA55
`;

export const right = [
    { level: 1, name: "written to the screen's memory", change: ["    int 0x10", "    mov bx, 0xB800\n    mov ds, bx\n    mov word [0], 0x0741"] },
    { level: 1, name: "sti, hlt", change: ["    cli\n", "    cli\n    nop\n    sti\n"] },
    { level: 1, name: "a near jump to itself", change: ["    hlt", "    jmp near $"] },
    { level: 1, name: "a loop that waits", change: ["    int 0x10", "    mov cx, 700\n    loop $\n    int 0x10"] },
    { level: 2, name: "through CS", change: ["    lodsb", "    cs lodsb"], drop: ["    mov ds, ax "] },
    { level: 2, name: "org 0", change: ["    xor ax, ax\n", "    mov ax, 0x07C0\n"], drop: ["org 0x7C00"] },
    { level: 3, name: "service 42h", change: ["    mov ah, 0x02 ", "    mov ds, ax\n    mov si, packet\n    mov ah, 0x42 "], drop: ["    mov dh, 0                   ; head 0\n", "    mov al, 1                   ; one\n"],
        also: ["    cli\n    hlt\n", "    cli\n    hlt\npacket: db 16, 0\n    dw 1, 0x8000, 0\n    dq 1\n"] },
    { level: 3, name: "both sectors to 7E00h", change: ["    mov bx, 0x8000 ", "    mov bx, 0x7E00 "], also: ["    mov al, 1 ", "    mov al, 2 "], and: ["    mov cl, 2 ", "    mov cl, 1 "] },
    { level: 4, name: "by the BIOS", change: [PORT_92, "    mov ax, 0x2401\n    int 0x15\n"] },
    { level: 4, name: "by the keyboard controller", change: [PORT_92, "    mov al, 0xD1\n    out 0x64, al\nbusy:\n    in al, 0x64\n    test al, 2\n    jnz busy\n    mov al, 0xDF\n    out 0x60, al\n"] },
    { level: 5, name: "the table elsewhere", replace: AT_9000 },
    { level: 5, name: "accessed, and a larger limit", change: ["0x00CF9A", "0x00CF9B"], also: ["dw gdtr - gdt - 1", "dw 0xFFFF"] },
    { level: 6, name: "lmsw", change: ["    mov eax, cr0\n", "    smsw ax\n"], also: ["    mov cr0, eax\n", "    lmsw ax\n"] },
    { level: 6, name: "a label behind", change: ["    mov cr0, eax\n", "    mov cr0, eax\n    jmp on\non:\n"] },
    { level: 7, name: "retf", change: ["    jmp 0x08:code32\n", "    push 0x08\n    push code32\n    retf\n"] },
    { level: 7, name: "segments before the jump", change: ["    jmp 0x08:code32\n", "    mov ax, 0x10\n    mov ds, ax\n    mov es, ax\n    mov ss, ax\n    jmp 0x08:code32\n"],
        drop: ["    mov ax, 0x10\n    mov ds, ax\n    mov es, ax\n    mov ss, ax\n"] },
    { level: 8, name: "a trap gate", change: ["0x8E00", "0x8F00"] },
    { level: 8, name: "a handler that returns", change: ["handler:\n", "handler:\n    add dword [esp], 2\n"], also: ["    mov byte [0xB8000], '!'\n    hlt", "    mov byte [0xB8000], '!'\n    iret"] },
    { level: 9, name: "one large page", change: ONE_LARGE },
    { level: 9, name: "CR3 first", change: ["    mov edi, 0x10000 ", "    mov eax, 0x10000\n    mov cr3, eax\n    mov edi, 0x10000 "], drop: ["    mov eax, 0x10000\n    mov cr3, eax\n    hlt"], also: ["    jb fill\n", "    jb fill\n    hlt\n"] },
    { level: 10, name: "one large page", change: ONE_LARGE },
    { level: 10, name: "WP too", change: ["    or eax, 0x80000000 ", "    or eax, 0x80010000 "] },
    { level: 11, name: "push and ret", change: ["    jmp eax\n", "    push eax\n    ret\n"] },
    { level: 11, name: "invlpg for each page", change: [CR3_AGAIN, "    xor eax, eax\nforget:\n    invlpg [eax]\n    add eax, 0x1000\n    cmp eax, 0x400000\n    jb forget\n"] },
    { level: 12, name: "divide by zero", change: ["    ud2 ", "    xor ecx, ecx\n    div ecx "] },
    { level: 12, name: "an interrupt beyond the IDT of real mode", change: ["    ud2 ", "    int 0x80 "], drop: ["    lidt [nothing]\n"] },
];
