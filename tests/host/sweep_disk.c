/*
 * sweep_disk.c: every sector that a boot reads, damaged in every way, under the loader's own C.
 *
 *     sweep_disk IMAGE [SAMPLE]
 *
 * The machine is that of loader_machine.h with an INT 13h that serves the image, with one sweep->fault. A
 * boot must end with memory and boot_info exactly as without the fault, or with an error of
 * errors.def; never with other memory, a write where none is allowed, or no end. With SAMPLE only
 * each SAMPLEth case is run.
 *
 * Each boot starts from nothing: all variables of the program are put back to what they were, and
 * memory that was written to is filled with PATTERN. What must outlive that is in `sweep`.
 */
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include "bios.h"
#include "config.h"
#include "crc32.h"
#include "disk.h"
#include "error.h"
#include "fat.h"
#include "load.h"
#include "loader_machine.h"
#include "partition.h"
#include "room.h"

#define RAM_END 0x2000000
#define SECONDS_MAX 20 /* of this computer, for one boot */
#define CALLS_MAX 100000

enum fault {
    NONE,
    FAIL_ONCE,     /* the first call that touches the sector fails */
    FAIL_ALWAYS,   /* every such call */
    FAIL_LONG,     /* every such call of more than one sector */
    SILENT_ONCE,   /* the first such call leaves the buffer alone, and reports success */
    SILENT_LONG,   /* every such call of more than one sector */
    ZEROED,        /* the sector is zero */
    FLIPPED,       /* a bit of it is wrong */
    LIES_ONCE,     /* a bit of it is wrong the first time */
    LIES_SECOND,   /* the second time */
    LIES_THIRD,    /* the third time: when the headers have been judged */
    REPLACED,      /* it is another sector that the boot reads */
    FAULTS,
};
static const char *const fault_names[FAULTS] = {
    "none", "fails once", "fails always", "fails in long reads", "silent once", "silent in long reads",
    "zeroed", "bit flipped", "lies once", "lies the second time", "lies the third time", "replaced",
};

enum outcome { READY, READY_OTHER_CONFIG, NAMED, WRONG, VIOLATION, CRASH, HANG, OUTCOMES };
static const char *const outcome_names[OUTCOMES] = {
    "ready", "ready, as another BOOT.CFG says", "named error", "WRONG MEMORY", "FORBIDDEN WRITE",
    "CRASH", "HANG",
};

/* What a boot ends with. */
struct result {
    struct boot_info info;
    struct config config;
    enum boot_error error;
    uint32_t memory_crc;
    uint32_t calls; /* of the BIOS */
};

struct fault_case {
    enum fault kind;
    uint32_t lba, bit, other;
};

static struct sweep {
    uint8_t *image;
    uint32_t image_sectors;
    bool *read, *judged; /* by the undamaged boot: sectors read at all, and to be judged */
    bool recording;
    struct fault_case fault;
    struct result result, reference;
    uint32_t sample, next_case, bad;
    uint32_t counts[FAULTS][OUTCOMES];
    uint32_t max_calls;
    struct fault_case slowest;
    sigjmp_buf end; /* where a boot goes that ends in another way than by returning */
} *sweep;

static uint32_t touched;    /* calls that touched the sector at fault */
static uint32_t times_read; /* times that its content was given */

static void end_boot(enum outcome outcome) {
    siglongjmp(sweep->end, (int)outcome);
}

static void on_signal(int number) {
    end_boot(number == SIGALRM ? HANG : CRASH);
}

static void machine_violation(const char *what, uint32_t phys, uint32_t bytes) {
    printf("  %s: %u bytes at %x\n", what, bytes, phys);
    end_boot(VIOLATION);
}

void print(const char *format, ...) {
    (void)format;
}

/* ---- INT 13h ------------------------------------------------------------------------------- */

