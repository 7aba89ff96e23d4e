; switch.asm: from one task to another: the whole difference is the stack.
;
; void switch_stacks(uint32_t *save_esp, uint32_t load_esp);        in EAX, and in EDX
;
; Each task that does not run has called this function, and waits in it: its stack ends in
;
;          return address, into schedule()
;          ebp  \
;          ebx   | what the caller expects to find again (System V ABI i386, "Registers");
;          esi   | the others it has saved itself, if it needs them
;   esp -> edi  /
;
; With another ESP the same four are popped, but they are the other task's, and so is the return
; address. Entered and left with interrupts off. What belongs to a task and is not on its stack, C has
; changed before: CR3, ESP0 of the TSS, descriptors, the FPU (schedule.c).

bits 32
section .text
global switch_stacks
global task_first_run
extern task_start
extern return_to_ring3
extern isr_return

switch_stacks:
        push ebp
        push ebx
        push esi
        push edi
        mov [eax], esp
        mov esp, edx            ; from here on it is the other task
        pop edi
        pop esi
        pop ebx
        pop ebp
        ret

; Where a new task "returns" to the first time: its stack was made by hand (thread.c). What is above
; is its registers in ring 3, struct pt_regs, whose way out is that of every trap.
task_first_run:
        call task_start         ; does not come back if it is a kernel thread for ever
        mov eax, esp            ; struct pt_regs *
        call return_to_ring3
        jmp isr_return
