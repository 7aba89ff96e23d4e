; switch.asm: out of the kernel, and back into it. In between: real/enter.asm.
;
; void bios_switch(uint32_t enter, uint32_t cr3): `enter` is mapped at its physical address in the tables of
; `cr3`, besides the kernel. Interrupts are off throughout. All registers that C counts on are as before
; when it returns, CR3 and the segments among them; CR4.PGE and the task register are the caller's.

bits 32
global bios_switch
global bios_switch_return

%define KERNEL_CS 08h
%define KERNEL_DS 10h

section .text
bios_switch:                    ; EAX: where to go, EDX: CR3 for that
        push ebp
        push ebx
        push esi
        push edi
        push fs
        push gs
        pushfd
        mov ecx, cr3
        push ecx
        sub esp, 16
        sgdt [esp]
        sidt [esp + 8]
        mov [kernel_esp], esp
        mov cr3, edx            ; the kernel's half is the same in it
        jmp eax

bios_switch_return:             ; on the other stack, and with the other descriptor table
        mov esp, [kernel_esp]
        lgdt [esp]
        lidt [esp + 8]
        mov ax, KERNEL_DS
        mov ss, ax
        mov ds, ax
        mov es, ax
        jmp KERNEL_CS:.kernel
.kernel:
        add esp, 16
        pop ecx
        mov cr3, ecx
        popfd
        pop gs
        pop fs
        pop edi
        pop esi
        pop ebx
        pop ebp
        ret

section .bss
kernel_esp: resd 1
