/*
 * proc_system.c: files of /proc about the machine, in Linux's formats (proc(5)).
 */
#include <boot/boot.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/trap.h>
#include <dev/pit.h>
#include <fs/proc.h>
#include <fs/vfs.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <mm/reclaim.h>
#include <mm/swap.h>
#include <mm/vmalloc.h>
#include <proc/load.h>
#include <proc/schedule.h>
#include <proc/task.h>

#define SECOND 1000000000ull
#define IRQ_FIRST_VECTOR 32
#define IRQS 16

static void line_kb(struct text *text, const char *name, uint64_t frames) {
    text_print(text, "%-15s %8llu kB\n", name, kilobytes(frames));
}

static void meminfo(struct text *text, struct task *task) {
    uint32_t free = pages_of(OWNER_FREE), total = pages_total() - pages_of(OWNER_BEYOND);
    uint32_t high = zone_stats(ZONE_HIGHMEM)->managed, files = pages_of(OWNER_FILE);
    uint32_t shared = pages_of(OWNER_SHMEM);
    (void)task;

    line_kb(text, "MemTotal:", total);
    line_kb(text, "MemFree:", free);
    line_kb(text, "MemAvailable:", free + pages_of(OWNER_CACHE));
    line_kb(text, "Buffers:", 0);
    line_kb(text, "Cached:", files + shared + pages_of(OWNER_CACHE)); /* in memory only; on a disk too */
    line_kb(text, "SwapCached:", swap_cached());
    line_kb(text, "Active:", pages_of(OWNER_USER));
    line_kb(text, "Inactive:", shared + pages_of(OWNER_CACHE));
    line_kb(text, "Active(anon):", pages_of(OWNER_USER));
    line_kb(text, "Inactive(anon):", shared);
    line_kb(text, "Active(file):", 0);
    line_kb(text, "Inactive(file):", pages_of(OWNER_CACHE));
    line_kb(text, "Unevictable:", files);
    line_kb(text, "Mlocked:", 0);
    line_kb(text, "HighTotal:", high);
    line_kb(text, "HighFree:", zone_stats(ZONE_HIGHMEM)->free);
    line_kb(text, "LowTotal:", total - high);
    line_kb(text, "LowFree:", free - zone_stats(ZONE_HIGHMEM)->free);
    line_kb(text, "SwapTotal:", swap_total());
    line_kb(text, "SwapFree:", swap_free());
    line_kb(text, "Dirty:", 0);
    line_kb(text, "Writeback:", 0);
    line_kb(text, "AnonPages:", pages_of(OWNER_USER));
    line_kb(text, "Mapped:", 0);
    line_kb(text, "Shmem:", shared);
    line_kb(text, "KReclaimable:", 0);
    line_kb(text, "Slab:", pages_of(OWNER_SLAB) + pages_of(OWNER_KMALLOC));
    line_kb(text, "SReclaimable:", 0);
    line_kb(text, "SUnreclaim:", pages_of(OWNER_SLAB) + pages_of(OWNER_KMALLOC));
    line_kb(text, "PageTables:", pages_of(OWNER_PAGE_TABLE));
    line_kb(text, "VmallocTotal:",
            (vmalloc_region.end.value - VMALLOC_START) / PAGE_SIZE);
    line_kb(text, "VmallocUsed:", pages_of(OWNER_VMALLOC));
}

