/*
 * fuzz_load.c: any bytes as an ELF kernel, loaded: what is written, and where?
 *
 * load.c, elf.c, room.c and deliver.c as they are, over the memory of loader_machine.h. Every write
 * lies in usable memory outside the loader; a kernel that is accepted has written to what
 * boot_info announces and to nothing else, and each byte there is what the file says.
 *
 * The input is a file; or, if it does not start like one, a list of changes to a good kernel: two
 * bytes where, four bytes what. So the fuzzer gets past the first checks.
 */
#include "config.h"
#include "disk.h"
#include "elf.h"
#include "fat.h"
#include "load.h"
#include "loader_machine.h"
#include "room.h"

#define RAM_END 0x120000
#define HOLE 0x110000 /* and a second piece of memory behind it */
#define HOLE_END 0x118000
#define FIRST_LBA 100
#define FRAGMENT 3 /* sectors in a run */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

struct config config;
static uint8_t kernel[0x4000], good_kernel[sizeof kernel];
static uint32_t kernel_bytes;

static void machine_violation(const char *what, uint32_t phys, uint32_t bytes) {
    fprintf(stderr, "%s: %u bytes at %x\n", what, bytes, phys);
    abort();
}

void print(const char *format, ...) {
    (void)format;
}

void disk_use_smaller_transfers(void) {}

void fat_forget(void) {}

enum boot_error fat_open(const char *path, struct fat_file *file) {
    (void)path;
    *file = (struct fat_file){.bytes = kernel_bytes};
    return BOOT_OK;
}

enum boot_error fat_read(struct fat_file *file, uint32_t offset, void *buffer, uint32_t bytes) {
    if (offset > file->bytes || bytes > file->bytes - offset) abort();
    memcpy(buffer, kernel + offset, bytes);
    return BOOT_OK;
}

void fat_rewind(struct fat_file *file) {
    file->position = 0;
}

enum boot_error fat_next_run(struct fat_file *file, uint32_t max_sectors, struct fat_run *run) {
    uint32_t left = (file->bytes - file->position + SECTOR_SIZE - 1) / SECTOR_SIZE;

    if (!max_sectors) abort();
    run->lba = FIRST_LBA + file->position / SECTOR_SIZE;
    run->sectors = left < FRAGMENT ? left : FRAGMENT;
    file->position += run->sectors * SECTOR_SIZE;
    if (file->position > file->bytes) file->position = file->bytes;
    return BOOT_OK;
}

enum boot_error disk_read_bounce(uint32_t lba, uint32_t sectors) {
    uint32_t offset = (lba - FIRST_LBA) * SECTOR_SIZE;

    if (!sectors || sectors > BOUNCE_SECTORS || offset >= kernel_bytes) abort();
    uint32_t bytes = kernel_bytes - offset;
    if (bytes > sectors * SECTOR_SIZE) bytes = sectors * SECTOR_SIZE;
    memcpy(machine_memory(BOUNCE_ADDR), kernel + offset, bytes);
    return BOOT_OK;
}

static struct elf32_phdr segment(uint32_t type, uint32_t offset, uint32_t phys, uint32_t filesz,
                                 uint32_t memsz) {
    return (struct elf32_phdr){type, offset, PAGE_OFFSET + phys, phys, filesz, memsz, 7, 1};
}