static void give_sector(uint8_t *to, uint32_t lba) {
    memcpy(to, sweep->image + (size_t)lba * SECTOR_SIZE, SECTOR_SIZE);
    if (sweep->fault.kind < ZEROED || lba != sweep->fault.lba) return;
    times_read++;
    bool now = sweep->fault.kind == LIES_ONCE     ? times_read == 1
               : sweep->fault.kind == LIES_SECOND ? times_read == 2
               : sweep->fault.kind == LIES_THIRD  ? times_read == 3
                                           : true;
    if (sweep->fault.kind == ZEROED) memset(to, 0, SECTOR_SIZE);
    else if (sweep->fault.kind == REPLACED)
        memcpy(to, sweep->image + (size_t)sweep->fault.other * SECTOR_SIZE, SECTOR_SIZE);
    else if (now) to[sweep->fault.bit / 8] ^= (uint8_t)(1 << sweep->fault.bit % 8);
}

/* Does this call fail (with an error that the BIOS reports), or do nothing (without)? */
static bool call_fails(uint32_t lba, uint32_t sectors, bool *silent) {
    if (sweep->fault.kind < FAIL_ONCE || sweep->fault.kind > SILENT_LONG || sweep->fault.lba - lba >= sectors)
        return false;
    touched++;
    *silent = sweep->fault.kind == SILENT_ONCE || sweep->fault.kind == SILENT_LONG;
    switch (sweep->fault.kind) {
    case FAIL_ONCE:
    case SILENT_ONCE: return touched == 1;
    case FAIL_LONG:
    case SILENT_LONG: return sectors > 1;
    default: return true;
    }
}

static bool serve(uint32_t lba, uint32_t sectors, uint32_t address) {
    bool silent = false;

    if (lba >= sweep->image_sectors || sectors > sweep->image_sectors - lba || !sectors || sectors > 127)
        return false;
    if (call_fails(lba, sectors, &silent)) return silent;
    for (uint32_t i = 0; i < sectors; i++) {
        if (sweep->recording) {
            sweep->read[lba + i] = true;
            if (address != BOUNCE_ADDR) sweep->judged[lba + i] = true;
        }
        give_sector((uint8_t *)machine_memory(address) + i * SECTOR_SIZE, lba + i);
    }
    return true;
}

#define HEADS 16
#define TRACK 63

void bios_int(uint8_t vector, struct bios_regs *regs) {
    bool good = vector == 0x13;

    if (++sweep->result.calls == CALLS_MAX) end_boot(HANG);
    switch (regs->ah) {
    case 0x00: break;
    case 0x02: {
        uint32_t cylinder = regs->ch | (regs->cl & 0xC0u) << 2;
        uint32_t lba = (cylinder * HEADS + regs->dh) * TRACK + (regs->cl & 0x3Fu) - 1;
        good = good && serve(lba, regs->al, regs->es * 16u + regs->bx);
        break;
    }
    case 0x08:
        regs->cl = TRACK;
        regs->dh = HEADS - 1;
        break;
    case 0x42: {
        struct { uint16_t size, sectors, offset, segment; uint64_t lba; } packet;
        memcpy(&packet, machine_memory(regs->esi), sizeof packet);
        good = good && packet.lba < sweep->image_sectors &&
               serve((uint32_t)packet.lba, packet.sectors, packet.segment * 16u + packet.offset);
        break;
    }
    default: good = false;
    }
    regs->eflags = good ? 0 : EFLAGS_CF;
    regs->ah = good ? 0 : 0x10; /* uncorrectable error */
}

/* ---- one boot ------------------------------------------------------------------------------ */

/* Stage 1 as the BIOS reads it; then the tasks of stage2/main.c that read the disk. */
static enum boot_error boot(void) {
    enum boot_error error;

    sweep->judged[0] = true;
    give_sector(stage1_bytes, 0);
    disk_init(0x80);
    if ((error = partition_find())) return error;
    if ((error = fat_mount(boot_info.partition_lba, partition_sectors))) return error;
    if ((error = config_load("BOOT/BOOT.CFG"))) return error;
    machine_range(0x1000, LOADER_END - 0x1000); /* behind that lies this program */
    machine_range(0x100000, RAM_END - 0x100000);
    if ((error = load_kernel(config.kernel))) return error;
    return config.initrd[0] ? load_initrd(config.initrd) : BOOT_OK;
}

