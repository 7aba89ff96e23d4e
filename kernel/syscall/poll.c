/*
 * poll.c: waiting for several files at once: poll(2), select(2).
 *
 * select() is poll() with its files in bitmaps: it is turned into one.
 */
#include <fs/fd.h>
#include <fs/poll.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/clock.h>
#include <proc/signal_mask.h>
#include <proc/task_private.h>
#include <syscall/table.h>

#define NANOSECONDS 1000000000ull
#define US_PER_SECOND 1000000u
#define FOREVER UINT64_MAX

/* As programs give it. */
struct pollfd {
    int32_t fd;
    uint16_t events, revents;
};

void poll_wait(struct poll_table *table, struct wait_queue *queue) {
    if (!table || table->used == table->size) return;
    wait_add_call(queue, &table->entries[table->used++], table->wake, table->with);
}

/* What of `events` has come to one file; errors count always. */
static uint16_t ask(const struct pollfd *poll, struct poll_table *table) {
    if (poll->fd < 0) return 0;
    struct file *file = fd_file((uint32_t)poll->fd);
    if (!file) return POLLNVAL;
    uint32_t ready = file->flags & O_PATH ? POLLNVAL
                     : file->ops->poll    ? file->ops->poll(file, table)
                                          : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
    file_put(file);
    return (uint16_t)(ready & (poll->events | POLLERR | POLLHUP | POLLNVAL));
}

/* Asks all of them; answers how many are ready. From the first that is, nobody waits any more. */
static int32_t ask_all(struct pollfd *polls, uint32_t count, struct poll_table *table) {
    int32_t ready = 0;

    for (uint32_t i = 0; i < count; i++) {
        polls[i].revents = ask(&polls[i], ready ? 0 : table);
        if (polls[i].revents) ready++;
    }
    return ready;
}

/* Until one is ready, the deadline, or a signal: how many are, 0, or -ERESTARTNOHAND. */
static int32_t wait_until(struct pollfd *polls, uint32_t count, uint64_t deadline) {
    struct poll_table table = {.size = count * QUEUES_PER_FILE};
    int error = 0;

    int32_t ready = ask_all(polls, count, 0);
    if (ready || clock_monotonic() >= deadline) return ready;
    table.entries = kmalloc(table.size * sizeof *table.entries, GFP_KERNEL);
    if (!table.entries) return -ENOMEM;
    for (ready = ask_all(polls, count, &table); !ready && !error;) {
        uint32_t ticks = clock_ticks_until(deadline);
        if (!ticks) break;
        error = task_sleep(ticks);
        ready = ask_all(polls, count, 0);
    }
    while (table.used) wait_remove(&table.entries[--table.used]);
    kfree(table.entries);
    return ready || !error ? ready : -ERESTARTNOHAND;
}

/* ---- times, as the calls give them ---- */

/* From now on for so long. */
static uint64_t deadline_after(uint64_t seconds, uint64_t nanoseconds) {
    if (seconds > INT32_MAX) return FOREVER;
    return clock_monotonic() + seconds * NANOSECONDS + nanoseconds;
}

/* A time in memory of the program, of 32 or 64 bits a number. */
static int read_time(uint32_t user, bool wide, uint64_t *deadline) {
    uint64_t time[2];
    uint32_t narrow[2];

    *deadline = FOREVER;
    if (!user) return 0;
    if (wide) {
        if (copy_from_user(time, user, sizeof time)) return -EFAULT;
        time[1] &= UINT32_MAX; /* the upper half of tv_nsec is padding on i386 */
    } else {
        if (copy_from_user(narrow, user, sizeof narrow)) return -EFAULT;
        time[0] = (uint64_t)(int32_t)narrow[0];
        time[1] = narrow[1];
    }
    if ((int64_t)time[0] < 0 || time[1] >= NANOSECONDS) return -EINVAL;
    *deadline = deadline_after(time[0], time[1]);
    return 0;
}

/* What is left of it goes back to the program, which may not be able to have it: that is no error. */
static void write_time(uint32_t user, bool wide, uint32_t unit, uint64_t deadline) {
    uint64_t now = clock_monotonic(), left = deadline > now ? deadline - now : 0;
    uint64_t time[2] = {left / NANOSECONDS, left % NANOSECONDS / (uint32_t)(NANOSECONDS / unit)};
    uint32_t narrow[2] = {(uint32_t)time[0], (uint32_t)time[1]};

    if (!user) return;
    if (wide)
        (void)copy_to_user(user, time, sizeof time);
    else
        (void)copy_to_user(user, narrow, sizeof narrow);
}

