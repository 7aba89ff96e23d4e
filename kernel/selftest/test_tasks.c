/*
 * test_tasks.c: kernel threads: the switch, the queue, sleeping and waking, timers.
 */
#include <cpu/control.h>
#include <cpu/stack.h>
#include <cpu/trap.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kernel_stack.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/thread.h>
#include <selftest/accounting.h>
#include <selftest/failures.h>
#include <selftest/test.h>

#define THREADS 4
#define ROUNDS 50

static unsigned running; /* threads that have not come to their end */
static struct wait_queue all_done;

static void done(void) {
    if (--running == 0) wake_up(&all_done);
}

static bool start(const char *name, void (*run)(void *with), void *with) {
    running++;
    if (HAVE(thread_start(name, 0, run, with))) return true;
    running--;
    return false;
}

/* Until all threads have ended, and the last one's stack is given back. */
static void join(void) {
    struct wait_entry entry;

    wait_add(&all_done, &entry);
    while (running) task_sleep_uninterruptible(WAIT_FOREVER);
    wait_remove(&entry);
    while (task_count() > 1) task_yield();
}

/* ---- the switch -------------------------------------------------------------------------------- */

static char order[THREADS * 3 + 1];
static unsigned written;

static void write_name(void *with) {
    for (unsigned i = 0; i < 3; i++) {
        order[written++] = *(const char *)with;
        task_yield();
    }
    done();
}

/* Each in its turn, and the one that has started them in between. */
static void round_robin(void) {
    accounting_start();
    written = 0;
    memset(order, 0, sizeof order);
    bool all = true;
    for (unsigned i = 0; i < THREADS; i++) all &= start("robin", write_name, &"abcd"[i]);
    join();
    if (all) CHECK_TEXT(order, "abcdabcdabcd");
    accounting_check();
}

/* switch_stacks() alone, without C around it, which saves registers itself: to a stack where others have
 * other values, and back. */
uint32_t switch_test_here, switch_test_there;
void switch_test_other(void);

__asm__(".pushsection .text\n"
        "switch_test_other:\n\t"
        "movl $0xDEAD, %ebx\n\t"
        "movl %ebx, %esi\n\t"
        "movl %ebx, %edi\n\t"
        "movl %ebx, %ebp\n\t"
        "movl $switch_test_there, %eax\n\t"
        "movl switch_test_here, %edx\n\t"
        "call switch_stacks\n"
        ".popsection");

static void registers_are_kept(void) {
    static uint32_t stack[64];
    uint32_t ebx, esi, edi, ebp_before, ebp_after, eflags = irq_save();
    uint32_t *from = &switch_test_here, *to = &stack[59];

    stack[63] = (uint32_t)switch_test_other; /* above it four registers are popped */
    __asm__ volatile("movl %%ebp, %3\n\t"
                     "call switch_stacks\n\t"
                     "movl %%ebp, %4"
                     : "=b"(ebx), "=S"(esi), "=D"(edi), "=m"(ebp_before), "=m"(ebp_after), "+a"(from),
                       "+d"(to)
                     : "b"(1), "S"(2), "D"(3)
                     : "ecx", "cc", "memory");
    irq_restore(eflags);
    CHECK_EQUAL(ebx, 1);
    CHECK_EQUAL(esi, 2);
    CHECK_EQUAL(edi, 3);
    CHECK_EQUAL(ebp_after, ebp_before);
}

static void look_at_stack(void *with) {
    const struct kernel_stack *stack = stack_of((uint32_t)&with);

    CHECK(stack);
    if (stack) CHECK_TEXT(stack->owner, "looker");
    CHECK(current == task_find(current->pid));
    CHECK_TEXT(current->name, "looker");
    uint32_t eflags = irq_save();
    irq_restore(eflags);
    CHECK(eflags & EFLAGS_IF);
    done();
}

static void stack_of_its_own(void) {
    struct task *me = current;

    accounting_start();
    start("looker", look_at_stack, NULL);
    join();
    CHECK(current == me);
    accounting_check();
}

static void just_end(void *with) {
    (void)with;
    done();
}

/* None of them runs before there is no memory, or no stack, for another; then all comes back. Not with
 * each of the thousands of allocations failing in turn. */
static void as_many_as_there_may_be(void) {
    unsigned started = 0;

    if (failures_wanted()) return;
    accounting_start();
    while (thread_start("one of many", 0, just_end, NULL)) {
        started++;
        running++;
    }
    CHECK_EQUAL(task_count(), started + 1);
    CHECK(started < TASKS_MAX);
    join();
    accounting_check();
}

/* ---- sleeping and waking ----------------------------------------------------------------------- */

static struct wait_queue ball;
static unsigned turn;