static crc32_tables crc_tables;

static uint32_t crc_of(uint32_t phys, uint32_t bytes, uint32_t crc) {
    return crc32(crc_tables, crc, machine_memory(phys), bytes);
}

static void run_boot(void) {
    struct result *result = &sweep->result;

    result->error = boot();
    if (result->error) return;
    check_announced();
    struct boot_info *info = &boot_info;
    result->config = config;
    uint32_t crc = crc_of(info->kernel_phys, info->kernel_phys_end - info->kernel_phys, 0);
    crc = crc_of(info->symtab_phys, info->symtab_bytes, crc);
    crc = crc_of(info->strtab_phys, info->strtab_bytes, crc);
    result->memory_crc = crc_of(info->initrd_phys, info->initrd_bytes, crc);
    /* how it was read may differ; what was read may not */
    info->workarounds = info->disk_max_transfer = info->disk_method = 0;
    result->info = *info;
}

static enum outcome judge(void) {
    const struct result *result = &sweep->result, *reference = &sweep->reference;

    if (result->error) return NAMED;
    if (sweep->recording) return READY; /* this is the one to compare with */
    /* the paths may differ by letter case; the files they lead to are compared in memory */
    bool same_config = !strcmp(result->config.cmdline, reference->config.cmdline) &&
                       result->config.step == reference->config.step;
    bool same_info = !memcmp(&result->info, &reference->info, sizeof result->info);
    if (same_config && same_info && result->memory_crc == reference->memory_crc) return READY;
    return same_config ? WRONG : READY_OTHER_CONFIG;
}

/* Puts back all variables of this program, and all memory of the machine. */
static void start_from_nothing(void) {
    extern char __data_start[], _end[];
    static void *copy;
    size_t bytes = (size_t)(_end - __data_start);

    if (!copy) {
        copy = malloc(bytes);
        memcpy(copy, __data_start, bytes);
        memset(machine_memory(0x10000), PATTERN, LOADER_END - 0x10000);
        memset(machine_memory(HIGH_MEMORY_START), PATTERN, RAM_END - HIGH_MEMORY_START);
        return;
    }
    for (uint32_t i = 0; i < write_count; i++)
        memset(machine_memory(writes[i].phys), PATTERN, writes[i].bytes);
    memset(machine_memory(BOUNCE_ADDR), PATTERN, BOUNCE_SIZE);
    memcpy(__data_start, copy, bytes);
}

static enum outcome run(void) {
    start_from_nothing();
    memset(&sweep->result, 0, sizeof sweep->result);
    alarm(SECONDS_MAX);
    int ended = sigsetjmp(sweep->end, 1);
    if (ended) return (enum outcome)ended;
    run_boot();
    return judge();
}

/* ---- all cases ----------------------------------------------------------------------------- */

/* These are gone when it is tried again, or with shorter reads: the boot has to succeed. */
static bool can_be_mended(enum fault kind) {
    return kind != FAIL_ALWAYS && kind != ZEROED && kind != FLIPPED && kind != REPLACED;
}

static void run_case(enum fault kind, uint32_t lba, uint32_t bit, uint32_t other) {
    if (sweep->next_case++ % sweep->sample) return;
    sweep->fault = (struct fault_case){kind, lba, bit, other};
    enum outcome outcome = run();
    sweep->counts[kind][outcome]++;
    if (sweep->result.calls > sweep->max_calls) {
        sweep->max_calls = sweep->result.calls;
        sweep->slowest = sweep->fault;
    }
    bool bad = outcome >= WRONG || (can_be_mended(kind) && outcome != READY);
    if (bad) sweep->bad++;
    if ((bad && sweep->bad < 50) || (outcome == READY_OTHER_CONFIG && getenv("VERBOSE")))
        printf("  sector %u bit %u (%s%s): %s E%02d\n", lba, bit, fault_names[kind],
               sweep->judged[lba] ? ", judged" : "", outcome_names[outcome], sweep->result.error);
}

