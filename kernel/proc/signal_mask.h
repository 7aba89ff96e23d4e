/*
 * signal_mask.h: calls that wait with other signals blocked than usual: ppoll(), pselect6().
 */
#ifndef PROC_SIGNAL_MASK_H
#define PROC_SIGNAL_MASK_H

#include <stdbool.h>
#include <stdint.h>

/* Blocks what the program's mask at `user` says (0: no change) until signal_mask_after_wait(). 0,
 * -EFAULT, or -EINVAL if its size is not 8 bytes. */
int signal_mask_for_wait(uint32_t user, uint32_t bytes);

/* The usual ones again; if a signal broke the wait off, after its handler has been given it. */
void signal_mask_after_wait(bool broken_off);

#endif