static void cpuinfo(struct text *text, struct task *task) {
    static const struct {
        const char *name;
        const bool *has;
    } flags[] = {{"fpu", &cpu.fpu},     {"pse", &cpu.pse},   {"tsc", &cpu.tsc},
                 {"msr", &cpu.msr},     {"pae", &cpu.pae},   {"cx8", &cpu.cx8},
                 {"apic", &cpu.apic},   {"sep", &cpu.sep},   {"pge", &cpu.pge},
                 {"pat", &cpu.pat},     {"pse36", &cpu.pse36}, {"sse", &cpu.sse},
                 {"sse2", &cpu.sse2},   {"nx", &cpu.nx},     {"lm", &cpu.long_mode},
                 {"smep", &cpu.smep},   {"smap", &cpu.smap}, {"umip", &cpu.umip}};
    (void)task;

    text_print(text, "processor\t: 0\nvendor_id\t: %s\n", cpu.has_cpuid ? cpu.vendor : "unknown");
    text_print(text, "cpu family\t: %u\nmodel\t\t: %u\n", cpu.family, cpu.model);
    text_print(text, "model name\t: %s\nstepping\t: %u\n", *cpu.brand ? cpu.brand : "i486",
               cpu.stepping);
    if (tsc_khz) text_print(text, "cpu MHz\t\t: %u.%03u\n", tsc_khz / 1000, tsc_khz % 1000);
    text_print(text, "fpu\t\t: %s\nwp\t\t: yes\nflags\t\t:", cpu.fpu ? "yes" : "no");
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (*flags[i].has) text_print(text, " %s", flags[i].name);
    text_print(text, "\n\n");
}

static void uptime(struct text *text, struct task *task) {
    uint64_t hundredths = clock_monotonic() / (SECOND / 100);
    (void)task;
    text_print(text, "%llu.%02llu %u.%02u\n", hundredths / 100, hundredths % 100, idle_ticks / HZ,
               idle_ticks % HZ);
}

/* Tasks that run or could, tasks in all, and the last pid. */
static void count_tasks(unsigned *running, unsigned *all, uint32_t *last) {
    *running = *all = *last = 0;
    for (const struct task *task = task_first(); task; task = task->next) {
        if (task->pid == 0) continue;
        if (task->state == TASK_RUNNING) (*running)++;
        if (task->pid > *last) *last = task->pid;
        (*all)++;
    }
}

static void loadavg(struct text *text, struct task *task) {
    unsigned running, all;
    uint32_t last;
    (void)task;

    count_tasks(&running, &all, &last);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t load = load_average(i);
        text_print(text, "%u.%02u ", load >> LOAD_SHIFT,
                   ((load & ((1u << LOAD_SHIFT) - 1)) * 100) >> LOAD_SHIFT);
    }
    text_print(text, "%u/%u %u\n", running, all, last);
}

static void version(struct text *text, struct task *task) {
    (void)task;
    text_print(text, "Linux version 6.1.0-ascent (gcc) #1 (Ascent answers Linux's system calls)\n");
}

static void filesystem_types(struct text *text, struct task *task) {
    (void)task;
    text_print(text, "nodev\tramfs\nnodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tproc\n\tvfat\n\tmsdos\n");
}

static void stat_interrupts(struct text *text) {
    uint32_t sum = 0;

    for (unsigned irq = 0; irq < IRQS; irq++) sum += trap_count(IRQ_FIRST_VECTOR + irq);
    text_print(text, "intr %u", sum);
    for (unsigned irq = 0; irq < IRQS; irq++)
        text_print(text, " %u", trap_count(IRQ_FIRST_VECTOR + irq));
}

static void stat(struct text *text, struct task *task) {
    uint32_t user = 0, kernel = 0, last;
    unsigned running, all;
    (void)task;

    for (const struct task *one = task_first(); one; one = one->next) {
        user += one->user_ticks + (one->pid == 1 ? one->children_user_ticks : 0);
        kernel += one->kernel_ticks + (one->pid == 1 ? one->children_kernel_ticks : 0);
    }
    count_tasks(&running, &all, &last);
    text_print(text, "cpu  %u 0 %u %u 0 0 0 0 0 0\ncpu0 %u 0 %u %u 0 0 0 0 0 0\n", user, kernel,
               idle_ticks, user, kernel, idle_ticks);
    stat_interrupts(text);
    uint64_t boot = (clock_realtime() - clock_monotonic()) / SECOND;
    text_print(text, "\nctxt %llu\nbtime %llu\nprocesses %u\n", context_switches, boot, last);
    text_print(text, "procs_running %u\nprocs_blocked 0\n", running);
}

