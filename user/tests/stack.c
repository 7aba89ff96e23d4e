/*
 * stack.c: the stack grows when it is touched, to its limit and not further.
 */
#include "test.h"

static uint32_t stack_pointer(void) {
    uint32_t esp;
    __asm__ volatile("mov %%esp, %0" : "=r"(esp));
    return esp;
}

__attribute__((noinline)) static int large_frame(int fill) {
    volatile char space[65536];
    for (uint32_t i = 0; i < sizeof space; i++) space[i] = (char)fill;
    return space[4095] + space[65535];
}

void test_stack_large_object(void) {
    SAME(large_frame(3), 6);
}

void test_stack_grows_page_by_page(void) {
    uint32_t esp = stack_pointer() & -PAGE;
    for (uint32_t i = 1; i < 100; i++) SAME(try_write(esp - i * PAGE), NO_FAULT);
}

/* PUSHA below the last page of the stack: eight registers at once. */
__attribute__((noinline)) static void pusha_at(uint32_t address) {
    __asm__ volatile(
        "mov %%esp, %%esi\n mov %0, %%esp\n pusha\n popa\n mov %%esi, %%esp" ::"r"(address)
        : "esi", "memory");
}

void test_stack_pusha_crosses_page(void) {
    uint32_t esp = stack_pointer() & -PAGE;
    pusha_at(esp - 40 * PAGE + 16);
    pusha_at(esp - 50 * PAGE);
    SAME(*words_at(esp - 50 * PAGE) & 0, 0);
}

void test_stack_far_below_esp(void) {
    /* Linux looks only at the limit since 4.20, not at how far ESP is. */
    SAME(try_write(stack_pointer() - (1 << 20)), NO_FAULT);
}

void test_stack_beyond_limit(void) {
    struct rlimit limit;
    WORKS(getrlimit(RLIMIT_STACK, &limit));
    SAME(limit.now, 8 << 20);
    SAME(try_write(stack_pointer() - (9 << 20)), MAPERR);
}

static void use_stack(void) {
    SAME(try_write(stack_pointer() - (1 << 20)), MAPERR);
    SAME(try_write(stack_pointer() - (100 << 10)), NO_FAULT);
}

void test_stack_limit_set(void) {
    struct rlimit limit = {256 << 10, 256 << 10};
    WORKS(setrlimit(RLIMIT_STACK, &limit));
    SAME(end_of(use_stack), EXITED(0));
}

static volatile int depth;
__attribute__((noinline)) static int recurse(int n) {
    volatile char space[1000];
    space[0] = (char)n;
    depth = n;
    return (n < 0 ? 0 : recurse(n + 1)) + space[0]; /* never so deep */
}

static void recurse_for_ever(void) {
    recurse(0);
}

void test_stack_overflow_kills(void) {
    SAME(end_of(recurse_for_ever), KILLED(SIGSEGV));
}

static uint32_t other_stack;
static volatile uint32_t overflow_address;

static void on_overflow(int signal, struct siginfo *info, struct ucontext *context) {
    (void)signal, (void)context;
    overflow_address = info->address;
    uint32_t here = stack_pointer();
    CHECK(here > other_stack && here <= other_stack + 16 * PAGE);
    CHECK(depth > 4000); /* 8 MB of frames of 1 KB */
    SAME(info->code, SEGV_MAPERR);
    _exit(5);
}

static void overflow_with_handler(void) {
    other_stack = map_pages(16);
    struct stack_t stack = {other_stack, 0, 16 * PAGE};
    WORKS(sigaltstack(&stack, NULL));
    WORKS(handle_info(SIGSEGV, on_overflow, SA_ONSTACK));
    recurse(0);
}

void test_stack_overflow_caught_on_other_stack(void) {
    SAME(end_of(overflow_with_handler), EXITED(5));
}

static void overflow_without_stack(void) {
    WORKS(handle(SIGSEGV, note_signal, 0));
    recurse(0);
}

void test_stack_overflow_handler_without_stack_kills(void) {
    SAME(end_of(overflow_without_stack), KILLED(SIGSEGV));
}

void test_stack_grows_in_system_call(void) {
    int fd = make_file("/tmp/stack", PAGE);
    uint8_t *far = (uint8_t *)(stack_pointer() - (300 << 10)); /* not there yet */
    SAME(pread(fd, far, PAGE, 0), PAGE);
    SAME(far[100], PATTERN(100));
    WORKS(unlink("/tmp/stack"));
}

void test_stack_guard_gap(void) {
    /* Nothing is placed so near below the stack that it could not be told from an overflow. */
    uint32_t start = 0, end = 0;
    area_of(stack_pointer(), &start, &end);
    uint32_t below = start - 64 * PAGE;
    SAME(mmap(below, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
         below);
    SAME(try_write(start - PAGE), MAPERR); /* the gap is 256 pages */
    SAME(try_write(below), NO_FAULT);
}

void test_stack_is_called_stack(void) {
    static char maps[8192];
    WORKS(read_file("/proc/self/maps", maps, sizeof maps));
    CHECK(strstr(maps, "[stack]") != NULL);
    CHECK(!strncmp(area_of(stack_pointer(), NULL, NULL), "rw", 2));
}

static void bad_stack_pointer(void) {
    __asm__ volatile("mov $0x1000, %esp\n push %eax");
}

void test_stack_pointer_bad_kills(void) {
    SAME(end_of(bad_stack_pointer), KILLED(SIGSEGV));
}

static void bad_stack_pointer_in_call(void) {
    /* The kernel does not need the program's stack for a system call. */
    __asm__ volatile("mov $0x1000, %%esp\n mov $252, %%eax\n mov $7, %%ebx\n int $0x80" ::
                         : "memory");
}

void test_stack_pointer_bad_in_system_call(void) {
    SAME(end_of(bad_stack_pointer_in_call), EXITED(7));
}
