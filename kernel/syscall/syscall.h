/*
 * syscall.h: system calls, as Linux i386 has them: INT 80h with the number in EAX and up to six
 * arguments in EBX, ECX, EDX, ESI, EDI, EBP; the answer, or an error number negated, in EAX.
 */
#ifndef SYSCALL_SYSCALL_H
#define SYSCALL_SYSCALL_H

#include <cpu/regs.h>

#define SYSCALL_VECTOR 0x80

/* pt_regs.error_code has the number of the call, so that it can be made again after a signal; or this:
 * there is nothing to make again. */
#define SYSCALL_NONE 0xFFFFFFFFu

/*
 * A call gets the registers of the program, and answers what goes into EAX. It may change the
 * registers (sigreturn, execve). Its task is `current` (proc/task.h), whose space is loaded.
 */
typedef int32_t syscall_handler(struct pt_regs *regs);

/* Opens the gate for ring 3. */
void syscall_init(void);

/* The name of a call, or a null pointer; how often it was made. For the monitor and reports. */
const char *syscall_name(uint32_t number);
uint32_t syscall_count(uint32_t number);

#endif
