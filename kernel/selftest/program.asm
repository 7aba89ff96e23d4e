; program.asm: a whole ELF file (ELF §1-4), for the kernel to write into its file system and run: it
; does what programs do, and goes on whatever fails; its exit status tells how far it got.
;
;   first time    fork, a child that writes to shared pages and ends with 3; wait; map and touch memory;
;                 a handler that is called and returns; then itself again, with one more argument
;   then          exit status 7

%define BASE 08048000h
%define address(label) (BASE + (label) - program_file)

%define SYS_EXIT 1
%define SYS_FORK 2
%define SYS_WAITPID 7
%define SYS_EXECVE 11
%define SYS_GETPID 20
%define SYS_KILL 37
%define SYS_SIGNAL 48
%define SYS_MMAP2 192
%define SIGUSR1 10
%define PROT_READ_WRITE 3
%define MAP_PRIVATE_ANONYMOUS 22h
%define MAP_BYTES 10000h

bits 32
section .rodata
global program_file
global program_file_end

program_file:
        db 7Fh, "ELF", 1, 1, 1
        times 9 db 0
        dw 2, 3                 ; ET_EXEC, EM_386
        dd 1, address(start)
        dd segments - program_file, 0, 0
        dw 52, 32, 2, 0, 0, 0
segments:                       ; one of code, one of data with more in memory than in the file
        dd 1, 0, BASE, 0, data - program_file, data - program_file, 5, 1000h
        dd 1, data - program_file, address(data) + 1000h, 0, 4, 2000h, 6, 1000h

%define variable (address(data) + 1000h)
%define bss (variable + 4)

start:
        cmp dword [esp], 1      ; argc
        jne .again
        mov dword [variable], 1
        mov eax, SYS_FORK
        int 80h
        mov ebp, 11             ; the exit status if this is where it ends
        test eax, eax
        js .end
        jz .child
        mov ebx, -1             ; any child
        mov ecx, bss
        xor edx, edx
        mov eax, SYS_WAITPID
        int 80h
        mov ebp, 12
        test eax, eax
        js .end
        mov ebp, 13
        cmp dword [variable], 1 ; what the child wrote is the child's
        jne .end
        mov ebp, 14
        cmp dword [bss], 300h   ; exit status 3
        jne .end

        xor ebx, ebx
        mov ecx, MAP_BYTES
        mov edx, PROT_READ_WRITE
        mov esi, MAP_PRIVATE_ANONYMOUS
        mov edi, -1
        mov eax, SYS_MMAP2
        push ebp
        xor ebp, ebp
        int 80h
        pop ebp
        mov ebp, 15
        cmp eax, -4096
        ja .end
        mov ecx, MAP_BYTES / 1000h
.touch: mov [eax], eax
        add eax, 1000h
        loop .touch

        mov ebx, SIGUSR1
        mov ecx, address(handler)
        mov eax, SYS_SIGNAL
        int 80h
        mov eax, SYS_GETPID
        int 80h
        mov ebx, eax
        mov ecx, SIGUSR1
        mov eax, SYS_KILL
        int 80h
        mov ebp, 16
        cmp dword [variable], 5
        jne .end

        mov ebx, address(name)
        mov ecx, address(arguments)
        xor edx, edx
        mov eax, SYS_EXECVE
        int 80h
        mov ebp, 17
        jmp .end
.child: mov dword [variable], 2
        mov dword [bss + 1000h], 2
        mov ebp, 3
        jmp .end
.again: mov ebp, 7
.end:   mov ebx, ebp
        mov eax, SYS_EXIT
        int 80h

; The code that the kernel would put on the stack is of no use where stacks are not executable, so the
; way back is made here: the signal's number off the stack, and sigreturn.
handler:
        mov dword [variable], 5
        add esp, 8
        mov eax, 119
        int 80h

name:   db "/program", 0
arguments:
        dd address(name), address(name), 0
data:
        dd 0
program_file_end:
