/*
 * steps.h: the numbers of the steps as an enum, and the places on the way. The table itself is
 * steps.def.
 */
#ifndef ASCENT_STEPS_H
#define ASCENT_STEPS_H

enum step_id {
#define STEP(number, name, ...) STEP_##name = (number),
#include <ascent/steps.def>
#undef STEP
};

#define STEPS 25 /* of a boot of our own kernel; those behind are of other kernels' */

/* Bits by number: the steps between which EIP, and ESP where it differs, leads to another place. At all
 * others the code just goes on. */
#define STEP_JUMPS \
    (1u << STEP_STAGE2 | 1u << STEP_CS_LOAD | 1u << STEP_KERNEL_ENTRY | 1u << STEP_SYSCALL)
#define STEP_PLACE_SHIFT 20 /* and so does an address in another megabyte: ESP on another stack */

/* From power-on to programs. PLACE(NAME, "how the screen names it") */
#define STEP_PLACES(PLACE)               \
    PLACE(BIOS, "BIOS")                  \
    PLACE(STAGE1, "stage 1")             \
    PLACE(REAL, "real mode")             \
    PLACE(PROTECTED, "protected")        \
    PLACE(PAGING, "paging")              \
    PLACE(HIGHER_HALF, "higher half")    \
    PLACE(KERNEL, "kernel")              \
    PLACE(RING3, "ring 3")

enum step_place {
#define PLACE(name, text) PLACE_##name,
    STEP_PLACES(PLACE)
#undef PLACE
    PLACES,
};

#endif
