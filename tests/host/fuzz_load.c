/*
 * fuzz_load.c: any bytes as an ELF kernel, loaded: what is written, and where?
 *
 * load.c, elf.c, room.c and deliver.c as they are, over the memory of loader_machine.h. Every write
 * lies in usable memory outside the loader; a kernel that is accepted has written to what
 * boot_info announces and to nothing else, and each byte there is what the file says.
 *
 * Every fourth of them is packed in LZ4's frame format, and has to be loaded to the same.
 *
 * The input is a file; or, if it does not start like one, a list of changes to a good kernel.
 */
#include "fuzz_kernel.h"
#include "two_pieces.h"

static void make_kernel(const uint8_t *data, size_t size) {
    if (size > 4 && data[0] == 0x7F && data[1] == 'E')
        kernel_of(data, size);
    else
        kernel_changed(good_kernel, data, size);
}

/* Memory as the file says it should be, before it was packed. */
static uint8_t file[sizeof kernel];
static uint8_t expected[RAM_END - HIGH_MEMORY_START];

static void expect(uint32_t phys, uint32_t offset, uint32_t filesz, uint32_t memsz) {
    uint8_t *at = expected + (phys - HIGH_MEMORY_START);

    memset(at, 0, memsz);
    if (filesz) memcpy(at, file + offset, filesz); /* of nothing, the offset may be anything */
}

static void check_memory(void) {
    struct elf32_ehdr ehdr;

    memset(expected, PATTERN, sizeof expected);
    memcpy(&ehdr, file, sizeof ehdr);
    for (uint32_t i = 0; i < ehdr.e_phnum; i++) {
        struct elf32_phdr phdr;
        memcpy(&phdr, file + ehdr.e_phoff + i * sizeof phdr, sizeof phdr);
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
    memcpy(file, kernel, sizeof file);
    if (size % 4 == 2) pack_kernel();
    memset(&boot_info, 0, sizeof boot_info);
    machine_two_pieces(LOADER_END);
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
