/*
 * futex.c: sleeping on a word of user memory. What memory it is decides who meets: for private memory
 * the space and the address, for shared memory the file and the byte of it. Not the frame: that may go to
 * the disk, or be given up, and the byte is in another when it is touched next.
 */
#include <dev/pit.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <mm/vma.h>
#include <proc/clock.h>
#include <proc/futex.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <stddef.h>

static struct futex_sleeper *first, **end = &first; /* only tasks come here */

static bool same(const struct futex_key *a, const struct futex_key *b) {
    return a->mm == b->mm && a->place == b->place && a->device == b->device &&
           a->inode == b->inode;
}

static void add(struct futex_sleeper *sleeper) {
    sleeper->next = NULL;
    sleeper->link = end;
    *end = sleeper;
    end = &sleeper->next;
}

static void take_out(struct futex_sleeper *sleeper) {
    *sleeper->link = sleeper->next;
    if (sleeper->next) sleeper->next->link = sleeper->link;
    else end = sleeper->link;
    sleeper->link = NULL;
}

/* Reads the word, which also brings the page in. */
static int find(uint32_t user, bool private, struct futex_key *key, uint32_t *value) {
    if (user & 3) return -EINVAL;
    if (get_user(value, user)) return -EFAULT;
    *key = (struct futex_key){.mm = current->mm, .place = user};
    if (private) return 0;
    const struct vm_area_struct *area = vma_find(current->mm, user);
    if (area && area->flags & VM_SHARED)
        *key = (struct futex_key){
            .device = file_device(area->file),
            .inode = file_inode_number(area->file),
            .place = (uint64_t)area_pgoff(area, user) << PAGE_SHIFT | user % PAGE_SIZE,
        };
    return 0;
}

int32_t futex_wait(uint32_t user, bool private, uint32_t value, uint32_t bits, uint64_t until) {
    struct futex_sleeper *me = &current->proc->futex;
    uint32_t now;
    int32_t error = find(user, private, &me->key, &now);

    if (error) return error;
    if (!bits) return -EINVAL;
    if (now != value) return -EAGAIN;
    me->bits = bits;
    me->task = current;
    me->woken = false;
    add(me);
    while (!me->woken && !error) {
        uint32_t ticks = clock_ticks_until(until);
        if (ticks == 0) error = -ETIMEDOUT;
        else error = task_sleep(ticks);
    }
    if (me->woken) return 0;
    take_out(me);
    return error;
}

static void wake(struct futex_sleeper *sleeper) {
    take_out(sleeper);
    sleeper->woken = true;
    task_wake(sleeper->task);
}

int32_t futex_wake(uint32_t user, bool private, uint32_t most, uint32_t bits) {
    struct futex_key key;
    uint32_t value;
    int32_t count = 0, error = find(user, private, &key, &value);
    struct futex_sleeper *next;

    if (error) return error;
    if (!bits) return -EINVAL;
    for (struct futex_sleeper *sleeper = first; sleeper && (uint32_t)count < most; sleeper = next) {
        next = sleeper->next;
        if (!same(&sleeper->key, &key) || !(sleeper->bits & bits)) continue;
        wake(sleeper);
        count++;
    }
    return count;
}

int32_t futex_requeue(uint32_t user, uint32_t to, bool private, uint32_t most, uint32_t move) {
    struct futex_key key, other;
    uint32_t value;
    int32_t count = 0, error = find(user, private, &key, &value);
    struct futex_sleeper *next, *last = first;

    if (!error) error = find(to, private, &other, &value);
    if (error) return error;
    while (last && last->next) last = last->next; /* what is moved goes behind it */
    for (struct futex_sleeper *sleeper = first; sleeper; sleeper = next) {
        next = sleeper == last ? NULL : sleeper->next;
        if (!same(&sleeper->key, &key)) continue;
        if ((uint32_t)count < most) {
            wake(sleeper);
        } else if ((uint32_t)count - most < move) {
            sleeper->key = other;
        } else {
            break;
        }
        count++;
    }
    return count;
}

/* ---- the end of a thread ---- */

/* struct robust_list_head (uapi/linux/futex.h) */
#define ROBUST_OFFSET 4
#define ROBUST_PENDING 8
#define ROBUST_MOST 2048 /* locks: the list may be a ring */

#define FUTEX_TID_MASK 0x3FFFFFFFu
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_WAITERS 0x80000000u

/* A lock that the thread holds at its end: the next one who wants it is told. */
static void owner_died(uint32_t user) {
    uint32_t value;

    if (get_user(&value, user) || (value & FUTEX_TID_MASK) != current->pid) return;
    if (put_user(user, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED)) return;
    if (value & FUTEX_WAITERS) futex_wake(user, false, 1, ~0u);
}

static void leave_robust_list(uint32_t head) {
    uint32_t entry, offset, pending;

    if (get_user(&entry, head) || get_user(&offset, head + ROBUST_OFFSET) ||
        get_user(&pending, head + ROBUST_PENDING))
        return;
    for (unsigned i = 0; i < ROBUST_MOST && (entry & ~1u) != head; i++) {
        uint32_t next;
        bool more = get_user(&next, entry & ~1u) == 0; /* bit 0: of a priority-inheriting lock */
        if ((entry & ~1u) != (pending & ~1u)) owner_died((entry & ~1u) + offset);
        if (!more) break;
        entry = next;
    }
    if (pending) owner_died((pending & ~1u) + offset);
}

void futex_leave(bool others_stay) {
    struct task_private *me = current->proc;

    if (me->robust_list) leave_robust_list(me->robust_list);
    if (me->clear_child_tid && others_stay && !put_user(me->clear_child_tid, 0))
        futex_wake(me->clear_child_tid, false, 1, ~0u);
    me->robust_list = me->clear_child_tid = 0;
}
