; start.asm: where a program begins, and the few calls that C cannot make.
;
; Entered in ring 3 by execve(): all general registers are 0 or unknown, ESP points to argc
; (System V ABI, Intel386 supplement §3 "Process Initialization"), the stack is 16-byte aligned.

bits 32

global _start, syscall, vfork, clone_thread, restore_rt, restore_old
extern start

section .text

_start:
        xor ebp, ebp            ; a backtrace ends here
        mov eax, esp            ; argc, argv, a null pointer, environment, ..., auxiliary vector
        push eax                ; 12 bytes of padding: ESP is a multiple of 16 at the call
        push eax
        push eax
        push eax
        call start
        hlt                     ; not reached: start() does not come back

; int32_t syscall(int number, ...): up to six arguments. Always loads six: the rest is not looked at.
syscall:
        push ebp
        push edi
        push esi
        push ebx
        mov eax, [esp + 20]
        mov ebx, [esp + 24]
        mov ecx, [esp + 28]
        mov edx, [esp + 32]
        mov esi, [esp + 36]
        mov edi, [esp + 40]
        mov ebp, [esp + 44]
.enter:
        int 0x80                ; step: syscall
        pop ebx
        pop esi
        pop edi
        pop ebp
        ret

; vfork(): the child uses this stack until it calls execve() or _exit(), and overwrites the return
; address there. So it is kept in a register.
vfork:
        pop edx
        mov eax, 190
        int 0x80
        push edx
        ret

; int32_t clone_thread(flags, stack, function, argument, parent_tid, tls, child_tid): the child calls
; function(argument) on its own stack, and ends with what that answers.
clone_thread:
        push ebp
        push edi
        push esi
        push ebx
        mov ebx, [esp + 20]     ; flags
        mov ecx, [esp + 24]     ; the top of the child's stack
        mov edx, [esp + 36]     ; parent_tid
        mov esi, [esp + 40]     ; tls
        mov edi, [esp + 44]     ; child_tid
        sub ecx, 16
        mov eax, [esp + 32]
        mov [ecx], eax          ; the argument, where a called function expects it
        mov ebp, [esp + 28]     ; the function: registers are the same in the child
        mov eax, 120
        int 0x80
        test eax, eax
        jz .child
        pop ebx
        pop esi
        pop edi
        pop ebp
        ret
.child:
        mov eax, ebp
        xor ebp, ebp
        call eax
        mov ebx, eax
        mov eax, 1              ; exit: of this thread alone
        int 0x80

; What a signal handler returns to (sa_restorer): the kernel takes back the registers it saved.
restore_rt:                     ; of a handler with SA_SIGINFO
        mov eax, 173
        int 0x80
restore_old:                    ; of one without: the signal's number is still on the stack
        pop eax
        mov eax, 119
        int 0x80

section .note.GNU-stack noalloc noexec nowrite progbits
