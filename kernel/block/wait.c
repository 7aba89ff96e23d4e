/*
 * wait.c: waits for a disk, with or without letting other tasks run.
 */
#include <block/wait.h>
#include <dev/pit.h>
#include <lib/irq.h>
#include <proc/wait.h>

#define LOOK_TICKS (HZ / 10) /* who sleeps looks that often for an interrupt that was lost */

static bool is_over(bool (*over)(void *with), void *with) {
    uint32_t eflags = irq_save();
    bool answer = over(with);

    irq_restore(eflags);
    return answer;
}

static void sleep_until(struct wait_queue *queue, bool (*over)(void *with), void *with) {
    struct wait_entry entry;

    wait_add(queue, &entry);
    while (!is_over(over, with)) task_sleep_uninterruptible(LOOK_TICKS);
    wait_remove(&entry);
}

/* The timer wakes it at each tick, if nothing else does. */
static void halt_until(bool (*over)(void *with), void *with) {
    uint32_t eflags = irq_save();

    while (!over(with)) {
        sti(); /* takes effect after HLT has begun (SDM 2B, STI), so no interrupt is missed */
        hlt();
        cli();
    }
    irq_restore(eflags);
}

void block_wait_until(struct wait_queue *queue, bool (*over)(void *with), void *with,
                      enum block_wait wait) {
    if (wait == BLOCK_SLEEP)
        sleep_until(queue, over, with);
    else
        halt_until(over, with);
}
