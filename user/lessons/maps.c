/*
 * maps.c: where the parts of a program lie, and which of its pages are in memory.
 *
 * Four kinds of memory, one address each; then the kernel's list of areas (/proc/self/maps), and
 * page by page with frame and rights (/proc/self/pages, which Linux does not have).
 */
#include "lib.h"

static const char constant[] = "a constant";
static int data = 1;
static char bss[5 * PAGE];

static void line(const char *what, const volatile void *at) {
    uint8_t state = 0;
    mincore((uint32_t)at & -PAGE, PAGE, &state);
    printf("  %08x  %-34s %s\n", (uint32_t)at, what, state & 1 ? "in memory" : "not in memory yet");
}

static void show(const char *path) {
    static char text[16384];
    if (read_file(path, text, sizeof text) <= 0) return;
    printf("\n%s:\n", path);
    write_all(1, text, strlen(text));
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    uint32_t heap = brk(0);
    brk(heap + 4 * PAGE);
    uint32_t map = mmap(0, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *(volatile char *)map = 1;
    (void)*(volatile char *)(map + PAGE);
    data++;
    printf("The parts of this program, process %d:\n", getpid());
    line("code: main()", (const void *)main);
    line("a constant", constant);
    line("data, from the file", &data);
    line("bss, zero until it is written", bss + 3 * PAGE);
    line("heap, from brk()", (const void *)heap);
    line("map: the page that was written", (const void *)map);
    line("map: the page that was read", (const void *)(map + PAGE));
    line("map: the page behind them", (const void *)(map + 2 * PAGE));
    line("stack", &heap);
    line("environment, above the stack", environ);
    show("/proc/self/maps");
    show("/proc/self/pages");
    return 0;
}
