/*
 * load.c: the load average: every 5 seconds each of the three moves towards the number of tasks that
 * run or sleep uninterruptibly, by 1 - e^(-5 s / its time).
 */
#include <dev/pit.h>
#include <proc/load.h>
#include <proc/task.h>

#define ONE (1u << LOAD_SHIFT)
#define PERIOD_TICKS (5 * HZ)

static uint32_t averages[3];
static const uint32_t decay[3] = {1884, 2014, 2037}; /* ONE * e^(-5/60), e^(-5/300), e^(-5/900) */

uint32_t load_average(unsigned which) {
    return averages[which];
}

static uint32_t wanting(void) {
    uint32_t count = 0;

    for (const struct task *task = task_first(); task; task = task->next)
        if (task->pid && (task->state == TASK_RUNNING || task->state == TASK_UNINTERRUPTIBLE)) count++;
    return count;
}

void load_tick(void) {
    static uint32_t ticks;

    if (++ticks < PERIOD_TICKS) return;
    ticks = 0;
    uint32_t now = wanting() << LOAD_SHIFT;
    for (unsigned i = 0; i < 3; i++)
        averages[i] = (averages[i] * decay[i] + now * (ONE - decay[i])) >> LOAD_SHIFT;
}
