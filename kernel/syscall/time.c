/*
 * time.c: system calls about time: clocks, sleeping, alarms, times of processes.
 */
#include <dev/pit.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <proc/clock.h>
#include <proc/task_private.h>
#include <syscall/rusage.h>
#include <syscall/table.h>

#define US_PER_TICK (1000000u / HZ)

/* ---- times in user memory ---- */

#define SECONDS_MAX 9223372036ll /* Linux: KTIME_SEC_MAX: 292 years are as good as more */

static int check(uint64_t *ns, int64_t seconds, uint32_t rest) {
    if (seconds < 0 || rest >= NS_PER_SECOND) return -EINVAL;
    if (seconds >= SECONDS_MAX) {
        seconds = SECONDS_MAX;
        rest = 0;
    }
    *ns = (uint64_t)seconds * NS_PER_SECOND + rest;
    return 0;
}

int time_from_user32(uint64_t *ns, uint32_t user) {
    struct {
        int32_t seconds;
        uint32_t ns;
    } time;

    if (copy_from_user(&time, user, sizeof time)) return -EFAULT;
    return check(ns, time.seconds, time.ns);
}

/* The upper half of the nanoseconds is padding. */
int time_from_user64(uint64_t *ns, uint32_t user) {
    struct {
        int64_t seconds;
        uint32_t ns, padding;
    } time;

    if (copy_from_user(&time, user, sizeof time)) return -EFAULT;
    return check(ns, time.seconds, time.ns);
}

static int to_user32(uint32_t user, uint64_t ns) {
    uint64_t seconds;
    uint32_t time[2];

    time[1] = clock_split(ns, &seconds);
    time[0] = (uint32_t)seconds;
    return copy_to_user(user, time, sizeof time);
}

static int to_user64(uint32_t user, uint64_t ns) {
    uint64_t time[2];

    time[1] = clock_split(ns, &time[0]);
    return copy_to_user(user, time, sizeof time);
}

/* ---- clocks ---- */

enum clock {
    CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME, CLOCK_THREAD_CPUTIME, CLOCK_MONOTONIC_RAW,
    CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
    CLOCK_TAI = 11, /* nobody has told how many leap seconds there were */
};

static uint32_t process_ticks(void) {
    uint32_t ticks = 0;

    for_each_thread(thread, current) ticks += thread->user_ticks + thread->kernel_ticks;
    return ticks;
}

/* 0 or -EINVAL. */
static int read_clock(uint32_t clock, uint64_t *ns) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_TAI:
    case CLOCK_REALTIME_COARSE: *ns = clock_realtime(); return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME: *ns = clock_monotonic(); return 0;
    case CLOCK_PROCESS_CPUTIME: *ns = (uint64_t)process_ticks() * NS_PER_TICK; return 0;
    case CLOCK_THREAD_CPUTIME:
        *ns = (uint64_t)(current->user_ticks + current->kernel_ticks) * NS_PER_TICK;
        return 0;
    default: return -EINVAL;
    }
}

static int32_t gettime(const struct pt_regs *regs, int (*write)(uint32_t user, uint64_t ns)) {
    uint64_t ns;
    int error = read_clock(regs->ebx, &ns);

    return error ? error : write(regs->ecx, ns);
}

int32_t sys_clock_gettime(struct pt_regs *regs) {
    return gettime(regs, to_user32);
}

int32_t sys_clock_gettime64(struct pt_regs *regs) {
    return gettime(regs, to_user64);
}

static int32_t getres(const struct pt_regs *regs, int (*write)(uint32_t user, uint64_t ns)) {
    uint64_t ns;
    int error = read_clock(regs->ebx, &ns);
    bool coarse = !tsc_khz || regs->ebx == CLOCK_REALTIME_COARSE ||
                  regs->ebx == CLOCK_MONOTONIC_COARSE || regs->ebx == CLOCK_PROCESS_CPUTIME ||
                  regs->ebx == CLOCK_THREAD_CPUTIME;

    if (error || !regs->ecx) return error;
    return write(regs->ecx, coarse ? NS_PER_TICK : 1);
}

int32_t sys_clock_getres(struct pt_regs *regs) {
    return getres(regs, to_user32);
}

int32_t sys_clock_getres_time64(struct pt_regs *regs) {
    return getres(regs, to_user64);
}

