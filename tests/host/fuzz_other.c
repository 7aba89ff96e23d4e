/*
 * fuzz_other.c: damaged Multiboot kernels and files of Linux's format, loaded with an initrd, and what
 * they are handed: what is written, and where?
 *
 * load.c and the code behind it as it is, over the memory of loader_machine.h. Every write lies in
 * usable memory outside the loader, or where the kernel is handed things; a kernel that is accepted has
 * each byte where its file says, the initrd lies beside it as high as it may, and the entry point is in it.
 *
 * The first byte of the input says which of three good files the others change, or that they are the
 * file.
 */
#include "fuzz_kernel.h"
#include "other_file.h"

#define CANARY 0x5A

static uint8_t good_kernels[3][sizeof kernel];

static void make_kernel(const uint8_t *data, size_t size) {
    uint8_t which = size ? data[0] % 4 : 0;

    if (size) data++, size--;
    if (which == 3)
        kernel_of(data, size);
    else
        kernel_changed(good_kernels[which], data, size);
}

static void expect(bool as_it_should_be) {
    if (!as_it_should_be) abort();
}

static bool is_pattern(uint32_t phys, uint32_t bytes, uint8_t value) {
    const uint8_t *at = machine_memory(phys);

    return !bytes || (*at == value && !memcmp(at, at + 1, bytes - 1));
}

static void check_segments(void) {
    struct elf32_ehdr ehdr;

    memcpy(&ehdr, kernel, sizeof ehdr);
    for (uint32_t i = 0; i < ehdr.e_phnum; i++) {
        struct elf32_phdr phdr;
        memcpy(&phdr, kernel + ehdr.e_phoff + i * sizeof phdr, sizeof phdr);
        if (phdr.p_type != PT_LOAD || !phdr.p_memsz) continue;
        if (phdr.p_filesz) /* of nothing, the offset may be anything */
            expect(!memcmp(machine_memory(phdr.p_paddr), kernel + phdr.p_offset, phdr.p_filesz));
        expect(is_pattern(phdr.p_paddr + phdr.p_filesz, phdr.p_memsz - phdr.p_filesz, 0));
    }
}

static void check_linux_image(void) {
    struct linux_header header;

    memcpy(&header, kernel + LINUX_HEADER_OFFSET, sizeof header);
    uint32_t setup = ((header.setup_sects ? header.setup_sects : 4) + 1u) * SECTOR_SIZE;
    uint32_t bytes = header.syssize * 16;
    if (header.version < 0x204 || bytes > kernel_bytes - setup) bytes = kernel_bytes - setup;
    expect(!memcmp(machine_memory(boot_info.kernel_phys), kernel + setup, bytes));
    if (kernel_kind == KERNEL_LINUX_REAL)
        expect(!memcmp(machine_memory(LINUX_REAL_ADDR), kernel, setup));
}

static void check_initrd(void) {
    struct linux_header header;
    uint32_t start = boot_info.initrd_phys, end = start + boot_info.initrd_bytes;

    expect(start % PAGE_SIZE == 0 && map_usable(memory_map, boot_info.map_count, start, end - start));
    expect(end <= boot_info.kernel_phys || start >= boot_info.kernel_phys_end);
    expect(!memcmp(machine_memory(start), kernel, kernel_bytes));
    if (!kernel_is_linux()) return;
    memcpy(&header, kernel + LINUX_HEADER_OFFSET, sizeof header);
    if (header.version >= 0x203) expect(end - 1 <= header.initrd_addr_max);
}

static void build(void) {
    switch (kernel_kind) {
    case KERNEL_MULTIBOOT: multiboot_build(); break;
    case KERNEL_LINUX: linux_build(); break;
    case KERNEL_LINUX_REAL: pm_linux_real_build(0); return;
    default: return;
    }
    expect(handover_entry == boot_info.kernel_entry);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    for (int i = 0; i < 3; i++) {
        if (i == 0)
            make_multiboot();
        else
            make_linux(i == 2);
        memcpy(good_kernels[i], good_kernel, sizeof good_kernel);
    }
    machine_map_other();
    memset(machine_memory(HIGH_MEMORY_START), PATTERN, RAM_END - HIGH_MEMORY_START);
    memset(machine_memory(HANDOFF_ADDR - PAGE_SIZE), CANARY, PAGE_SIZE);
    memset(machine_memory(LINUX_REAL_ADDR + LINUX_REAL_SIZE), CANARY, PAGE_SIZE);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    make_kernel(data, size);
    for (uint32_t i = 0; i < write_count; i++)
        if (writes[i].phys >= HIGH_MEMORY_START)
            memset(machine_memory(writes[i].phys), PATTERN, writes[i].bytes);
    machine_start_other();
    boot_info.cpu_flags = size & 2 ? BOOT_CPU_LONG : 0;
    config.has_kernel_crc32 = false;

    if (load_kernel("K")) return 0;
    check_announced();
    if (kernel_kind == KERNEL_ASCENT) return 0; /* fuzz_load.c */
    expect(boot_info.kernel_phys >= LOADER_END && boot_info.kernel_phys_end <= RAM_END);
    expect(boot_info.kernel_entry - boot_info.kernel_phys <
           boot_info.kernel_phys_end - boot_info.kernel_phys);
    if (kernel_kind == KERNEL_MULTIBOOT)
        check_segments();
    else
        check_linux_image();
    if (!load_initrd("I")) {
        check_announced();
        check_initrd();
        expect(boot_info.kernel_phys != boot_info.initrd_phys);
    }
    build();
    expect(is_pattern(HANDOFF_ADDR - PAGE_SIZE, PAGE_SIZE, CANARY));
    expect(is_pattern(LINUX_REAL_ADDR + LINUX_REAL_SIZE, PAGE_SIZE, CANARY));
    return 0;
}
