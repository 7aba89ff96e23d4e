/*
 * time.c: sleeping, timers and time-outs: never too early, and to the moment that was asked for.
 */
#include "test.h"

static uint64_t now_ns(void) {
    struct timespec now;
    WORKS(clock_gettime(CLOCK_MONOTONIC, &now));
    return (uint64_t)now.seconds * 1000000000 + (uint32_t)now.nanoseconds;
}

static uint32_t ms_since(uint64_t start) {
    return (uint32_t)((now_ns() - start) / 1000000);
}

void test_sleep_is_never_too_short(void) {
    static const int32_t lengths[] = {0, 1, 999999, 3000000, 9999999, 10000001, 15000000, 29999999};
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            struct timespec wanted = {0, lengths[i]};
            uint64_t start = now_ns();
            WORKS(nanosleep(&wanted, NULL));
            CHECK(now_ns() - start >= (uint32_t)lengths[i]);
        }
}

void test_poll_is_never_too_short(void) {
    for (int ms = 1; ms < 30; ms += 4) {
        uint64_t start = now_ns();
        SAME(poll(NULL, 0, ms), 0);
        CHECK(ms_since(start) >= (uint32_t)ms);
    }
}

void test_sleep_until_a_moment(void) {
    struct timespec at;
    WORKS(clock_gettime(CLOCK_MONOTONIC, &at));
    WORKS(syscall(NR_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL)); /* it has been */
    uint64_t start = now_ns();
    for (int i = 0; i < 20; i++) {
        at.nanoseconds += 13000000;
        if (at.nanoseconds >= 1000000000) at.seconds++, at.nanoseconds -= 1000000000;
        WORKS(syscall(NR_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL));
        CHECK(now_ns() >= (uint64_t)at.seconds * 1000000000 + (uint32_t)at.nanoseconds);
    }
    CHECK(ms_since(start) < 20 * 13 + 100); /* to be late once does not make the others late */
}

void test_sleep_clocks(void) {
    const struct timespec none = {0, 0};
    FAILS(syscall(NR_clock_nanosleep, 99, 0, &none, NULL), EINVAL);
    FAILS(syscall(NR_clock_nanosleep, 3, 0, &none, NULL), EOPNOTSUPP); /* of the thread's processor time */
    FAILS(syscall(NR_clock_nanosleep, 4, 0, &none, NULL), EOPNOTSUPP); /* CLOCK_MONOTONIC_RAW */
    FAILS(syscall(NR_clock_nanosleep, 5, 0, &none, NULL), EOPNOTSUPP); /* CLOCK_REALTIME_COARSE */
    WORKS(syscall(NR_clock_nanosleep, 7, 0, &none, NULL));             /* CLOCK_BOOTTIME */
    FAILS(syscall(NR_clock_nanosleep, 99, 0, kernel_start(), NULL), EINVAL);
    FAILS(syscall(NR_clock_nanosleep, CLOCK_MONOTONIC, 0, kernel_start(), NULL), EFAULT);
}

/* 292 years, as a time of 64 bits can say it. */
void test_sleep_for_ever(void) {
    struct timespec64 wanted = {INT64_MAX, 999999999}, left = {0, 0};
    const struct itimerval soon = {{0, 0}, {0, 30000}};
    WORKS(handle(SIGALRM, note_signal, SA_RESTART));
    WORKS(syscall(NR_setitimer, 0, &soon, NULL));
    FAILS(syscall(NR_clock_nanosleep64, CLOCK_MONOTONIC, 0, &wanted, &left), EINTR);
    SAME(caught, 1);
    CHECK(left.seconds > 9000000000);
}

/* How long a child takes for a sleep of SLEEP_MS that SIGSTOP breaks off and SIGCONT lets go on, without a
 * handler. */
#define SLEEP_MS 700
#define STOPPED_AFTER_MS 100
#define STOPPED_MS 400

static uint32_t ms_with_a_stop(void (*sleep)(void)) {
    volatile uint32_t *times = words_at(WORKS(
        mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)));
    int32_t child = WORKS(fork());
    if (!child) {
        uint64_t start = now_ns();
        times[0] = 1;
        sleep();
        times[1] = ms_since(start);
        _exit(0);
    }
    while (!times[0]) sleep_ms(1);
    sleep_ms(STOPPED_AFTER_MS);
    WORKS(kill(child, SIGSTOP));
    sleep_ms(STOPPED_MS);
    WORKS(kill(child, SIGCONT));
    SAME(ended(child), EXITED(0));
    return times[1];
}

static void poll_once(void) {
    SAME(poll(NULL, 0, SLEEP_MS), 0);
}
static void ppoll_once(void) {
    struct timespec wanted = {0, SLEEP_MS * 1000000};
    SAME(syscall(NR_ppoll, NULL, 0, &wanted, NULL, 8), 0);
}
static void select_once(void) {
    struct timeval wanted = {0, SLEEP_MS * 1000};
    SAME(syscall(NR__newselect, 0, NULL, NULL, NULL, &wanted), 0);
}
static void pselect_once(void) {
    struct timespec wanted = {0, SLEEP_MS * 1000000};
    SAME(syscall(NR_pselect6, 0, NULL, NULL, NULL, &wanted, NULL), 0);
}
static void sleep_once(void) {
    struct timespec wanted = {0, SLEEP_MS * 1000000};
    SAME(nanosleep(&wanted, NULL), 0);
}