static int32_t settime(const struct pt_regs *regs, int (*read)(uint64_t *ns, uint32_t user)) {
    uint64_t ns;

    if (regs->ebx != CLOCK_REALTIME) return -EINVAL;
    int error = read(&ns, regs->ecx);
    if (error) return error;
    if (current->euid) return -EPERM;
    clock_set_realtime(ns);
    return 0;
}

int32_t sys_clock_settime(struct pt_regs *regs) {
    return settime(regs, time_from_user32);
}

int32_t sys_clock_settime64(struct pt_regs *regs) {
    return settime(regs, time_from_user64);
}

int32_t sys_time(struct pt_regs *regs) {
    uint64_t seconds;

    clock_split(clock_realtime(), &seconds);
    if (regs->ebx && put_user(regs->ebx, (uint32_t)seconds)) return -EFAULT;
    return (int32_t)seconds;
}

int32_t sys_gettimeofday(struct pt_regs *regs) {
    uint64_t seconds;
    uint32_t time[2] = {0}, zone[2] = {0};

    time[1] = clock_split(clock_realtime(), &seconds) / 1000;
    time[0] = (uint32_t)seconds;
    if (regs->ebx && copy_to_user(regs->ebx, time, sizeof time)) return -EFAULT;
    return regs->ecx ? copy_to_user(regs->ecx, zone, sizeof zone) : 0;
}

int32_t sys_settimeofday(struct pt_regs *regs) {
    uint32_t time[2];

    if (current->euid) return -EPERM;
    if (!regs->ebx) return 0;
    if (copy_from_user(time, regs->ebx, sizeof time)) return -EFAULT;
    if (time[1] >= 1000000) return -EINVAL;
    clock_set_realtime((uint64_t)time[0] * NS_PER_SECOND + (uint64_t)time[1] * 1000);
    return 0;
}

int32_t sys_stime(struct pt_regs *regs) {
    uint32_t seconds;

    if (current->euid) return -EPERM;
    if (get_user(&seconds, regs->ebx)) return -EFAULT;
    clock_set_realtime((uint64_t)seconds * NS_PER_SECOND);
    return 0;
}

/* ---- sleeping ---- */

/* Until clock_monotonic() is there. 0 or -ERESTARTSYS. */
static int sleep_until(uint64_t until) {
    uint32_t ticks;
    int error = 0;

    while (!error && (ticks = clock_ticks_until(until)) > 0) error = task_sleep(ticks);
    return error;
}

/* How a sleep goes on after a signal without a handler: the moment, where the rest of the time goes,
 * and which kind of time that is. */
enum { UNTIL_LOW, UNTIL_HIGH, REMAINDER, IS_64 };

static int32_t sleep_again(const uint32_t *arguments) {
    uint64_t until = arguments[UNTIL_LOW] | (uint64_t)arguments[UNTIL_HIGH] << 32;
    uint32_t remainder = arguments[REMAINDER];

    if (!sleep_until(until)) return 0;
    uint64_t now = clock_monotonic(), left = until - now;
    if (now >= until) return 0;
    if (remainder && (arguments[IS_64] ? to_user64 : to_user32)(remainder, left)) return -EFAULT;
    current->proc->restart = sleep_again;
    return -ERESTART_RESTARTBLOCK;
}

static int32_t sleep_for(uint64_t ns, uint32_t remainder, bool is_64) {
    struct task_private *me = current->proc;
    uint64_t until = clock_monotonic() + ns;

    me->restart_arguments[UNTIL_LOW] = (uint32_t)until;
    me->restart_arguments[UNTIL_HIGH] = (uint32_t)(until >> 32);
    me->restart_arguments[REMAINDER] = remainder;
    me->restart_arguments[IS_64] = is_64;
    return sleep_again(me->restart_arguments);
}

int32_t sys_nanosleep(struct pt_regs *regs) {
    uint64_t ns;
    int error = time_from_user32(&ns, regs->ebx);

    return error ? error : sleep_for(ns, regs->ecx, false);
}

#define TIMER_ABSTIME 1u

static bool can_sleep_by(uint32_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME || clock == CLOCK_TAI;
}

