/*
 * overflow.c: a function that calls itself without end. The kernel lets the stack grow to its
 * limit; then the process ends, or its handler is called: on another stack, as on this one there is
 * no room.
 */
#include "lib.h"

static volatile uint32_t depth;
static uint32_t first_frame;

__attribute__((noinline)) static uint32_t recurse(uint32_t n) {
    volatile char frame[1000];
    frame[0] = (char)n;
    if (!n) first_frame = (uint32_t)frame;
    depth = n;
    return (n == 0xFFFFFFFF ? 0 : recurse(n + 1)) + (uint32_t)frame[0];
}

static void on_fault(int signal, struct siginfo *info, struct ucontext *context) {
    printf("  handler: signal %d (%s) at %08x, ESP was %08x, call number %u,\n"
           "           %u KB below the first frame\n",
           signal, signal_name(signal), info->address, context->registers.esp, depth,
           (first_frame - info->address) / 1024);
    _exit(3);
}

static void try(const char *what, bool with_handler, uint32_t limit) {
    printf("%s\n", what);
    int32_t child = fork();
    if (!child) {
        if (limit) setrlimit(RLIMIT_STACK, &(struct rlimit){limit, limit});
        uint32_t other =
            mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        sigaltstack(&(struct stack_t){other, 0, 4 * PAGE}, NULL);
        if (with_handler) handle_info(SIGSEGV, on_fault, SA_ONSTACK);
        recurse(0);
    }
    int status;
    waitpid(child, &status, 0);
    printf("  the child ended: %s\n", describe_status(status));
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    try("without a handler:", false, 0);
    try("with a handler on a stack of its own:", true, 0);
    try("with a limit of 256 KB:", true, 256 << 10);
    return 0;
}
