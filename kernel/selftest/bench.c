/*
 * bench.c: repeats each operation and reads the time-stamp counter around it (SDM 3B §17.17).
 *
 * A batch is `rounds` repetitions between two readings. The first batch fills caches and is not
 * counted; of the others the fastest and the median are printed. The loop itself is measured too,
 * as the operation `loop`: who wants an operation alone subtracts it.
 */
#include <boot/boot.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/slab.h>
#include <selftest/bench.h>

#define BATCHES 15
#define CALIBRATION_ROUNDS 10000

static void calibrate(void);
static void run(const struct bench *bench, bool print);
static void print_names(const char *name);

/* Frames by owner. Empty slabs are given back first: they are kept by chance, not by need. */
static void count_frames(uint32_t frames[OWNERS]) {
    slab_reclaim();
    for (unsigned owner = 0; owner < OWNERS; owner++) frames[owner] = pages_of(owner);
}

static unsigned run_those(const char *name, bool print) {
    unsigned found = 0;

    bench_settle();
    for (unsigned i = 0; i < bench_count; i++) {
        if (strcmp(name, "all") != 0 && strcmp(name, bench_list[i].name) != 0) continue;
        run(&bench_list[i], print);
        slab_reclaim();
        found++;
    }
    bench_unsettle();
    return found;
}

void bench_main(void) {
    uint32_t before[OWNERS], after[OWNERS];
    char name[32];
    if (!cmdline_option("bench", name, sizeof name)) return;
    if (!cpu.tsc) {
        printk("@BENCH all n/a: this processor has no time-stamp counter\n@BENCH end\n");
        return;
    }

    calibrate();
    /* Once for nothing: classic paging keeps the tables that the kernel's quarter has got. */
    if (run_those(name, false) == 0) print_names(name);
    count_frames(before);
    run_those(name, true);
    count_frames(after);
    printk("@BENCH end accounting=%s\n",
           memcmp(before, after, sizeof before) == 0 ? "equal" : "changed");
}

/* From one RDTSC to the next there are MOV, MOV, then DEC and JNZ each round, then RDTSC. */
static void calibrate(void) {
    uint32_t rounds = CALIBRATION_ROUNDS, start, cycles;
    uint32_t eflags = irq_save();

    __asm__ volatile("rdtsc\n\t"
                     "movl %%eax, %1\n\t"
                     "movl %3, %%ecx\n"
                     "1: decl %%ecx\n\t"
                     "jnz 1b\n\t"
                     "rdtsc\n\t"
                     "subl %1, %%eax\n\t"
                     : "=&a"(cycles), "=&r"(start)
                     : "0"(0), "r"(rounds)
                     : "ecx", "edx", "cc");
    irq_restore(eflags);
    printk("@BENCH calibrate instructions=%u cycles=%u\n", 2 * rounds + 3, cycles);
}

/* `rounds` repetitions with interrupts off; false if one could not be done. */
static bool batch(const struct bench *bench, unsigned rounds, uint64_t *cycles) {
    bool done = true;
    uint32_t eflags = irq_save();
    uint64_t start = rdtsc();

    for (unsigned i = 0; i < rounds && done; i++) done = bench->operation();
    *cycles = rdtsc() - start;
    irq_restore(eflags);
    return done;
}

static void insert_sorted(uint64_t *list, unsigned length, uint64_t value) {
    for (; length > 0 && list[length - 1] > value; length--) list[length] = list[length - 1];
    list[length] = value;
}

/* The times of BATCHES batches, sorted. Answers why there are none, or a null pointer. */
static const char *measure(const struct bench *bench, uint64_t times[BATCHES]) {
    uint64_t cycles;

    for (unsigned i = 0; i <= BATCHES; i++) {
        if (!batch(bench, bench->rounds, &cycles)) return "out of memory";
        if (i > 0) insert_sorted(times, i - 1, cycles);
    }
    return NULL;
}

static void run(const struct bench *bench, bool print) {
    uint64_t times[BATCHES] = {0};
    const char *why = bench->prepare ? bench->prepare() : NULL;

    if (!why && print)
        why = measure(bench, times);
    else if (!why)
        bench->operation();
    if (bench->finish) bench->finish();
    if (!print) return;
    if (why)
        printk("@BENCH %s n/a: %s\n", bench->name, why);
    else
        printk("@BENCH %s rounds=%u cycles=%llu min=%llu median=%llu\n", bench->name, bench->rounds,
               times[0], times[0] / bench->rounds, times[BATCHES / 2] / bench->rounds);
}

static void print_names(const char *name) {
    printk("# bench=%s: no such operation; there are all", name);
    for (unsigned i = 0; i < bench_count; i++) printk(" %s", bench_list[i].name);
    printk("\n");
}