/* Until `clock` is there, which may be set meanwhile. 0 or -ERESTARTNOHAND. */
static int32_t sleep_until_moment(uint32_t clock, uint64_t moment) {
    struct wait_entry entry;
    uint64_t now;
    int error = 0;

    wait_add(&clock_is_set, &entry);
    while (!error && !read_clock(clock, &now) && now < moment)
        error = task_sleep(clock_ticks_until(clock_monotonic() + (moment - now)));
    wait_remove(&entry);
    return error ? -ERESTARTNOHAND : 0;
}

static int32_t clock_sleep(const struct pt_regs *regs, bool is_64) {
    uint64_t ns = 0, now;
    int error = read_clock(regs->ebx, &now);

    if (error) return error;
    if (!can_sleep_by(regs->ebx)) return -EOPNOTSUPP;
    error = (is_64 ? time_from_user64 : time_from_user32)(&ns, regs->edx);
    if (error) return error;
    if (!(regs->ecx & TIMER_ABSTIME)) return sleep_for(ns, regs->esi, is_64);
    return sleep_until_moment(regs->ebx, ns);
}

int32_t sys_clock_nanosleep(struct pt_regs *regs) {
    return clock_sleep(regs, false);
}

int32_t sys_clock_nanosleep_time64(struct pt_regs *regs) {
    return clock_sleep(regs, true);
}

/* ---- alarms ---- */

#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2

struct itimer {
    uint32_t interval_seconds, interval_us, seconds, us;
};

static uint64_t to_ns(uint32_t seconds, uint32_t us) {
    return (uint64_t)seconds * NS_PER_SECOND + us * 1000;
}

static uint32_t to_ticks(uint32_t seconds, uint32_t us) {
    uint64_t ticks = (to_ns(seconds, us) + NS_PER_TICK - 1) / NS_PER_TICK;

    return ticks < TIMER_MAX ? (uint32_t)ticks : TIMER_MAX;
}

static struct itimer to_itimer(uint64_t ns, uint64_t interval) {
    uint64_t seconds, interval_seconds;
    uint32_t rest = clock_split(ns, &seconds), interval_rest = clock_split(interval, &interval_seconds);

    return (struct itimer){(uint32_t)interval_seconds, interval_rest / 1000, (uint32_t)seconds, rest / 1000};
}

/* Until it expires: at least a microsecond, as 0 says that it is off. */
static uint64_t alarm_left(const struct interval_timer *alarm) {
    uint64_t now = clock_monotonic();

    if (!alarm->at) return 0;
    return alarm->at > now + 1000 ? alarm->at - now : 1000;
}

static int read_itimer(uint32_t which, struct itimer *value) {
    const struct signal_struct *signal = current->proc->signal;

    switch (which) {
    case ITIMER_REAL: *value = to_itimer(alarm_left(&signal->alarm), signal->alarm.interval); break;
    case ITIMER_VIRTUAL:
        *value = to_itimer((uint64_t)signal->virtual_ticks * NS_PER_TICK,
                           (uint64_t)signal->virtual_interval * NS_PER_TICK);
        break;
    case ITIMER_PROF:
        *value = to_itimer((uint64_t)signal->profile_ticks * NS_PER_TICK,
                           (uint64_t)signal->profile_interval * NS_PER_TICK);
        break;
    default: return -EINVAL;
    }
    return 0;
}

/* Time of the processor is counted in ticks, of which one has begun. */
static void write_itimer(uint32_t which, const struct itimer *value) {
    struct signal_struct *signal = current->proc->signal;
    uint64_t ns = to_ns(value->seconds, value->us);
    uint32_t ticks = ns ? to_ticks(value->seconds, value->us) + 1 : 0;
    uint32_t interval = to_ticks(value->interval_seconds, value->interval_us);

    if (which == ITIMER_REAL) {
        alarm_set(signal, ns ? clock_monotonic() + ns : 0, to_ns(value->interval_seconds, value->interval_us));
    } else if (which == ITIMER_VIRTUAL) {
        signal->virtual_ticks = ticks;
        signal->virtual_interval = interval;
    } else {
        signal->profile_ticks = ticks;
        signal->profile_interval = interval;
    }
}

int32_t sys_getitimer(struct pt_regs *regs) {
    struct itimer value;
    int error = read_itimer(regs->ebx, &value);

    return error ? error : copy_to_user(regs->ecx, &value, sizeof value);
}

