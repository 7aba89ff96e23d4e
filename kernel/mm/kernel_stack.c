/*
 * kernel_stack.c: a kernel stack is an area of vmalloc(). The page below an area is never mapped: it
 * is the guard page of the area before it, or nobody's. So it guards the stack too.
 */
#include <ascent/layout.h>
#include <cpu/stack.h>
#include <mm/kernel_stack.h>
#include <mm/vmalloc.h>

void *kernel_stack_alloc(const char *owner) {
    void *bottom = vmalloc(KERNEL_STACK_SIZE);

    if (!bottom) return NULL;
    if (stack_add((uint32_t)bottom, (uint32_t)bottom + KERNEL_STACK_SIZE, owner)) return bottom;
    vfree(bottom);
    return NULL;
}

void kernel_stack_free(void *bottom) {
    stack_remove((uint32_t)bottom);
    vfree(bottom);
}
