/*
 * bios.h: calls of the BIOS from the kernel: back to real mode, and return.
 *
 *   bios_call()     bios.c          lends the BIOS what is its own: interrupt controllers, timer
 *   bios_switch()   switch.asm      leaves the kernel's stack and page tables
 *   real_enter      real/enter.asm  leaves paging and protected mode; and all the way back
 *   real_main()     real/main.c     INT n
 *
 * All of that stands still meanwhile: interrupts of ours are off, no task runs. A BIOS that does not
 * return has the machine for good: only a watchdog outside could notice.
 * Chapter: docs/28-back-to-real-mode.md.
 */
#ifndef BIOS_BIOS_H
#define BIOS_BIOS_H

#include <ascent/real_call.h>
#include <stdbool.h>

/* Puts the part that runs in real mode where it belongs, and makes its page tables. Where there is no memory
 * for them there are no calls. After mm_init(). */
void bios_init(void);

/* Is it there? */
bool bios_can_call(void);

/*
 * Calls BIOS interrupt `vector` with `regs` and CF = 1, and answers in `regs` what it returned. Buffers of
 * the call are to lie at REAL_BOUNCE_ADDR. From any task, not from interrupt handlers. It comes back with
 * interrupts as they were, once the BIOS is done; jiffies and timers have caught up then.
 */
void bios_call(uint8_t vector, struct bios_regs *regs);

/* The area that the two parts share: the packet for INT 13h, and the states on the way of the last call. */
struct real_call *bios_area(void);

/* How often the BIOS was called; ticks of the timer that were made up for. */
extern uint32_t bios_calls, bios_ticks_made_up;

#endif
