/*
 * lib.h: what a program of ours can call. No C library: the few functions here, and system calls
 * by INT 80h (calls.h). A call that fails answers its error number negated, as the kernel does:
 * there is no errno variable.
 */
#ifndef USER_LIB_H
#define USER_LIB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h> /* kernel/lib/string.h */

#include "linux.h"

/* ---- the program's start (start.asm, start.c) ---- */

extern char **environ;
extern const struct aux *auxiliary;
uint32_t aux_value(uint32_t type);    /* of the auxiliary vector; 0: there is none */
const char *getenv(const char *name); /* a null pointer: not set */

/* ---- start.asm ---- */

int32_t syscall(int number, ...);
int32_t vfork(void) __attribute__((returns_twice));
int32_t clone_thread(uint32_t flags, void *stack_top, int (*function)(void *), void *argument,
                     volatile uint32_t *parent_tid, struct user_desc *tls,
                     volatile uint32_t *child_tid);
void restore_rt(void);
void restore_old(void);

/* ---- string.c ---- */

char *strstr(const char *s, const char *part);
char *strcpy(char *to, const char *from);
uint32_t parse_number(const char *s, int base); /* digits at its beginning; 0 if there are none */

/* ---- print.c ---- */

size_t format(char *to, size_t size, const char *text, ...) __attribute__((format(printf, 3, 4)));
size_t format_list(char *to, size_t size, const char *format, va_list arguments);
void printf(const char *text, ...) __attribute__((format(printf, 1, 2)));
void complain(const char *text, ...) __attribute__((format(printf, 1, 2))); /* to descriptor 2 */
void write_all(int fd, const char *text, size_t bytes);

/* ---- process.c ---- */

/* A file of /proc or the like, as one string; its length, or an error. */
int32_t read_file(const char *path, char *to, size_t size);

/* The number behind `name` in a file such as /proc/meminfo ("MemFree:   123 kB"); 0: not there. */
uint32_t file_number(const char *path, const char *name);

/* "exit status 3", "signal 11 (segmentation fault)": what wait4() said, for people. */
const char *describe_status(int status);
const char *signal_name(int signal);
const char *error_name(int32_t error); /* of -2: "ENOENT"; a number as text if it is not known */

/* sigaction() with this handler: `flags` are SA_...; the error or 0. */
int32_t handle(int signal, void (*handler)(int), uint32_t flags);

/* The same for a handler that is told more: SA_SIGINFO is added. */
typedef void signal_handler(int signal, struct siginfo *info, struct ucontext *context);
int32_t handle_info(int signal, signal_handler *handler, uint32_t flags);

/* ---- memory.c ---- */

struct memory { /* /proc/meminfo, in KB */
    uint32_t total, available, swap_total, swap_free;
};
struct memory memory_now(void);

/* How many of these pages of ours are where (/proc/self/pagemap); false: the kernel does not say. */
struct places {
    uint32_t in_memory, in_swap, nowhere;
};
bool places_of(uint32_t address, uint32_t pages, struct places *places);

/* Memory of our own, zeros; ends the program if there are no addresses for it. */
uint32_t get_pages(uint32_t pages);

#include "calls.h"

#endif
