/*
 * timer.c: the timers that run, in the order in which they expire.
 */
#include <dev/pit.h>
#include <lib/irq.h>
#include <proc/timer.h>
#include <stddef.h>

static struct timer *first;

/* Jiffies wrap after 497 days. */
static int is_before(uint32_t a, uint32_t b) {
    return (int32_t)(a - b) < 0;
}

static void unlink(struct timer *timer) {
    if (!timer->link) return;
    *timer->link = timer->next;
    if (timer->next) timer->next->link = timer->link;
    timer->link = NULL;
}

void timer_start(struct timer *timer, uint32_t ticks) {
    struct timer **link = &first;
    uint32_t eflags = irq_save();

    unlink(timer);
    timer->at = jiffies + (ticks < TIMER_MAX ? ticks : TIMER_MAX);
    while (*link && !is_before(timer->at, (*link)->at)) link = &(*link)->next;
    timer->next = *link;
    timer->link = link;
    if (timer->next) timer->next->link = &timer->next;
    *link = timer;
    irq_restore(eflags);
}

void timer_stop(struct timer *timer) {
    uint32_t eflags = irq_save();

    unlink(timer);
    irq_restore(eflags);
}

void timers_tick(void) {
    while (first && !is_before(jiffies, first->at)) {
        struct timer *timer = first;
        unlink(timer);
        timer->expired(timer);
    }
}
