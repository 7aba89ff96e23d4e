/*
 * fixup.h: the instructions that may fault, and where to go on when they do.
 *
 * A row for each: FIXUP() puts it into a table in .rodata (linker/kernel.ld). Any other instruction of
 * the kernel that faults is a defect, and is reported.
 */
#ifndef CPU_FIXUP_H
#define CPU_FIXUP_H

#include <cpu/regs.h>
#include <stdbool.h>

/* For inline assembly: a fault of the instruction at label `from` goes on at label `to`. */
#define FIXUP(from, to)                                                                    \
    ".pushsection .fixups, \"a\"\n\t"                                                      \
    ".long " #from ", " #to "\n\t"                                                         \
    ".popsection\n\t"

/* Lets the kernel go on at the fixup of the instruction that has faulted. False if it has none, was not
 * the kernel's, or if this is no fault of a memory access
 * or of a selector: a debugger's trap is not the access's fault. */
bool fixup_apply(struct pt_regs *regs);

/* Has the instruction that has faulted a fixup? */
bool fixup_is_there(const struct pt_regs *regs);

/*
 * Copies `bytes` from an address that need not be mapped to one that is. Answers how many are left: 0
 * if all could be read.
 */
uint32_t try_copy(void *to, const void *from, uint32_t bytes);

#endif