int32_t sys_setitimer(struct pt_regs *regs) {
    struct itimer value = {0}, before;

    if (regs->ecx && copy_from_user(&value, regs->ecx, sizeof value)) return -EFAULT;
    if (value.us >= 1000000 || value.interval_us >= 1000000) return -EINVAL;
    if ((int32_t)value.seconds < 0 || (int32_t)value.interval_seconds < 0) return -EINVAL;
    int error = read_itimer(regs->ebx, &before);
    if (error) return error;
    write_itimer(regs->ebx, &value);
    return regs->edx ? copy_to_user(regs->edx, &before, sizeof before) : 0;
}

/* Rounded to the nearest, but what was left is never 0. */
int32_t sys_alarm(struct pt_regs *regs) {
    const struct itimer value = {.seconds = regs->ebx > INT32_MAX ? INT32_MAX : regs->ebx};
    uint64_t left = alarm_left(&current->proc->signal->alarm), seconds;

    write_itimer(ITIMER_REAL, &value);
    uint32_t rest = clock_split(left, &seconds);
    return (int32_t)seconds + (rest >= NS_PER_SECOND / 2 || (rest && !seconds));
}

/* ---- times of processes ---- */

int32_t sys_times(struct pt_regs *regs) {
    const struct task *leader = task_leader(current);
    uint32_t times[4] = {0, 0, leader->children_user_ticks, leader->children_kernel_ticks};

    for_each_thread(thread, current) {
        times[0] += thread->user_ticks;
        times[1] += thread->kernel_ticks;
    }
    if (regs->ebx && copy_to_user(regs->ebx, times, sizeof times)) return -EFAULT;
    return (int32_t)(jiffies & INT32_MAX);
}

/* struct rusage (getrusage(2)): what is not counted is 0. */
struct rusage {
    uint32_t user_seconds, user_us, system_seconds, system_us;
    uint32_t max_rss, ixrss, idrss, isrss;
    uint32_t minor_faults, major_faults, swaps, blocks_in, blocks_out, sent, received, signals;
    uint32_t voluntary, involuntary;
};

static int put_rusage(uint32_t user, const struct wait_answer *answer, uint32_t max_rss_pages) {
    const struct rusage usage = {
        .user_seconds = answer->user_ticks / HZ,
        .user_us = answer->user_ticks % HZ * US_PER_TICK,
        .system_seconds = answer->kernel_ticks / HZ,
        .system_us = answer->kernel_ticks % HZ * US_PER_TICK,
        .max_rss = max_rss_pages * 4, /* KB */
        .minor_faults = answer->minor_faults,
        .major_faults = answer->major_faults,
        .voluntary = answer->voluntary_switches,
        .involuntary = answer->involuntary_switches,
    };

    return copy_to_user(user, &usage, sizeof usage);
}

int rusage_of_child(uint32_t user, const struct wait_answer *answer) {
    return put_rusage(user, answer, 0);
}

#define RUSAGE_SELF 0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD 1

static void add_task(struct wait_answer *sum, const struct task *task) {
    sum->user_ticks += task->user_ticks;
    sum->kernel_ticks += task->kernel_ticks;
    sum->minor_faults += task->proc->minor_faults;
    sum->major_faults += task->proc->major_faults;
    sum->voluntary_switches += task->voluntary_switches;
    sum->involuntary_switches += task->involuntary_switches;
}

int32_t sys_getrusage(struct pt_regs *regs) {
    const struct task *leader = task_leader(current);
    struct wait_answer sum = {0};

    switch ((int32_t)regs->ebx) {
    case RUSAGE_SELF:
        for_each_thread(thread, current) add_task(&sum, thread);
        break;
    case RUSAGE_THREAD: add_task(&sum, current); break;
    case RUSAGE_CHILDREN:
        sum.user_ticks = leader->children_user_ticks;
        sum.kernel_ticks = leader->children_kernel_ticks;
        sum.minor_faults = leader->proc->children_minor_faults;
        sum.major_faults = leader->proc->children_major_faults;
        return put_rusage(regs->ecx, &sum, 0);
    default: return -EINVAL;
    }
    sum.minor_faults += current->mm->minor_faults;
    sum.major_faults += current->mm->major_faults;
    return put_rusage(regs->ecx, &sum, current->mm->peak_rss);
}