/* The next sector that the boot reads: what a sector is replaced by. */
static uint32_t next_read(uint32_t lba) {
    do lba = (lba + 1) % sweep->image_sectors;
    while (!sweep->read[lba]);
    return lba;
}

static void sweep_sector(uint32_t lba) {
    static const enum fault with_bits[] = {FLIPPED, LIES_ONCE, LIES_SECOND, LIES_THIRD};

    for (enum fault kind = FAIL_ONCE; kind <= ZEROED; kind++) run_case(kind, lba, 0, 0);
    run_case(REPLACED, lba, 0, next_read(lba));
    for (unsigned i = 0; i < sizeof with_bits / sizeof with_bits[0]; i++) {
        if (!sweep->judged[lba])
            run_case(with_bits[i], lba, (uint32_t)rand() % (SECTOR_SIZE * 8), 0);
        else
            for (uint32_t bit = 0; bit < SECTOR_SIZE * 8; bit++)
                run_case(with_bits[i], lba, bit, 0);
    }
}

static void load_image(const char *path) {
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        exit(2);
    }
    fseek(file, 0, SEEK_END);
    sweep->image_sectors = (uint32_t)(ftell(file) / SECTOR_SIZE);
    rewind(file);
    sweep->image = malloc((size_t)sweep->image_sectors * SECTOR_SIZE);
    if (fread(sweep->image, SECTOR_SIZE, sweep->image_sectors, file) != sweep->image_sectors)
        exit(2);
    fclose(file);
    sweep->read = calloc(sweep->image_sectors, 1);
    sweep->judged = calloc(sweep->image_sectors, 1);
}

/* The boot without a fault: what all others are compared with. */
static void run_reference(void) {
    sweep->recording = true;
    enum outcome outcome = run();
    sweep->recording = false;
    if (outcome != READY) {
        printf("sweep_disk: the undamaged image does not boot: %s, E%02d\n",
               outcome_names[outcome], sweep->result.error);
        exit(1);
    }
    sweep->reference = sweep->result;

    uint32_t sectors = 0, judged = 0;
    for (uint32_t lba = 0; lba < sweep->image_sectors; lba++) {
        sectors += sweep->read[lba];
        judged += sweep->judged[lba];
    }
    printf("sweep_disk: the boot reads %u sectors, %u of them to judge them, with %u BIOS calls\n",
           sectors, judged, sweep->reference.calls);
}

static void print_counts(void) {
    for (enum fault kind = FAIL_ONCE; kind < FAULTS; kind++) {
        printf("  %-22s", fault_names[kind]);
        for (int outcome = 0; outcome < OUTCOMES; outcome++)
            if (sweep->counts[kind][outcome])
                printf(" %s: %u ", outcome_names[outcome], sweep->counts[kind][outcome]);
        printf("\n");
    }
    printf("  most BIOS calls in one boot: %u (sector %u %s)\n", sweep->max_calls,
           sweep->slowest.lba, fault_names[sweep->slowest.kind]);
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    machine_map(0x10000, LOADER_END - 0x10000);
    machine_map(HIGH_MEMORY_START, RAM_END - HIGH_MEMORY_START);
    sweep = calloc(1, sizeof *sweep);
    sweep->sample = argc > 2 ? (uint32_t)atoi(argv[2]) : 1;
    load_image(argv[1]);
    crc32_init(crc_tables);
    signal(SIGALRM, on_signal);
    signal(SIGSEGV, on_signal);
    signal(SIGBUS, on_signal);
    signal(SIGFPE, on_signal);

    run_reference();
    srand(5);
    for (uint32_t lba = 0; lba < sweep->image_sectors; lba++)
        if (sweep->read[lba]) sweep_sector(lba);
    print_counts();
    uint32_t run = (sweep->next_case + sweep->sample - 1) / sweep->sample;
    printf("sweep_disk: %u of %u cases, %u bad\n", run, sweep->next_case, sweep->bad);
    return sweep->bad != 0;
}
