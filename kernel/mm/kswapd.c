/*
 * kswapd.c: the kernel thread that makes memory free before it is needed: woken at `low`, it goes on until
 * `high`. It may sleep while the disk writes, so that programs run meanwhile; who has to reclaim for himself
 * makes everybody wait.
 */
#include <dev/pit.h>
#include <lib/irq.h>
#include <mm/buddy.h>
#include <mm/reclaim.h>
#include <mm/swap.h>
#include <proc/schedule.h>
#include <proc/thread.h>

#define PASS_TICKS HZ /* at most, for 32 pages that are written */
#define REST_TICKS HZ /* when there was nothing to give up: to look again at once is for nothing */

static struct task *kswapd;
static bool working;               /* woken, and not done yet */
static bool in_pass;               /* it may sleep in there */
static enum zone_id wanted;        /* by who woke it */
static struct wait_queue work;     /* what it waits for */
static struct wait_queue pass_end; /* what others wait for */

static void run(void *with);
static void make_room(void);

bool kswapd_start(void) {
    if (!kswapd) kswapd = thread_start("kswapd", 0, run, NULL);
    return kswapd;
}

void kswapd_wake(enum zone_id zone) {
    if (!kswapd) return;
    if (!working || zone > wanted) wanted = zone;
    if (!working) wake_up(&work);
    working = true;
}

bool reclaim_wait(void) {
    const uint32_t moved = swap_counts.in + swap_counts.out;
    struct wait_entry entry;

    if (!swap_total()) return false;
    wait_add(&pass_end, &entry);
    task_sleep_uninterruptible(in_pass ? PASS_TICKS : 1);
    wait_remove(&entry);
    return swap_counts.in + swap_counts.out != moved;
}

static void run(void *with) {
    struct wait_entry entry;

    (void)with;
    wait_add(&work, &entry);
    for (;;) {
        if (working) make_room();
        working = false;
        task_sleep(WAIT_FOREVER);
    }
}

static void make_room(void) {
    while (!frames_are_plenty(wanted)) {
        in_pass = true;
        unsigned freed = reclaim_pass(wanted, BLOCK_SLEEP, &reclaim_counts.kswapd);
        in_pass = false;
        wake_up(&pass_end);
        if (!freed) break;
        task_yield();
    }
    if (!frames_are_plenty(wanted)) task_sleep(REST_TICKS);
}