static void vmstat(struct text *text, struct task *task) {
    (void)task;

    text_print(text, "nr_free_pages %u\nnr_anon_pages %u\nnr_file_pages %u\n",
               pages_of(OWNER_FREE), pages_of(OWNER_USER),
               pages_of(OWNER_FILE) + pages_of(OWNER_SHMEM) + pages_of(OWNER_CACHE));
    text_print(text, "nr_shmem %u\n", pages_of(OWNER_SHMEM));
    text_print(text, "nr_page_table_pages %u\nnr_slab_unreclaimable %u\n",
               pages_of(OWNER_PAGE_TABLE), pages_of(OWNER_SLAB));
    text_print(text, "pswpin %u\npswpout %u\n", swap_counts.in, swap_counts.out);
    text_print(text, "pgfault %llu\npgmajfault %llu\n", fault_counts.minor + fault_counts.major,
               fault_counts.major);
    const struct reclaim_counts *counts = &reclaim_counts;
    text_print(text, "pgsteal_kswapd %u\npgsteal_direct %u\n", counts->kswapd.stolen, counts->direct.stolen);
    text_print(text, "pgscan_kswapd %u\npgscan_direct %u\n", counts->kswapd.scanned, counts->direct.scanned);
    text_print(text, "slabs_scanned %u\nallocstall %u\noom_kill %u\n", counts->slabs, counts->stalls,
               counts->oom_kills);
}

/* As swapon -s shows it. */
static void swaps(struct text *text, struct task *task) {
    struct swap_view view;
    (void)task;

    text_print(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    for (unsigned i = 0; i < SWAP_AREAS; i++)
        if (swap_view(i, &view))
            text_print(text, "/dev/%-34s partition\t%llu\t\t%llu\t\t%d\n", view.device->name,
                       kilobytes(view.pages), kilobytes(view.used), view.priority);
}

static void cmdline(struct text *text, struct task *task) {
    (void)task;
    text_print(text, "%s\n", boot_cmdline);
}

/* A path with blanks and the like as \ooo (getmntent(3)). */
static void print_escaped(struct text *text, const char *path) {
    for (; *path; path++) {
        if (*path == ' ' || *path == '\t' || *path == '\n' || *path == '\\')
            text_print(text, "\\%03o", (unsigned)(uint8_t)*path);
        else
            text_add(text, path, 1);
    }
}

void proc_mounts(struct text *text, struct task *task) {
    char *path = kmalloc(PATH_MAX, GFP_KERNEL);
    (void)task;

    text->failed |= !path;
    for (const struct filesystem *fs = filesystems; fs && path; fs = fs->next) {
        const char *at = fs->covers ? dentry_path(fs->covers, 0, path, PATH_MAX) : "/";
        if (fs->source)
            text_print(text, "/dev/%s ", fs->source);
        else
            text_print(text, "%s ", fs->covers ? fs->type : "rootfs");
        print_escaped(text, at ? at : "?");
        text_print(text, " %s %s 0 0\n", fs->covers ? fs->type : "rootfs", fs->read_only ? "ro,relatime" : "rw,relatime");
    }
    kfree(path);
}

const struct proc_file proc_system_files[] = {
    {"cmdline", 0444, cmdline, 0},   {"cpuinfo", 0444, cpuinfo, 0},
    {"diskstats", 0444, proc_diskstats, 0}, {"partitions", 0444, proc_partitions, 0},
    {"filesystems", 0444, filesystem_types, 0}, {"loadavg", 0444, loadavg, 0},
    {"meminfo", 0444, meminfo, 0},   {"mounts", 0444, proc_mounts, 0},
    {"stat", 0444, stat, 0},         {"uptime", 0444, uptime, 0},
    {"swaps", 0444, swaps, 0},       {"version", 0444, version, 0},
    {"vmstat", 0444, vmstat, 0},
    {0, 0, 0, 0},
};
