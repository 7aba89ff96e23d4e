/*
 * stack.c: the kernel's stacks. Searched from end to end: reports are nearly the only readers.
 */
#include <ascent/layout.h>
#include <cpu/stack.h>
#include <lib/string.h>

#define FIRST_STACKS 2
#define STACKS_MAX 512

/* In .rodata, where nothing can damage it. */
static const struct kernel_stack first[FIRST_STACKS] = {
    {(uint32_t)kernel_stack, (uint32_t)kernel_stack_top, "start"},
    {(uint32_t)double_fault_stack, (uint32_t)double_fault_stack_top, "#DF"},
};
static struct kernel_stack more[STACKS_MAX - FIRST_STACKS];

static const struct kernel_stack *stack_at(unsigned i) {
    return i < FIRST_STACKS ? &first[i] : &more[i - FIRST_STACKS];
}

/* One of those that were added, or for 0 a place for one. */
static struct kernel_stack *with_bottom(uint32_t bottom) {
    for (unsigned i = 0; i < STACKS_MAX - FIRST_STACKS; i++)
        if (more[i].bottom == bottom) return &more[i];
    return 0;
}

bool stack_add(uint32_t bottom, uint32_t top, const char *owner) {
    struct kernel_stack *place = with_bottom(0);

    if (!place) return false;
    strlcpy(place->owner, owner, sizeof place->owner);
    place->top = top;
    place->bottom = bottom;
    return true;
}

void stack_remove(uint32_t bottom) {
    struct kernel_stack *stack = with_bottom(bottom);

    if (stack) *stack = (struct kernel_stack){0};
}

const struct kernel_stack *stack_of(uint32_t address) {
    for (unsigned i = 0; i < STACKS_MAX; i++)
        if (address >= stack_at(i)->bottom && address < stack_at(i)->top) return stack_at(i);
    return 0;
}

const struct kernel_stack *stack_guarded_at(uint32_t address) {
    for (unsigned i = 0; i < STACKS_MAX; i++)
        if (stack_at(i)->bottom && stack_at(i)->bottom - 1 - address < PAGE_SIZE) return stack_at(i);
    return 0;
}
