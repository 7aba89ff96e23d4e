/*
 * kernel_stack.h: new kernel stacks.
 */
#ifndef MM_KERNEL_STACK_H
#define MM_KERNEL_STACK_H

/*
 * A stack of KERNEL_STACK_SIZE bytes, mapped in every address space, with a guard page below it and
 * `owner` as its name in reports; answers its bottom. A null pointer if there is no memory, or there
 * are too many stacks. Not in interrupt handlers.
 */
void *kernel_stack_alloc(const char *owner);

/* Gives it back. Nothing may run on it. */
void kernel_stack_free(void *bottom);

#endif
