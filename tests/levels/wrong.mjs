// wrong.mjs: what learners write. Each is the solution of a level with a change, and a part of the
// message that has to name what is wrong.

// The second sector as everybody can write it.
const FORGED = `org 0x7C00
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov di, 0x8000
    mov si, text
    mov cx, length
    cld
    rep movsb
    mov al, '.'
    mov cx, 512 - length
    rep stosb
    cli
    hlt
text: db "Sector with LBA 1 of the disk. "
length equ $ - text
times 510-($-$$) db 0
dw 0xAA55
`;
// Its own GDT, and selectors loaded when they were segments of real mode.
const EARLY = `org 0x7C00
    cli
    xor ax, ax
    mov ds, ax
    lgdt [gdtr]
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 0x08:code32
bits 32
code32:
    hlt
gdt: dq 0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF
gdtr: dw gdtr - gdt - 1
    dd gdt
times 510-($-$$) db 0
dw 0xAA55
`;

export const wrong = [
    // Any level: it cannot be assembled or booted, or does not come to its end.
    { level: 1, name: "an instruction that does not exist", change: ["int 0x10", "print 'A'"], says: "NASM knows no instruction of this name" },
    { level: 1, name: "hlt misspelt", change: ["    hlt", "    htl"], says: "takes the word for a label" },
    { level: 1, name: "a number moved to a segment register", change: ["    xor bx, bx", "    mov ds, 0"], says: "A segment register is loaded from a register only" },
    { level: 2, name: "a label that is not there", change: ["jz done", "jz finished"], says: "No line has this label" },
    { level: 1, name: "two sizes", change: ["mov al, 'A'", "mov al, bx"], says: "Line 6 (mov al, bx)" },
    { level: 1, name: "no signature", change: ["dw 0xAA55", "dw 0"], says: "Without 55 AA there the BIOS says that the disk is not bootable" },
    { level: 1, name: "signature the wrong way round", change: ["dw 0xAA55", "dw 0x55AA"], says: "The last two bytes are AA 55" },
    { level: 1, name: "no padding", change: ["times 510-($-$$) db 0", ""], says: "and not 512. Fill it up" },
    { level: 2, name: "a text too long", change: ["message: db \"Hello", "message: times 600 db 'x'\ndb \"Hello"], says: "too long for a sector" },
    { level: 2, name: "no hlt", change: ["    cli\n    hlt\n", ""], says: "is data, but the processor came there" },
    { level: 1, name: "no hlt and no data", change: ["    cli\n    hlt\n", "    jmp 0x8000\n"], says: "led to 00008000h. That is not in your sector" },
    { level: 2, name: "a loop without an end", change: ["jz done", "jz next"], says: "there is no end: the processor goes round" },

    { level: 1, name: "another letter", change: ["'A'", "'a'"], says: 'In the corner stands "a", and not "A"' },
    { level: 1, name: "another service", change: ["mov ah, 0x0E", "mov ah, 0x02"], says: "with AH = 02h" },
    { level: 1, name: "no colour", change: ["    int 0x10", "    mov bx, 0xB800\n    mov ds, bx\n    mov word [0], 'A'"], says: "the same for letter and background" },
    { level: 1, name: "reset by port 92h", change: ["    cli\n", "    mov al, 1\n    out 0x92, al\n"], says: "(out 0x92, al) reset the PC" },
    { level: 1, name: "reset by the keyboard controller", change: ["    cli\n", "    mov al, 0xFE\n    out 0x64, al\n"], says: "(out 0x64, al) reset the PC" },

    { level: 2, name: "DS left as it was", change: ["    mov ds, ax ", "    ; mov ds, ax "], says: "DS is 3000h" },
    { level: 2, name: "org and segment both", change: ["    xor ax, ax\n", "    mov ax, 0x07C0\n"], says: "DS is 07C0h" },
    { level: 2, name: "one character more", change: ["mode\", 0", "mode!\", 0"], says: 'Behind the text there is more: "!"' },
    { level: 2, name: "the wrong way", change: ["    cld ", "    std "], says: "direction flag" },
    { level: 2, name: "no colour", replace: `org 0x7C00
    xor ax, ax
    mov ds, ax
    mov si, message
    mov ax, 0xB800
    mov es, ax
    xor di, di
    mov ah, 0
    cld
next:
    lodsb
    stosw
    test al, al
    jnz next
    cli
    hlt
message: db "Hello from real mode", 0
times 510-($-$$) db 0
dw 0xAA55
`, says: "nobody can see it" },

    { level: 3, name: "sectors counted from 0", change: ["mov cl, 2", "mov cl, 1"], says: "your own boot sector again" },
    { level: 3, name: "one too far", change: ["mov cl, 2", "mov cl, 3"], says: "LBA 2" },
    { level: 3, name: "sector 0", change: ["mov cl, 2", "mov cl, 0"], says: "the carry flag is set, and AH = 01h" },
    { level: 3, name: "ES left as it was", change: ["    mov es, ax\n", ""], says: "but to 48000h: ES was 4000h" },
    { level: 3, name: "drive lost", change: ["mov dh, 0", "mov dx, 0"], says: "drive 00h" },
    { level: 3, name: "another service", change: ["mov ah, 0x02", "mov ah, 0x03"], says: "service 03h" },
    { level: 3, name: "not read, but written there", replace: FORGED, says: "int 13h has not read that sector" },
    { level: 3, name: "another one read, and that one written", replace: FORGED.replace("    mov di,", "    mov ax, 0x0201\n    mov cx, 3\n    mov dh, 0\n    mov bx, 0x9000\n    int 0x13\n    mov di,"), says: "int 13h has not read that sector" },

    { level: 4, name: "bit 0 for bit 1", change: ["or al, 2 ", "or al, 8 "], says: "The gate is still closed" },
    { level: 4, name: "too late", change: ["    in al, 0x92 ", "    mov byte [ds:0x0500], 0xAA\n    mov byte [es:0x0510], 0x55\n    in al, 0x92 "],
        drop: ["    mov byte [ds:0x0500], 0xAA  ; 000500h\n    mov byte [es:0x0510], 0x55  ; 100500h with the gate open, 000500h with it closed\n"], says: "Open it first" },
    { level: 4, name: "the reset line", change: ["    and al, 0xFE ", "    or al, 1 "], says: "reset the PC" },
    { level: 4, name: "the controller's reset", change: ["    in al, 0x92 ", "    mov al, 0xFE\n    out 0x64, al\n    in al, 0x92 "], says: "reset the PC" },

    { level: 5, name: "no lgdt", change: ["    lgdt [gdtr]\n", ""], says: "lgdt was not executed" },
    { level: 5, name: "limit of one descriptor", change: ["dw gdtr - gdt - 1", "dw 7"], says: "loaded the limit 0007h" },
    { level: 5, name: "the table itself loaded", change: ["lgdt [gdtr]", "lgdt [gdt]"], says: "loaded the base 00000000h" },
    { level: 5, name: "no null descriptor", change: ["    dq 0\n", ""], says: "is not null" },
    { level: 5, name: "bytes for pages", change: ["0x00CF9A", "0x004F9A"], says: "bit G is 0" },
    { level: 5, name: "data for code", change: ["0x00CF9A", "0x00CF92"], says: "Descriptor 08h is of data, and not of code" },
    { level: 5, name: "not present", change: ["0x00CF92", "0x00CF12"], says: "Descriptor 10h is not present" },
    { level: 5, name: "16 bits", change: ["0x00CF9A", "0x008F9A"], says: "bit D/B is 0" },
    { level: 5, name: "expand-down", change: ["0x00CF92", "0x00CF96"], says: "of data that expands down" },
    { level: 5, name: "64 bits", change: ["0x00CF9A", "0x00EF9A"], says: "has bit L set" },

    { level: 6, name: "paging too", change: ["    mov eax, cr0\n    or eax, 1 ", "    mov eax, 0x40000\n    mov cr3, eax\n    mov eax, cr0\n    or eax, 0x80000001 "],
        says: "set PG as well" },
    { level: 6, name: "interrupts on", change: ["    cli\n", ""], says: "Interrupts are on" },
    { level: 6, name: "not written back", change: ["    mov cr0, eax\n", ""], says: "nothing was written to CR0" },
    { level: 6, name: "another bit", change: ["or eax, 1 ", "or eax, 2 "], says: "bit 0, PE, is still 0" },
    { level: 6, name: "bits besides", change: ["or eax, 1 ", "or eax, 0x10001 "], says: "more than bit 0 has changed" },
    { level: 6, name: "the far jump too", change: ["    hlt", "    jmp 0x08:code32\nbits 32\ncode32:\n    hlt"], says: "Here hlt comes before it" },

    { level: 7, name: "a near jump", change: ["jmp 0x08:code32", "jmp code32"], says: "the far jump is missing" },
    { level: 7, name: "a selector too far", change: ["jmp 0x08:code32", "jmp 0x18:code32"], says: "its limit is 0017h" },
    { level: 7, name: "to the data segment", change: ["jmp 0x08:code32", "jmp 0x10:code32"], says: "is of data" },
    { level: 7, name: "no bits 32", change: ["bits 32\n", ""], says: "bits 32 is missing" },
    { level: 7, name: "SS forgotten", change: ["    mov ss, ax\n", ""], says: "SS is" },
    { level: 7, name: "loaded in real mode", replace: EARLY, says: "DS has the right selector, but its hidden part has base 00000100h" },
    { level: 7, name: "RPL 3", change: ["jmp 0x08:code32", "jmp 0x0B:code32"], says: "RPL, ask for it as ring 3" },
    { level: 7, name: "code for SS", change: ["    mov ss, ax\n", "    mov ax, 0x08\n    mov ss, ax\n"], says: "SS needs a descriptor of data" },
    { level: 7, name: "interrupts on", change: ["    mov esp, 0x7C00\n", "    mov esp, 0x7C00\n    sti\n"], says: "Interrupts are on" },

    { level: 8, name: "no lidt", change: ["    lidt [idtr]\n", ""], says: "lidt has not been executed" },
    { level: 8, name: "limit too small", change: ["dw idtr - idt - 1", "dw 47"], says: "has no gate 6: its limit is 002Fh" },
    { level: 8, name: "gate not present", change: ["0x8E00", "0x0E00"], says: "Gate 6 of the IDT at" },
    { level: 8, name: "no selector", change: ["dw 0, 0x08, 0x8E00", "dw 0, 0, 0x8E00"], says: "null selector" },
    { level: 8, name: "! before the fault", change: ["    ud2 ", "    mov byte [0xB8000], '!'\n    ud2 "], drop: ["    mov byte [0xB8000], '!'\n"], says: "before ud2 was executed" },
    { level: 8, name: "no colour", change: ["mov byte [0xB8000], '!'", "mov word [0xB8000], '!'"], says: "nobody can see the !" },

    { level: 9, name: "CR3 not loaded", change: ["    mov cr3, eax\n", ""], says: "CR3 was not loaded" },
    { level: 9, name: "directory not cleared", change: ["    rep stosd ", "    ; rep stosd "], says: "it is what lay in RAM before" },
    { level: 9, name: "half the table", change: ["cmp edi, 0x12000", "cmp edi, 0x11800"], says: "entry 512 of the page table" },
    { level: 9, name: "not present", change: ["mov eax, 3 ", "mov eax, 2 "], says: "bit 0, present, is 0" },
    { level: 9, name: "CR3 of the table", change: ["    mov eax, 0x10000\n    mov cr3", "    mov eax, 0x11000\n    mov cr3"], says: "made CR3 00011000h" },

    { level: 10, name: "no CR3", change: ["    mov cr3, eax\n", ""], says: "is on no page" },
    { level: 10, name: "bit 30", change: ["or eax, 0x80000000", "or eax, 0x40000000"], says: "CR0.PG is still 0" },
    { level: 10, name: "no P", change: ["    mov byte [0xB8000], 'P'\n", ""], says: "Paging is on, but the corner" },
    { level: 10, name: "P too early", change: ["    mov edi, 0x10000 ", "    mov byte [0xB8000], 'P'\n    mov edi, 0x10000 "], drop: ["    mov byte [0xB8000], 'P'\n"], says: "before PG was set" },

    { level: 11, name: "no jump", change: ["    jmp eax\n", ""], says: "triple fault" },
    { level: 11, name: "identity map left", change: ["    mov dword [0xC0010000], 0 ", "    nop "], says: "The identity map is still there" },
    { level: 11, name: "TLB forgotten", change: ["    mov eax, cr3\n    mov cr3, eax                ; and", "    ; and"], says: "the TLB may still hold" },
    { level: 11, name: "entry 767", change: ["768*4", "767*4"], says: "is on no page" },
    { level: 11, name: "CR3 before the entry", change: ["    mov dword [0xC0010000], 0 ", "    mov eax, cr3\n    mov cr3, eax\n    mov dword [0xC0010000], 0 "],
        drop: ["    mov eax, cr3\n    mov cr3, eax                ; and forget what the TLB holds of it\n"], says: "before entry 0 was cleared" },
    { level: 11, name: "one page forgotten", change: ["    mov eax, cr3\n    mov cr3, eax                ; and", "    invlpg [0]                  ; and"], says: "invlpg was executed 1 times" },
    { level: 11, name: "H too early", change: ["    mov edi, 0x10000 ", "    mov byte [0xB8000], 'H'\n    mov edi, 0x10000 "], drop: ["    mov byte [0xC00B8000], 'H'\n"], says: "before the jump to C0000000h" },

    { level: 12, name: "nothing faults", change: ["    ud2 ", "    nop "], says: "has not given up" },
    { level: 12, name: "in real mode", replace: "org 0x7C00\n    lidt [nothing]\n    int 3\n    hlt\nnothing: dw 0\n    dd 0\ntimes 510-($-$$) db 0\ndw 0xAA55\n", says: "CR0.PE is 0" },
    { level: 12, name: "reset by the keyboard controller", change: ["    ud2 ", "    mov al, 0xFE\n    out 0x64, al ;"], says: "No exception was needed" },
    { level: 12, name: "reset by port CF9h", change: ["    ud2 ", "    mov dx, 0xCF9\n    mov al, 6\n    out dx, al ;"], says: "No exception was needed" },
];
