/*
 * faults.c: what a program must not do. Each line is about two children that do it: one without a
 * handler, as most programs are, of which the kernel says how it ended; and one with a handler that
 * says what it was told.
 */
#include "lib.h"

static const int constant = 1;
static uint8_t ret[] = {0xC3};

static void read_null(void) {
    (void)*(volatile int *)0;
}
static void write_null(void) {
    *(volatile int *)8 = 1;
}
static void call_null(void) {
    ((void (*)(void))0)();
}
static void read_nothing(void) {
    (void)*(volatile int *)0x10000000;
}
static void read_kernel(void) {
    (void)*(volatile int *)(KERNEL_START + 0x100000);
}
static void write_code(void) {
    *(volatile char *)(uint32_t)write_code = 1;
}
static void read_without_rights(void) {
    (void)*(volatile int *)mmap(0, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void write_constant(void) {
    *(volatile int *)(uint32_t)&constant = 2;
}
static void run_data(void) {
    ((void (*)(void))(uint32_t)ret)();
}
static void divide(void) {
    __asm__ volatile("xor %%edx, %%edx\n xor %%ecx, %%ecx\n div %%ecx" ::: "eax", "ecx", "edx");
}
static void halt(void) {
    __asm__ volatile("hlt");
}
static void port(void) {
    __asm__ volatile("in $0x60, %%al" ::: "eax");
}
static void unknown(void) {
    __asm__ volatile("ud2");
}
static void beyond_file(void) {
    int fd = open("/tmp/faults", O_RDWR | O_CREAT | O_TRUNC, 0600);
    unlink("/tmp/faults");
    (void)*(volatile char *)mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
}

static void on_fault(int signal, struct siginfo *info, struct ucontext *context) {
    const struct sigcontext *at = &context->registers;
    printf(" %-22s %08x  %08x %2u %x", signal_name(signal), info->address, at->eip, at->trapno,
           at->error);
    _exit(0);
}

/* A child that does it; answers how it ended. */
static int child_does(void (*body)(void), bool handled) {
    int status;
    int32_t child = fork();

    if (!child) {
        for (int signal = SIGILL; signal <= SIGSEGV && handled; signal++)
            handle_info(signal, on_fault, 0);
        body();
        if (handled) printf(" nothing happened");
        _exit(0);
    }
    waitpid(child, &status, 0);
    return status;
}

/* First the one without a handler, as the kernel has a line to say about that. */
static void try(const char *what, void (*body)(void)) {
    int status = child_does(body, false);

    printf("%-26s", what);
    child_does(body, true);
    printf("   %s\n", describe_status(status));
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    printf("%-26s %-22s %-9s %-8s nr code  without a handler\n", "", "signal", "address", "EIP");
    try("read at 0", read_null);
    try("write at 8", write_null);
    try("call of 0", call_null);
    try("read where nothing is", read_nothing);
    try("read the kernel", read_kernel);
    try("write to code", write_code);
    try("write to a constant", write_constant);
    try("read without rights", read_without_rights);
    try("run data", run_data);
    try("read behind a file's end", beyond_file);
    try("divide by 0", divide);
    try("HLT", halt);
    try("IN from a port", port);
    try("an unknown instruction", unknown);
    printf(
        "nr: vector of the exception; code: of a page fault, 1 present, 2 write, 4 ring 3, 10 fetch\n");
    return 0;
}
