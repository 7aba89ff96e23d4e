; registers.asm: registers_capture(): every register as C left it, in the order of registers.h.

bits 32
section .text
global registers_capture

registers_capture:                      ; EAX: struct registers *
    mov [eax + 0], eax
    mov [eax + 4], ebx
    mov [eax + 8], ecx
    mov [eax + 12], edx
    mov [eax + 16], esi
    mov [eax + 20], edi
    mov [eax + 24], ebp
    lea ecx, [esp + 4]                  ; ESP once we have returned
    mov [eax + 28], ecx
    mov ecx, [esp]                      ; the return address
    mov [eax + 32], ecx
    pushfd
    pop dword [eax + 36]
    mov ecx, cs
    mov [eax + 40], ecx
    mov ecx, ds
    mov [eax + 44], ecx
    mov ecx, es
    mov [eax + 48], ecx
    mov ecx, fs
    mov [eax + 52], ecx
    mov ecx, gs
    mov [eax + 56], ecx
    mov ecx, ss
    mov [eax + 60], ecx
    mov ecx, [eax + 8]
    ret
