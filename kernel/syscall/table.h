/*
 * table.h: the system calls, by number.
 */
#ifndef SYSCALL_TABLE_H
#define SYSCALL_TABLE_H

#include <syscall/syscall.h>

#define SYSCALLS 512 /* Linux's numbers end below */

struct syscall {
    syscall_handler *handler;
    const char *name;
};

extern const struct syscall syscalls[SYSCALLS];

#define SYSCALL(number, name) syscall_handler sys_##name;
#include <syscall/syscalls.def>
#undef SYSCALL

#endif