/* ---- poll ---- */

static int32_t poll_user(uint32_t user, uint32_t count, uint64_t deadline) {
    if (count > fd_limit()) return -EINVAL;
    struct pollfd *polls = kmalloc(count * sizeof *polls, GFP_KERNEL);
    if (!polls) return -ENOMEM;
    int32_t answer = copy_from_user(polls, user, count * sizeof *polls);
    if (!answer) answer = wait_until(polls, count, deadline);
    for (uint32_t i = 0; i < count && answer >= 0; i++) {
        uint32_t place = user + i * (uint32_t)sizeof *polls + offsetof(struct pollfd, revents);
        if (copy_to_user(place, &polls[i].revents, sizeof polls[i].revents)) answer = -EFAULT;
    }
    kfree(polls);
    return answer;
}

/* The program's time is from when it called: made again after a signal, the call goes on to the same moment. */
enum { USER, COUNT, UNTIL_LOW, UNTIL_HIGH };

static int32_t poll_again(const uint32_t *arguments) {
    uint64_t deadline = arguments[UNTIL_LOW] | (uint64_t)arguments[UNTIL_HIGH] << 32;
    int32_t answer = poll_user(arguments[USER], arguments[COUNT], deadline);

    if (answer != -ERESTARTNOHAND) return answer;
    current->proc->restart = poll_again;
    return -ERESTART_RESTARTBLOCK;
}

int32_t sys_poll(struct pt_regs *regs) {
    struct task_private *me = current->proc;
    int32_t milliseconds = (int32_t)regs->edx;
    uint64_t deadline = milliseconds < 0
                            ? FOREVER
                            : clock_monotonic() + (uint32_t)milliseconds * 1000000ull;

    me->restart_arguments[USER] = regs->ebx;
    me->restart_arguments[COUNT] = regs->ecx;
    me->restart_arguments[UNTIL_LOW] = (uint32_t)deadline;
    me->restart_arguments[UNTIL_HIGH] = (uint32_t)(deadline >> 32);
    return poll_again(me->restart_arguments);
}

static int32_t ppoll(struct pt_regs *regs, bool wide) {
    uint64_t deadline;

    int32_t answer = read_time(regs->edx, wide, &deadline);
    if (!answer) answer = signal_mask_for_wait(regs->esi, regs->edi);
    if (answer) return answer;
    answer = poll_user(regs->ebx, regs->ecx, deadline);
    signal_mask_after_wait(answer == -ERESTARTNOHAND);
    write_time(regs->edx, wide, (uint32_t)NANOSECONDS, deadline);
    return answer;
}

int32_t sys_ppoll(struct pt_regs *regs) {
    return ppoll(regs, false);
}

int32_t sys_ppoll_time64(struct pt_regs *regs) {
    return ppoll(regs, true);
}

/* ---- select ---- */

enum set { SET_READ, SET_WRITE, SET_EXCEPT, SETS };

#define FDS_OF_SELECT 1024u
#define WORDS (FDS_OF_SELECT / 32)

struct selection {
    uint32_t bits[SETS][WORDS];
    uint32_t user[SETS]; /* addresses; 0: no such set */
    uint32_t fds;
    struct pollfd polls[FDS_OF_SELECT];
};

static const uint16_t wanted_events[SETS] = {POLLIN | POLLRDNORM, POLLOUT | POLLWRNORM, POLLPRI};
static const uint16_t ready_events[SETS] = {POLLIN | POLLRDNORM | POLLHUP | POLLERR,
                                            POLLOUT | POLLWRNORM | POLLERR, POLLPRI};

static uint32_t set_bytes(const struct selection *all) {
    return (all->fds + 31) / 32 * 4;
}

static int read_sets(struct selection *all) {
    for (unsigned set = 0; set < SETS; set++)
        if (all->user[set] && copy_from_user(all->bits[set], all->user[set], set_bytes(all)))
            return -EFAULT;
    return 0;
}

static int write_sets(const struct selection *all) {
    for (unsigned set = 0; set < SETS; set++)
        if (all->user[set] && copy_to_user(all->user[set], all->bits[set], set_bytes(all)))
            return -EFAULT;
    return 0;
}

