/*
 * grow.c: memory that is there only when it is touched: the heap after brk(), and the stack, which
 * nobody asks for at all.
 */
#include "lib.h"

static uint32_t resident(void) {
    char text[128];
    read_file("/proc/self/statm", text, sizeof text);
    return parse_number(strchr(text, ' '), 10);
}

static uint32_t size(void) {
    char text[128];
    read_file("/proc/self/statm", text, sizeof text);
    return parse_number(text, 10);
}

static void say(const char *what) {
    printf("%-44s size %5u pages, in memory %5u\n", what, size(), resident());
}

static void touch(uint32_t from, uint32_t pages) {
    for (uint32_t i = 0; i < pages; i++) *(volatile char *)(from + i * PAGE) = 1;
}

__attribute__((noinline)) static void use_stack(uint32_t kilobytes) {
    volatile char here;
    uint32_t top = (uint32_t)&here & -PAGE;
    for (uint32_t i = 1; i <= kilobytes / 4; i++) *(volatile char *)(top - i * PAGE) = 1;
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    uint32_t heap = (brk(0) + PAGE - 1) & -PAGE;
    say("at the start");
    brk(heap + 1000 * PAGE);
    say("brk(): 1000 pages more");
    touch(heap, 10);
    say("10 of them written");
    touch(heap, 500);
    say("500 of them written");
    brk(heap);
    say("brk(): back to the start");
    use_stack(400);
    say("400 KB of stack used, 4 KB at a time");
    struct rlimit limit;
    getrlimit(RLIMIT_STACK, &limit);
    printf("the stack may grow to %u KB: see overflow\n", limit.now / 1024);
    return 0;
}
