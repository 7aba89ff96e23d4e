; nmi.asm: a non-maskable interrupt while our own code switches the mode: taken, and forgotten.
;
; Port 70h does not hold back every NMI (a debugger's button, QEMU's monitor), and a switch takes
; place between two instructions. So one table serves both modes. At IDTR's base, vector 2 is in real
; mode 4 bytes at 8 (SDM 3B §20.1.4), in protected mode a gate of 8 bytes at 16 (§6.11): both fit.
; All else is 0 or beyond the limit: any exception is a triple fault, which resets the machine.
; Chapter: docs/09-cr0-pe-and-the-far-jump.md.

%include "layout.inc"

global nmi_idt_pointer

NMI equ 2
GATE_INTERRUPT_32 equ 8Eh       ; present, DPL 0 (SDM 3A §6.11)

section .data
align 8
nmi_idt:
        times NMI * 4 db 0
        dw nmi_real, 0          ; offset, segment
        times nmi_idt + NMI * 8 - $ db 0
        dw nmi_protected        ; offset, bits 15-0
        dw LOADER_CS
        db 0
        db GATE_INTERRUPT_32
        dw 0                    ; offset, bits 31-16
nmi_idt_end:
        dw 0                    ; so that the base below is aligned
nmi_idt_pointer:
        dw nmi_idt_end - nmi_idt - 1
        dd nmi_idt

section .text

; Between PE = 0 and the far jump that follows, CS still holds a selector; its base is 0. IRET would
; make it a segment: 180h.
bits 16
nmi_real:
        push bp
        mov bp, sp
        cmp word [bp + 4], LOADER_CS16
        jne .return
        mov word [bp + 4], 0    ; CS of the frame: BP, IP, CS, FLAGS
.return:
        pop bp
        iret

; Between PE = 1 and the far jump that follows, CS still holds the segment 0. IRETD would take it for
; the null selector.
bits 32
nmi_protected:
        cmp word [esp + 4], 0
        jne .return
        mov word [esp + 4], LOADER_CS16         ; CS of the frame: EIP, CS, EFLAGS
.return:
        iretd
