/*
 * stack.h: every kernel stack there is, for backtraces, for the report of an overflow and for #DF.
 *
 *   guard page, never mapped | bottom ... stack, grows down ... top
 *
 * They are kept in an array, not a list: reports look here when anything may be damaged.
 * mm/kernel_stack.h makes new ones.
 */
#ifndef CPU_STACK_H
#define CPU_STACK_H

#include <stdbool.h>
#include <stdint.h>

#define STACK_OWNER_MAX 16 /* with the NUL */

struct kernel_stack {
    uint32_t bottom, top; /* addresses; the guard page lies below the bottom. 0: not in use */
    char owner[STACK_OWNER_MAX];
};

/* The first two: where the kernel starts, and where #DF is handled (stacks.asm). */
extern char kernel_stack_guard[], kernel_stack[], kernel_stack_top[];
extern char double_fault_stack_guard[], double_fault_stack[], double_fault_stack_top[];

/* From now on there is this stack too; `owner` is copied, and cut to fit. False: there are too many. */
bool stack_add(uint32_t bottom, uint32_t top, const char *owner);

/* It is no stack any more. Nothing happens if there is none with this bottom. */
void stack_remove(uint32_t bottom);

/* The stack that `address` lies in, or a null pointer. The top itself is not in it. */
const struct kernel_stack *stack_of(uint32_t address);

/* The stack whose guard page `address` lies in, or a null pointer. */
const struct kernel_stack *stack_guarded_at(uint32_t address);

#endif
