/*
 * signal_mask.c: other signals blocked for the time of one call.
 */
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/signal_mask.h>
#include <proc/task_private.h>

int signal_mask_for_wait(uint32_t user, uint32_t bytes) {
    struct task_private *me = current->proc;
    sigset_t mask;

    if (!user) return 0;
    if (bytes != sizeof mask) return -EINVAL;
    if (copy_from_user(&mask, user, sizeof mask)) return -EFAULT;
    me->blocked_before = me->blocked;
    me->restore_blocked = true;
    signal_block(mask);
    return 0;
}

/* A handler's frame has the usual ones, so that they are set when it returns: deliver.c. */
void signal_mask_after_wait(bool broken_off) {
    struct task_private *me = current->proc;

    if (!me->restore_blocked) return;
    if (broken_off) {
        me->look = true;
        return;
    }
    me->restore_blocked = false;
    signal_block(me->blocked_before);
}
