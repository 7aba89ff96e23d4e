/*
 * wait.h: how a driver waits for its disk.
 */
#ifndef BLOCK_WAIT_H
#define BLOCK_WAIT_H

#include <block/block.h>

struct wait_queue;

/*
 * Comes back once over(with) is true. That is asked with interrupts off: first, after each
 * wake_up(queue), and now and then (each tick at least, with BLOCK_HLT). No task runs between its last
 * answer and the return. Interrupts come in meanwhile, even if they were off before.
 */
void block_wait_until(struct wait_queue *queue, bool (*over)(void *with), void *with,
                      enum block_wait wait);

#endif
