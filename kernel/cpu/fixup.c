/*
 * fixup.c: the table of instructions that may fault. It is short, so it is searched from end to end.
 */
#include <cpu/fixup.h>

struct fixup {
    uint32_t from, to;
};

extern const struct fixup __fixups_start[], __fixups_end[]; /* linker/kernel.ld */

/* #NP to #PF: of a selector, of the stack's segment, of anything with a selector, of a page. */
static const struct fixup *find(const struct pt_regs *regs) {
    if (user_mode(regs) || regs->vector < VECTOR_NP || regs->vector > VECTOR_PF) return 0;
    for (const struct fixup *fixup = __fixups_start; fixup < __fixups_end; fixup++)
        if (fixup->from == regs->eip) return fixup;
    return 0;
}

bool fixup_is_there(const struct pt_regs *regs) {
    return find(regs) != 0;
}

bool fixup_apply(struct pt_regs *regs) {
    const struct fixup *fixup = find(regs);

    if (fixup) regs->eip = fixup->to;
    return fixup != 0;
}

/* REP MOVSB keeps its count, and the addresses, in registers: at a fault ECX is what is left. */
uint32_t try_copy(void *to, const void *from, uint32_t bytes) {
    __asm__ volatile("1: rep movsb\n\t"
                     "2:\n\t" FIXUP(1b, 2b)
                     : "+c"(bytes), "+D"(to), "+S"(from)
                     :
                     : "memory");
    return bytes;
}