/* The polls of all that is in a set; their number, or -EBADF. */
static int32_t polls_of(struct selection *all) {
    uint32_t count = 0;

    for (uint32_t fd = 0; fd < all->fds; fd++) {
        uint16_t events = 0;
        for (unsigned set = 0; set < SETS; set++)
            if (all->bits[set][fd / 32] >> fd % 32 & 1) events |= wanted_events[set];
        if (!events) continue;
        if (!fd_entry(fd)) return -EBADF;
        all->polls[count++] = (struct pollfd){.fd = (int32_t)fd, .events = events};
    }
    return (int32_t)count;
}

/* Leaves in the sets what has come; answers how many bits those are. */
static int32_t sets_of(struct selection *all, uint32_t count) {
    int32_t bits = 0;

    memset(all->bits, 0, sizeof all->bits);
    for (uint32_t i = 0; i < count; i++) {
        const struct pollfd *poll = &all->polls[i];
        for (unsigned set = 0; set < SETS; set++) {
            if (!(poll->events & wanted_events[set]) || !(poll->revents & ready_events[set]))
                continue;
            all->bits[set][poll->fd / 32] |= 1u << poll->fd % 32;
            bits++;
        }
    }
    return bits;
}

static int32_t select_sets(struct selection *all, uint64_t deadline) {
    int32_t count = read_sets(all);
    if (!count) count = polls_of(all);
    if (count < 0) return count;
    int32_t answer = wait_until(all->polls, (uint32_t)count, deadline);
    if (answer < 0) return answer;
    answer = sets_of(all, (uint32_t)count);
    return write_sets(all) ? -EFAULT : answer;
}

static int32_t select_user(uint32_t fds, uint32_t read, uint32_t write, uint32_t except,
                           uint64_t deadline) {
    if ((int32_t)fds < 0) return -EINVAL;
    struct selection *all = kzalloc(sizeof *all, GFP_KERNEL);
    if (!all) return -ENOMEM;
    all->fds = fds < FDS_OF_SELECT ? fds : FDS_OF_SELECT;
    all->user[SET_READ] = read;
    all->user[SET_WRITE] = write;
    all->user[SET_EXCEPT] = except;
    int32_t answer = select_sets(all, deadline);
    kfree(all);
    return answer;
}

/* Microseconds may be more than a second has, for select() alone. */
static int32_t read_timeval(uint32_t user, uint64_t *deadline) {
    int32_t time[2];

    *deadline = FOREVER;
    if (!user) return 0;
    if (copy_from_user(time, user, sizeof time)) return -EFAULT;
    if (time[0] < 0 || time[1] < 0) return -EINVAL;
    *deadline = deadline_after((uint32_t)time[0] + (uint32_t)time[1] / US_PER_SECOND,
                               (uint32_t)time[1] % US_PER_SECOND * (uint32_t)(NANOSECONDS / US_PER_SECOND));
    return 0;
}

int32_t sys__newselect(struct pt_regs *regs) {
    uint64_t deadline;

    int32_t answer = read_timeval(regs->edi, &deadline);
    if (answer) return answer;
    answer = select_user(regs->ebx, regs->ecx, regs->edx, regs->esi, deadline);
    write_time(regs->edi, false, US_PER_SECOND, deadline);
    return answer;
}

/* select(): the five arguments lie in memory. */
int32_t sys_select(struct pt_regs *regs) {
    uint32_t argument[5];

    if (copy_from_user(argument, regs->ebx, sizeof argument)) return -EFAULT;
    struct pt_regs five = {.ebx = argument[0], .ecx = argument[1], .edx = argument[2],
                           .esi = argument[3], .edi = argument[4]};
    return sys__newselect(&five);
}

/* The sixth argument of pselect6() points to the mask and its size. */
static int32_t pselect(struct pt_regs *regs, bool wide) {
    uint32_t mask[2] = {0, 0};
    uint64_t deadline;

    if (regs->ebp && copy_from_user(mask, regs->ebp, sizeof mask)) return -EFAULT;
    int32_t answer = read_time(regs->edi, wide, &deadline);
    if (!answer) answer = signal_mask_for_wait(mask[0], mask[1]);
    if (answer) return answer;
    answer = select_user(regs->ebx, regs->ecx, regs->edx, regs->esi, deadline);
    signal_mask_after_wait(answer == -ERESTARTNOHAND);
    write_time(regs->edi, wide, (uint32_t)NANOSECONDS, deadline);
    return answer;
}

int32_t sys_pselect6(struct pt_regs *regs) {
    return pselect(regs, false);
}

int32_t sys_pselect6_time64(struct pt_regs *regs) {
    return pselect(regs, true);
}
