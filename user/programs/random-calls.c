/*
 * random-calls.c: random-calls SEED [CALLS]: random system calls with hostile arguments, from a
 * user without rights. The kernel has to go on as if nothing had happened.
 *
 * A child makes the calls, as it does not live long: it unmaps its own code, or sleeps for ever.
 * The parent counts what it has done, ends it when it stands still, and starts another.
 */
#include "lib.h"

#define LEAK_START 0xC0100000u /* the kernel's code and data */
#define LEAK_END 0xC0400000u
#define STANDSTILL_MS 60
#define CALLS_OF_CHILD 3000 /* then a new one: more and more of an old one fails */
#define NR_setuid32 213
#define NR_setgid32 214

#define WINDOW 64 /* calls between two looks at the buffer, which begins anew then */

struct call {
    uint32_t number, arguments[6];
};

struct progress { /* shared by all: what has been done */
    volatile uint32_t calls, unknown, failed, succeeded, leaks, last_number, last_answer;
    struct call window[WINDOW]; /* the last ones; those before the first leak, once there is one */
    uint32_t leak_at, leak_near[8];
};

static struct progress *progress;
static uint32_t state;

/* The buffer begins with paths that mean something, so that not every call fails at its first look.
 */
#define SHELL "/bin/sh"
#define PATHS 8
#define PATH_BYTES 32
static const char names[PATHS][PATH_BYTES] = {"/tmp/random",
                                              "/tmp/random/x",
                                              "/proc/self/maps",
                                              "/dev/zero",
                                              "/proc/meminfo",
                                              "/",
                                              SHELL,
                                              "."};
#define BUFFER_BYTES (8 * PAGE)
#define ODD_BYTES 16 /* at the end of the buffer, where what is written need not be aligned */
static char *buffer; /* with nothing behind it */

static uint32_t random(void) { /* xorshift32 */
    if (!state) state = 1;     /* a call may have written over it */
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Calls that are left out: they end or copy the process, turn the machine off, hit other processes
 * of this user, do nothing but wait, or fill the buffer with noise. */
static bool is_left_out(uint32_t number) {
    static const uint16_t numbers[] = {NR_exit,
                                       NR_fork,
                                       NR_exit_group,
                                       NR_clone,
                                       NR_vfork,
                                       NR_reboot,
                                       NR_kill,
                                       NR_tkill,
                                       NR_tgkill,
                                       435 /* clone3 */,
                                       178 /* rt_sigqueueinfo */,
                                       335 /* rt_tgsigqueueinfo */,
                                       26 /* ptrace */,
                                       NR_getrandom,
                                       424 /* pidfd_send_signal */,
                                       NR_pause,
                                       72 /* sigsuspend */,
                                       NR_rt_sigsuspend,
                                       NR_rt_sigtimedwait,
                                       421 /* the same, 64 bits */,
                                       97 /* setpriority */,
                                       154,
                                       156 /* sched_setscheduler */};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i] == number) return true;
    return false;
}

static uint32_t hostile(void) {
    static const uint32_t favourites[] = {0,
                                          1,
                                          2,
                                          0xFFFFFFFF,
                                          0x7FFFFFFF,
                                          0x80000000,
                                          PAGE,
                                          PAGE - 1,
                                          KERNEL_START,
                                          KERNEL_START - 1,
                                          KERNEL_START - PAGE,
                                          0xC0800000,
                                          0xFFFFF000,
                                          0xFFFFFFFC,
                                          0xFFC00000,
                                          (uint32_t)names, /* to be read only */
                                          0x10000,
                                          0xFFFF,
                                          -100u,
                                          0x40000000};
    uint32_t r = random();
    uint32_t part = r >> 16;
    switch (r >> 8 & 15) {
    case 0:
    case 1: return favourites[part % (sizeof favourites / sizeof *favourites)];
    case 2:
    case 3: return part & 15;    /* a descriptor, a flag */
    case 4: return part & 0xFFF; /* a size, a mode */
    case 5:
    case 6: return (uint32_t)buffer + sizeof names + (part & ~3u) % (BUFFER_BYTES - sizeof names);
    case 7: return (uint32_t)buffer + BUFFER_BYTES - (part & (ODD_BYTES - 1)); /* at its end */
    case 8:
    case 9: return (uint32_t)buffer + part % PATHS * PATH_BYTES;
    case 10: return 1u << (part & 31);
    case 11: return LEAK_END + (random() & 0x3FBFFFFF);
    case 12: return random() & 0xBFFFF000;
    case 13: return (uint32_t) - (int32_t)(part & 0xFF);
    default: return random() & 0xBFFFFFFF;
    }
}

