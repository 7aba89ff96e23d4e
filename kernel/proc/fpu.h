/*
 * fpu.h: the registers of the x87, MMX and SSE, which each program has to itself.
 *
 * A program that has never used them has no memory for them: CR0.TS makes its first instruction of
 * that kind fault (#NM), and it gets some. From then on they are saved and loaded at each switch from
 * and to it (eager): FXSAVE and FXRSTOR are two instructions, less than the fault that loading them
 * only when they are used (lazy) costs nearly every program of today, whose memcpy() is SSE. And with
 * nothing of one program left in registers while another runs, none can be read by speculation
 * (CVE-2018-3665). The kernel itself uses none of them.
 */
#ifndef PROC_FPU_H
#define PROC_FPU_H

#include <proc/task.h>

/* struct _fpstate of a signal frame (uapi/asm/sigcontext.h): FNSAVE's image, then FXSAVE's. */
#define FPU_FRAME_BYTES 624

/* Finds out what there is, and switches it on. */
void fpu_init(void);

/* #NM: the current task uses the FPU for the first time. False: there is none, or no memory. */
bool fpu_first_use(void);

/* At each switch, with interrupts off. */
void fpu_switch(const struct task *from, const struct task *to);

/* What the current task has in the registers is safe from the one to the other, whoever uses them in
 * between. With interrupts off. */
void fpu_put_aside(void);
void fpu_take_back(void);

/* fork(): the child has the same registers. False: no memory. */
bool fpu_fork(struct task *child);

/* A child that has never run gives them back. */
void fpu_free(struct task *child);

/* execve(), the end: the current task has not used it. */
void fpu_drop(void);

/* x87: the errors that have come and are not masked (SDM 1 §8.1.3, bits 0 to 5); else SSE's. */
uint32_t fpu_errors(void);

/* To and from a signal frame; `user` 0: the program had not used it. False: bad address. After
 * fpu_to_user() the registers are as at the start of a program. */
bool fpu_to_user(uint32_t user);
bool fpu_from_user(uint32_t user);

#endif
