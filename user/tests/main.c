/*
 * main.c: tests [name...]: runs the cases of cases.def, or those whose names begin so, and reports
 * in KTAP. As process 1 it gets itself the file systems it needs, and ends by turning the machine
 * off.
 */
#include "test.h"

#define CASE(name, origin) void test_##name(void);
#include "cases.def"
#undef CASE

struct test {
    const char *name;
    void (*run)(void);
};

static const struct test tests[] = {
#define CASE(name, origin) {#name, test_##name},
#include "cases.def"
#undef CASE
};

#define TESTS ((int)(sizeof tests / sizeof *tests))
#define SKIPPED 77
#define SECONDS_MAX 60 /* of a case: then it hangs */

const char *self;

void skip(const char *why) {
    printf("# skipped: %s\n", why);
    _exit(SKIPPED);
}

static bool is_wanted(const char *name, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (!strncmp(name, argv[i], strlen(argv[i]))) return true;
    return argc < 2;
}

static bool run(int number, const struct test *test) {
    int32_t child = fork();
    if (!child) {
        if (strncmp(test->name, "in_group_of_init", 16)) setpgid(0, 0);
        alarm(SECONDS_MAX);
        test->run();
        _exit(0);
    }
    int status = child < 0 ? EXITED(1) : ended(child);
    kill(-child, SIGKILL); /* what it left */
    bool good = status == EXITED(0) || status == EXITED(SKIPPED);
    if (status == EXITED(SKIPPED))
        printf("ok %d %s # SKIP\n", number, test->name);
    else if (good)
        printf("ok %d %s\n", number, test->name);
    else
        printf("not ok %d %s # %s\n", number, test->name, describe_status(status));
    return good;
}

/* What a process 1 has to do for itself: where these are there already, nothing comes of it. */
static void prepare_machine(void) {
    mkdir("/proc", 0555);
    mkdir("/dev", 0755);
    mkdir("/tmp", 01777);
    if (access("/proc/self", F_OK)) mount("proc", "/proc", "proc");
    if (access("/dev/null", F_OK)) mount("devtmpfs", "/dev", "devtmpfs");
}

static void turn_off(void) {
    syscall(NR_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, REBOOT_POWER_OFF, 0);
}

int main(int argc, char **argv) {
    if (argc >= 2 && !strcmp(argv[1], "--role")) return role(argc - 2, argv + 2);
    if (argc == 5 && !strcmp(argv[1], "--role-of-script"))
        return strcmp(argv[2], "/tmp/script") || strcmp(argv[4], "two") ? 20 : 21;
    self = (const char *)aux_value(AT_EXECFN);
    if (!self) self = argv[0];
    bool first = getpid() == 1;
    if (first) prepare_machine();
    int wanted = 0, number = 0, failed = 0;
    for (int i = 0; i < TESTS; i++) wanted += is_wanted(tests[i].name, argc, argv);
    printf("KTAP version 1\n1..%d\n", wanted);
    for (int i = 0; i < TESTS; i++)
        if (is_wanted(tests[i].name, argc, argv)) failed += !run(++number, &tests[i]);
    printf("# %d of %d failed\n", failed, wanted);
    if (first) turn_off();
    return failed != 0;
}
