/*
 * table.c: the system calls, by number (Linux i386: arch/x86/entry/syscalls/syscall_32.tbl). One that
 * is not here answers -ENOSYS, and is named once.
 */
#include <syscall/table.h>

/* One line a call: its number, and its name without sys_. The prototypes are made from the same
 * lines: syscalls.def. */
const struct syscall syscalls[SYSCALLS] = {
#define SYSCALL(number, name) [number] = {sys_##name, #name},
#include <syscall/syscalls.def>
#undef SYSCALL
};