/* Each waits for its number, and passes the turn on. */
static void play(void *with) {
    unsigned me = (unsigned)with;
    struct wait_entry entry;

    wait_add(&ball, &entry);
    for (unsigned i = 0; i < ROUNDS; i++) {
        while (turn % 2 != me) task_sleep_uninterruptible(WAIT_FOREVER);
        turn++;
        wake_up(&ball);
    }
    wait_remove(&entry);
    done();
}

static void ping_pong(void) {
    accounting_start();
    turn = 0;
    bool both = start("ping", play, (void *)0);
    if (both && !start("pong", play, (void *)1)) {
        running++;
        play((void *)1);
    }
    join();
    if (both) CHECK_EQUAL(turn, 2 * ROUNDS);
    accounting_check();
}

/* Woken before it sleeps: it does not sleep. Once. */
static void no_wake_is_lost(void) {
    struct wait_queue queue = {0};
    struct wait_entry entry;

    wait_add(&queue, &entry);
    wake_up(&queue);
    uint32_t before = jiffies;
    CHECK_EQUAL(task_sleep(HZ), 0);
    CHECK(jiffies - before < HZ);
    before = jiffies;
    CHECK_EQUAL(task_sleep(3), 0);
    CHECK(jiffies - before >= 3);
    wait_remove(&entry);
    CHECK(!queue.first);
}

static void sleep_has_an_end(void) {
    for (uint32_t ticks = 1; ticks < 4; ticks++) {
        uint32_t before = jiffies;
        task_sleep_uninterruptible(ticks);
        CHECK(jiffies - before >= ticks);
    }
    uint32_t before = jiffies;
    CHECK_EQUAL(task_sleep(0), 0);
    CHECK(jiffies - before < 2);
}

static struct wait_queue from_handler;
static trap_handler *timer;

static void wake_in_handler(struct pt_regs *regs) {
    timer(regs);
    wake_up(&from_handler);
}

static void woken_by_an_interrupt(void) {
    struct wait_entry entry;

    wait_add(&from_handler, &entry);
    uint32_t eflags = irq_save(); /* no tick between the handler and what it calls */
    timer = irq_set_handler(IRQ_TIMER, wake_in_handler);
    irq_restore(eflags);
    CHECK_EQUAL(task_sleep(WAIT_FOREVER), 0);
    irq_set_handler(IRQ_TIMER, timer);
    wait_remove(&entry);
}

/* One that waits in two queues is woken by either, and is in neither afterwards. */
static void two_queues(void) {
    struct wait_queue one = {0}, two = {0};
    struct wait_entry in_one, in_two;

    for (unsigned i = 0; i < 2; i++) {
        wait_add(&one, &in_one);
        wait_add(&two, &in_two);
        wake_up(i ? &one : &two);
        CHECK_EQUAL(task_sleep(WAIT_FOREVER), 0);
        wait_remove(&in_one);
        wait_remove(&in_two);
        CHECK(!one.first && !two.first);
    }
}

/* ---- timers ------------------------------------------------------------------------------------ */

static char expired[8];

static struct timer timers[3];

static void note(struct timer *expired_one) {
    expired[strlen(expired)] = (char)('a' + (expired_one - timers));
}

/* In the order of their times; those of one time in the order in which they were started. */
static void timers_expire_in_order(void) {
    memset(expired, 0, sizeof expired);
    uint32_t eflags = irq_save();
    for (unsigned i = 0; i < 3; i++) timers[i].expired = note;
    timer_start(&timers[0], 3);
    timer_start(&timers[1], 1);
    timer_start(&timers[2], 3);
    irq_restore(eflags);
    task_sleep_uninterruptible(5);
    CHECK_TEXT(expired, "bac");
    eflags = irq_save();
    timer_start(&timers[0], 2);
    timer_start(&timers[0], 1);
    timer_start(&timers[1], 2);
    timer_stop(&timers[1]);
    timer_stop(&timers[1]);
    irq_restore(eflags);
    task_sleep_uninterruptible(4);
    CHECK_TEXT(expired, "baca");
}

static const struct test_case cases[] = {
    {"round_robin", round_robin},
    {"registers_are_kept", registers_are_kept},
    {"stack_of_its_own", stack_of_its_own},
    {"as_many_as_there_may_be", as_many_as_there_may_be},
    {"ping_pong", ping_pong},
    {"no_wake_is_lost", no_wake_is_lost},
    {"sleep_has_an_end", sleep_has_an_end},
    {"woken_by_an_interrupt", woken_by_an_interrupt},
    {"two_queues", two_queues},
    {"timers_expire_in_order", timers_expire_in_order},
};

const struct test_suite suite_tasks = TEST_SUITE("tasks", cases);