/* A kernel of two segments with a note, a symbol table and its strings. */
static void make_good_kernel(void) {
    const struct elf32_ehdr ehdr = {
        .e_ident = {0x7F, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT,
        .e_entry = PAGE_OFFSET + 0x100000, .e_phoff = sizeof(struct elf32_ehdr),
        .e_shoff = 0x200, .e_ehsize = sizeof(struct elf32_ehdr),
        .e_phentsize = sizeof(struct elf32_phdr), .e_phnum = 4,
        .e_shentsize = sizeof(struct elf32_shdr), .e_shnum = 3,
    };
    const struct elf32_phdr phdrs[] = {
        segment(PT_LOAD, 0x400, 0x100000, 0x1234, 0x2000),
        segment(PT_LOAD, 0x1700, 0x102000, 0x500, 0x9000),
        segment(PT_NOTE, 0x300, 0, 24, 24),
        segment(PT_LOAD, 0x2000, 0x118000, 0x800, 0x800),
    };
    const struct elf32_shdr shdrs[] = {
        {.sh_type = 0},
        {.sh_type = SHT_SYMTAB, .sh_offset = 0x2800, .sh_size = 0x300, .sh_link = 2},
        {.sh_type = SHT_STRTAB, .sh_offset = 0x2B00, .sh_size = 0x123},
    };
    const uint32_t note[] = {7, 4, ASCENT_NOTE_TYPE, 0x65637341, 0x0000746E, ASCENT_NOTE_SYMBOLS};

    for (uint32_t i = 0; i < sizeof good_kernel; i++) good_kernel[i] = (uint8_t)(i * 7 + i / 256);
    memcpy(good_kernel, &ehdr, sizeof ehdr);
    memcpy(good_kernel + ehdr.e_phoff, phdrs, sizeof phdrs);
    memcpy(good_kernel + ehdr.e_shoff, shdrs, sizeof shdrs);
    memcpy(good_kernel + 0x300, note, sizeof note);
}

static void make_kernel(const uint8_t *data, size_t size) {
    if (size > 4 && data[0] == 0x7F && data[1] == 'E') {
        kernel_bytes = (uint32_t)(size < sizeof kernel ? size : sizeof kernel);
        memcpy(kernel, data, kernel_bytes);
        return;
    }
    memcpy(kernel, good_kernel, sizeof kernel);
    kernel_bytes = 0x3000;
    for (; size >= 6; data += 6, size -= 6) {
        uint32_t at = (data[0] | data[1] << 8) % 0x400; /* all that is judged lies there */
        memcpy(kernel + at, data + 2, 4);
    }
}

/* Memory as the file says it should be. */
static uint8_t expected[RAM_END - HIGH_MEMORY_START];

static void expect(uint32_t phys, uint32_t offset, uint32_t filesz, uint32_t memsz) {
    uint8_t *at = expected + (phys - HIGH_MEMORY_START);

    memset(at, 0, memsz);
    memcpy(at, kernel + offset, filesz);
}

static void check_memory(void) {
    struct elf32_ehdr ehdr;

    memset(expected, PATTERN, sizeof expected);
    memcpy(&ehdr, kernel, sizeof ehdr);
    for (uint32_t i = 0; i < ehdr.e_phnum; i++) {
        struct elf32_phdr phdr;
        memcpy(&phdr, kernel + ehdr.e_phoff + i * sizeof phdr, sizeof phdr);
        if (phdr.p_type != PT_LOAD || !phdr.p_memsz) continue;
        expect(phdr.p_paddr, phdr.p_offset, phdr.p_filesz, phdr.p_memsz);
    }
    /* which sections the symbols are is for load.c to say: that they are nobody else's memory */
    for (uint32_t i = 0; i < write_count; i++) {
        uint32_t phys = writes[i].phys, bytes = writes[i].bytes;
        if (phys < boot_info.kernel_phys_end) continue;
        uint8_t *at = expected + (phys - HIGH_MEMORY_START);
        memcpy(at, machine_memory(phys), bytes);
    }
    if (memcmp(expected, machine_memory(HIGH_MEMORY_START), HOLE - HIGH_MEMORY_START) ||
        memcmp(expected + (HOLE_END - HIGH_MEMORY_START), machine_memory(HOLE_END),
               RAM_END - HOLE_END))
        machine_violation("not what the file says", 0, 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    make_good_kernel();
    machine_map(0x10000, LOADER_END - 0x10000);
    machine_map(HIGH_MEMORY_START, RAM_END - HIGH_MEMORY_START);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    make_kernel(data, size);
    memset(&boot_info, 0, sizeof boot_info);
    machine_range(0x1000, LOADER_END - 0x1000);
    machine_range(HIGH_MEMORY_START, HOLE - HIGH_MEMORY_START);
    machine_range(HOLE_END, RAM_END - HOLE_END);
    for (uint32_t i = 0; i < write_count; i++)
        memset(machine_memory(writes[i].phys), PATTERN, writes[i].bytes);
    if (!write_count) memset(machine_memory(HIGH_MEMORY_START), PATTERN, RAM_END - HIGH_MEMORY_START);
    write_count = 0;
    /* A checksum that is wrong, in every other input: then all of the file is read, three times. */
    config.has_kernel_crc32 = size & 1;

    enum boot_error error = load_kernel("K");
    if (error && error != E_KERNEL_CRC) return 0;
    check_announced();
    if (boot_info.kernel_phys < LOADER_END || boot_info.kernel_phys_end > RAM_END) abort();
    if (boot_info.kernel_entry - PAGE_OFFSET - boot_info.kernel_phys >=
        boot_info.kernel_phys_end - boot_info.kernel_phys)
        abort();
    if (!error) check_memory();
    return 0;
}
