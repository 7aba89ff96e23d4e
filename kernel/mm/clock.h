/*
 * clock.h: which pages of programs are given up. One hand goes round over the entries of all spaces:
 *
 *      space 1                space 2
 *   [A] [ ] [A] [A]        [ ] [A] [ ]        A: used since the hand was here last
 *            ^ hand
 *
 * Where the processor has set A, the hand clears it and goes on; where it has not, nobody has used the page
 * for a whole turn, and it goes: one of a file is read again when it is wanted, all others go to the swap
 * area (swap.h). So what is used often stays, for one bit per page and no list that has to be kept in order.
 * As Linux 2.4 did it. The other way is a list of its entries with each frame (reverse maps): it finds the
 * entries of one frame at once, and costs 8 bytes for each entry there is, and work at each fork().
 */
#ifndef MM_CLOCK_H
#define MM_CLOCK_H

#include <mm/mm_struct.h>

/*
 * Takes up to `pages` entries out of the tables, of frames that requests for zone `wanted` could have, and
 * counts in `*scanned` those it looked at. Answers how many. Ends when every page has been looked at
 * twice. Takes no memory, does not wait, and frees no table: entries that others have found stay where
 * they are.
 */
unsigned clock_take_out(unsigned pages, enum zone_id wanted, uint32_t *scanned);

/* The space ends: the hand goes on to the next one, if it is there. */
void clock_space_ends(const struct mm_struct *mm);

/* Where the hand is: a null pointer for the space before the first turn, and after the last space. */
struct clock_hand {
    struct mm_struct *mm;
    uint32_t address;
};
struct clock_hand clock_hand(void);

#endif
