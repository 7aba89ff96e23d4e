; bios.asm: the one place where stage 2 calls the BIOS (contract in bios.h).
;
; Real mode, all segments 0. C code passes the vector in EAX and the registers in EDX (regparm),
; and calls with 32-bit return addresses (-m16), hence the o32 prefixes.

%include "layout.inc"

bits 16
section .text
global bios_int

REGS_SIZE equ 40                ; sizeof(struct bios_regs)
EFLAGS_KNOWN equ 0202h          ; IF, and bit 1, which is always 1

bios_int:
        pushad
        movzx eax, al
        mov eax, [eax * 4]      ; the vector's segment:offset in the interrupt table
        mov [handler], eax
        mov [regs], dx

        mov si, dx              ; copy the registers onto the stack, and pop them from there
        sub sp, REGS_SIZE
        mov di, sp
        mov cx, REGS_SIZE / 4
        rep movsd
        popad
        pop es
        pop ds
        add sp, 4               ; flags are only returned
        stc                     ; a BIOS that does nothing at all has failed
        pushf                   ; what INT pushes: FLAGS, CS, IP; it also clears IF
        cli
        call far [cs:handler]

        pushfd                  ; the same picture of the stack again
        push ds
        push es
        pushad

; What the call may have broken, other than the registers above and its results. C counts on all of
; it. Only SS:SP it must return.
        movzx esp, sp           ; C addresses its stack with all 32 bits
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        push dword EFLAGS_KNOWN ; DF, IF, TF, AC, NT
        popfd

        mov si, sp
        mov di, [regs]
        mov cx, REGS_SIZE / 4
        rep movsd
        add sp, REGS_SIZE
        popad
        o32 ret

section .bss
handler: resd 1
regs:    resw 1