static void keep(const uint32_t *word) {
    const uint32_t *first = word - 4 < (uint32_t *)buffer ? (uint32_t *)buffer : word - 4;
    if (first + 8 > (uint32_t *)(buffer + BUFFER_BYTES)) first = word - 7;
    progress->leak_at = (uint32_t)first;
    memcpy(progress->leak_near, first, sizeof progress->leak_near);
}

/* What the first leak looks like, and every call that may have made it. */
static void tell_leak(void) {
    for (uint32_t i = 0; i < 8; i++)
        printf("@LEAK %x: %x\n", progress->leak_at + 4 * i, progress->leak_near[i]);
    for (const struct call *call = progress->window; call < progress->window + WINDOW; call++) {
        printf("@LEAK call %u:", call->number);
        for (int i = 0; i < 6; i++) printf(" %x", call->arguments[i]);
        printf("\n");
    }
}

/* Words in our buffer that look like addresses of the kernel: nothing of it may come out. No
 * argument looks so, as some calls give theirs back (get_robust_list, sigaltstack); nor is there a
 * time at an odd place, half of which may look so, or a program's code: it cannot be read, nor be
 * written to a file. */
static void look_for_leaks(void) {
    for (const uint32_t *word = (const uint32_t *)buffer;
         word < (const uint32_t *)(buffer + BUFFER_BYTES - ODD_BYTES); word++)
        if (*word >= LEAK_START && *word < LEAK_END) {
            if (!progress->leaks) keep(word);
            progress->leaks++;
        }
}

static void make_calls(uint32_t most) {
    for (int i = 0; i < CALLS_OF_CHILD && progress->calls < most; i++) {
        uint32_t number = random() % 460;
        if (is_left_out(number)) continue;
        if (number == NR_munmap && random() % 8) continue; /* else it would not live at all */
        if (progress->calls % WINDOW == 0) {
            memset(buffer, 0, BUFFER_BYTES);
            memcpy(buffer, names, sizeof names);
        }
        progress->last_number = number;
        progress->calls++;
        struct call call = {number,
                            {hostile(), hostile(), hostile(), hostile(), hostile(), hostile()}};
        const uint32_t *with = call.arguments;
        if (!progress->leaks) progress->window[progress->calls % WINDOW] = call;
        int32_t answer = syscall((int)number, with[0], with[1], with[2], with[3], with[4], with[5]);
        progress->last_answer = (uint32_t)answer;
        if (answer == -ENOSYS)
            progress->unknown++;
        else if (is_error((uint32_t)answer))
            progress->failed++;
        else
            progress->succeeded++;
        if (progress->calls % WINDOW == WINDOW - 1) look_for_leaks();
    }
    _exit(0);
}

static void start_child(uint32_t seed, uint32_t most) {
    state = seed;
    int32_t null = open("/dev/null", O_RDWR, 0);
    int ends[2];
    for (int fd = 0; fd < 3; fd++) dup2(null, fd); /* what it writes is noise */
    buffer = (char *)mmap(0, BUFFER_BYTES + PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap((uint32_t)buffer + BUFFER_BYTES, PAGE);
    mkdir("/tmp/random", 01777);
    open("/tmp/random/x", O_RDWR | O_CREAT, 0666);
    open("/tmp", O_RDONLY | O_DIRECTORY, 0);
    open("/proc/self/status", O_RDONLY, 0);
    open("/dev/zero", O_RDWR, 0);
    pipe2(ends, O_NONBLOCK);
    setsid();
    syscall(NR_setgid32, 1000);
    syscall(NR_setuid32, 1000);
    make_calls(most);
}

/* Until the child ends by itself, or makes no progress. */
static void watch(int32_t child) {
    uint32_t before = progress->calls;
    int still = 0;
    while (waitpid(child, NULL, WNOHANG) != child) {
        sleep_ms(5);
        still = progress->calls == before ? still + 1 : 0;
        before = progress->calls;
        if (still * 5 >= STANDSTILL_MS) {
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
            return;
        }
    }
}

int main(int argc, char **argv) {
    uint32_t seed = argc > 1 ? parse_number(argv[1], 10) : 1;
    uint32_t most = argc > 2 ? parse_number(argv[2], 10) : 1000000, children = 0;
    progress =
        (struct progress *)mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    syscall(NR_chmod, SHELL, 0711); /* the child may run it: read, its code looks like addresses */
    while (progress->calls < most) {
        int32_t child = fork();
        if (!child) start_child((seed * 7919 + children) * 2654435761u | 1, most);
        if (child > 0) watch(child);
        children++;
    }
    unlink("/tmp/random/x");
    syscall(NR_chmod, SHELL, 0755);
    if (progress->leaks) tell_leak();
    printf("@RANDOM seed=%u calls=%u children=%u succeeded=%u failed=%u unknown=%u leaks=%u\n",
           seed, progress->calls, children, progress->succeeded, progress->failed,
           progress->unknown, progress->leaks);
    return progress->leaks != 0;
}
