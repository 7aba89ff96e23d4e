/*
 * helpers.c: checks, children, and touching memory to see what comes of it.
 */
#include "test.h"

void test_check(bool holds, const char *text, const char *file, int line) {
    if (holds) return;
    printf("# %s:%d: not so: %s\n", file, line, text);
    _exit(1);
}

void test_same(int64_t got, int64_t want, const char *got_text, const char *want_text,
               const char *file, int line) {
    if (got == want) return;
    bool error = got < 0 && got >= -(int64_t)MAX_ERROR;
    printf("# %s:%d: %s is %lld (%llx%s%s), should be %s, %lld (%llx)\n", file, line, got_text, got,
           got, error ? ", " : "", error ? error_name((int32_t)got) : "", want_text, want, want);
    _exit(1);
}

int32_t test_works(int32_t answer, const char *text, const char *file, int line) {
    if (!is_error((uint32_t)answer)) return answer;
    printf("# %s:%d: %s: %s\n", file, line, text, error_name(answer));
    _exit(1);
}

/* ---- children ---- */

int ended(int32_t pid) {
    int status = -1;
    int32_t answer;
    do answer = waitpid(pid, &status, 0);
    while (answer == -EINTR);
    if (answer != pid) return answer;
    return status & ~0x80; /* whether there was a core dump depends on the limit */
}

int end_of(void (*body)(void)) {
    int32_t child = WORKS(fork());
    if (!child) {
        body();
        _exit(0);
    }
    return ended(child);
}

int end_of_role(const char *role, const char *argument) {
    char *const argv[] = {"tests", "--role", (char *)role, (char *)argument, NULL};
    int32_t child = WORKS(fork());
    if (!child) {
        execve(self, argv, environ);
        _exit(126);
    }
    return ended(child);
}

/* ---- memory ---- */

uint32_t map_pages(uint32_t pages) {
    return (uint32_t)WORKS(
        mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

volatile uint8_t *bytes_at(uint32_t address) {
    return (volatile uint8_t *)address;
}

volatile uint32_t *words_at(uint32_t address) {
    return (volatile uint32_t *)address;
}

/*
 * How a fault is survived: its handler goes on at the place that was kept, not where the fault was.
 * The signal is not blocked in the handler (SA_NODEFER), so that nothing has to be undone.
 */
static void *place[5]; /* of __builtin_setjmp */
volatile struct siginfo last_signal;
volatile struct sigcontext last_registers;

static void fault_handler(int signal, struct siginfo *info, struct ucontext *context) {
    (void)signal;
    last_signal.signal = info->signal;
    last_signal.code = info->code;
    last_signal.address = info->address;
    last_registers.eip = context->registers.eip;
    last_registers.trapno = context->registers.trapno;
    last_registers.error = context->registers.error;
    last_registers.cr2 = context->registers.cr2;
    __builtin_longjmp(place, 1);
}

static void catch_faults(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    for (int i = 0; i < 5; i++) handle_info(signals[i], fault_handler, SA_NODEFER);
}

__attribute__((noinline)) static int try_access(uint32_t address, char how) {
    catch_faults();
    if (__builtin_setjmp(place)) return last_signal.signal << 8 | (last_signal.code & 0xFF);
    if (how == 'r') (void)*bytes_at(address);
    if (how == 'w') *bytes_at(address) = 1;
    if (how == 'x') ((void (*)(void))address)();
    return NO_FAULT;
}

int try_read(uint32_t address) {
    return try_access(address, 'r');
}

int try_write(uint32_t address) {
    return try_access(address, 'w');
}

int try_call(uint32_t address) {
    return try_access(address, 'x');
}

int try_code(void (*code)(void)) {
    return try_access((uint32_t)code, 'x');
}

bool is_resident(uint32_t address) {
    uint8_t state = 0;
    WORKS(mincore(address & -PAGE, PAGE, &state));
    return state & 1;
}

uint32_t minor_faults(void) {
    struct rusage usage;
    WORKS(getrusage(RUSAGE_SELF, &usage));
    return usage.minor_faults;
}

uint32_t kernel_start(void) {
    uint32_t here;
    return (uint32_t)&here < KERNEL_START ? KERNEL_START : 0xFFFFE000u; /* on an x86-64 kernel */
}

bool has_nx(void) {
    static char text[4096];
    if (read_file("/proc/cpuinfo", text, sizeof text) <= 0) return false;
    const char *flags = strstr(text, "flags");
    for (const char *at = flags; at && (at = strstr(at, " nx")); at++)
        if (at[3] == ' ' || at[3] == '\n') return true;
    return false;
}

static char maps[32768];

const char *area_of(uint32_t address, uint32_t *start, uint32_t *end) {
    static char rights[5];
    WORKS(read_file("/proc/self/maps", maps, sizeof maps));
    for (const char *line = maps; *line; line = strchr(line, '\n') + 1) {
        uint32_t first = parse_number(line, 16);
        uint32_t behind = parse_number(strchr(line, '-') + 1, 16);
        if (address < first || address >= behind) continue;
        if (start) *start = first;
        if (end) *end = behind;
        memcpy(rights, strchr(line, ' ') + 1, 4);
        return rights;
    }
    return "";
}

uint32_t count_areas(uint32_t start, uint32_t end) {
    uint32_t count = 0;
    WORKS(read_file("/proc/self/maps", maps, sizeof maps));
    for (const char *line = maps; *line; line = strchr(line, '\n') + 1) {
        uint32_t first = parse_number(line, 16);
        uint32_t behind = parse_number(strchr(line, '-') + 1, 16);
        count += first >= start && behind <= end;
    }
    return count;
}

/* ---- files ---- */

int make_file(const char *path, uint32_t bytes) {
    static uint8_t buffer[4096];
    int fd = WORKS(open(path, O_RDWR | O_CREAT | O_TRUNC, 0644));
    for (uint32_t offset = 0; offset < bytes;) {
        uint32_t part = bytes - offset < sizeof buffer ? bytes - offset : sizeof buffer;
        for (uint32_t i = 0; i < part; i++) buffer[i] = PATTERN(offset + i);
        SAME(write(fd, buffer, part), part);
        offset += part;
    }
    return fd;
}

/* ---- signals ---- */

volatile int caught, last_caught;

void note_signal(int signal) {
    caught++;
    last_caught = signal;
}
