/*
 * no_signals.c: what files ask of signals and of the clock, until there are any.
 */
#include <proc/signal_mask.h>
#include <proc/task.h>

#define UNTIL_THEN __attribute__((weak))

UNTIL_THEN int signal_send(struct task *task, unsigned signal) {
    (void)task, (void)signal;
    return 0;
}

UNTIL_THEN int signal_send_group(uint32_t pgrp, unsigned signal) {
    (void)pgrp, (void)signal;
    return 0;
}

UNTIL_THEN bool signal_is_ignored(unsigned signal) {
    (void)signal;
    return false;
}

UNTIL_THEN uint64_t clock_realtime(void) {
    return 0;
}

UNTIL_THEN uint64_t clock_monotonic(void) {
    return 0;
}

UNTIL_THEN int signal_mask_for_wait(uint32_t user, uint32_t bytes) {
    (void)user, (void)bytes;
    return 0;
}

UNTIL_THEN void signal_mask_after_wait(bool broken_off) {
    (void)broken_off;
}