/* These go on to the moment at which they would have ended. */
static void check_same_end(void (*sleep)(void)) {
    uint32_t took = ms_with_a_stop(sleep);
    CHECK(took >= SLEEP_MS && took < SLEEP_MS + STOPPED_MS - 50);
}

/* These have told the program what was left, and begin anew with that. */
static void check_same_length(void (*sleep)(void)) {
    CHECK(ms_with_a_stop(sleep) >= SLEEP_MS + STOPPED_MS - 50);
}

void test_sleep_goes_on_after_a_stop(void) {
    check_same_end(sleep_once);
}
void test_poll_goes_on_after_a_stop(void) {
    check_same_end(poll_once);
}
void test_ppoll_goes_on_after_a_stop(void) {
    check_same_length(ppoll_once);
}
void test_select_goes_on_after_a_stop(void) {
    check_same_length(select_once);
}
void test_pselect_goes_on_after_a_stop(void) {
    check_same_length(pselect_once);
}

void test_timer_left(void) {
    struct itimerval timer = {{0, 0}, {5, 0}}, left;
    WORKS(handle(SIGALRM, note_signal, 0));
    WORKS(syscall(NR_setitimer, 0, &timer, NULL));
    WORKS(syscall(NR_getitimer, 0, &left));
    CHECK(left.value.seconds == 4 || (left.value.seconds == 5 && left.value.microseconds == 0));
    timer.value = (struct timeval){0, 0};
    WORKS(syscall(NR_setitimer, 0, &timer, &left));
    CHECK(left.value.seconds == 4 || left.value.seconds == 3);
    WORKS(syscall(NR_getitimer, 0, &left));
    CHECK(left.value.seconds == 0 && left.value.microseconds == 0);
    FAILS(syscall(NR_getitimer, 3, &left), EINVAL);
}

#define RING_US 11000
#define RINGS 100

/* Where the clock ticks every 10 ms, a timer of 11 ms comes at some ticks and not at others, and not each
 * time a tick too late. */
void test_timer_does_not_drift(void) {
    struct itimerval timer = {{0, RING_US}, {0, RING_US}};
    WORKS(handle(SIGALRM, note_signal, SA_RESTART));
    uint64_t start = now_ns();
    WORKS(syscall(NR_setitimer, 0, &timer, NULL));
    while (ms_since(start) < RINGS * RING_US / 1000) pause();
    CHECK(caught > RINGS * 5 / 8 && caught <= RINGS + 1);
}

void test_timer_is_never_too_soon(void) {
    for (int32_t us = 1; us < 30000; us += 3777) {
        struct itimerval timer = {{0, 0}, {0, us}};
        uint64_t mask = signal_bit(SIGALRM), start = now_ns();
        WORKS(sigprocmask(SIG_BLOCK, &mask, NULL));
        WORKS(syscall(NR_setitimer, 0, &timer, NULL));
        SAME(syscall(NR_rt_sigtimedwait, &mask, NULL, NULL, 8), SIGALRM);
        CHECK(now_ns() - start >= (uint32_t)us * 1000);
    }
}

/* A moment of the clock of the day comes at once when that is set behind it. */
void test_sleep_until_the_clock_is_set(void) {
    struct timespec now, far;
    WORKS(clock_gettime(CLOCK_REALTIME, &now));
    far = (struct timespec){now.seconds + 1000, 0};
    int32_t child = WORKS(fork());
    if (!child) _exit(syscall(NR_clock_nanosleep, CLOCK_REALTIME, 1, &far, NULL) ? 1 : 0);
    sleep_ms(50);
    WORKS(syscall(NR_clock_settime, CLOCK_REALTIME, &(struct timespec){now.seconds + 2000, 0}));
    sleep_ms(100);
    int status = -1;
    int32_t found = waitpid(child, &status, WNOHANG);
    WORKS(syscall(NR_clock_settime, CLOCK_REALTIME, &now));
    kill(child, SIGKILL);
    SAME(found, child);
    SAME(status, EXITED(0));
}

void test_select_microseconds(void) {
    int32_t more_than_a_second[2] = {0, 1000001}, less_than_none[2] = {0, -1};
    uint64_t start = now_ns();
    SAME(syscall(NR__newselect, 0, NULL, NULL, NULL, more_than_a_second), 0);
    CHECK(ms_since(start) >= 1000);
    FAILS(syscall(NR__newselect, 0, NULL, NULL, NULL, less_than_none), EINVAL);
}

void test_clock_of_atomic_time(void) {
    const struct timespec ten_ms = {0, 10000000};
    struct timespec now;
    WORKS(clock_gettime(CLOCK_TAI, &now));
    WORKS(syscall(NR_clock_nanosleep, CLOCK_TAI, 0, &ten_ms, NULL));
}

void test_clock_that_is_not_set(void) {
    FAILS(syscall(NR_clock_settime, CLOCK_MONOTONIC, 16), EINVAL);
    FAILS(syscall(NR_clock_settime, CLOCK_REALTIME, 16), EFAULT);
}
