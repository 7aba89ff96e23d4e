/*
 * test_other.c: kernels that are not ours, told apart and judged by what their files say; and that what
 * passes by is what was judged.
 */
#include "cmocka_test.h"

#include "error.h"
#include "other_file.h"

static uint32_t lie_at; /* offset in the file of a byte that is another in the first reading; or 0 */
static uint32_t reads;

static void machine_violation(const char *what, uint32_t phys, uint32_t bytes) {
    fail_msg("%s: %u bytes at %x", what, bytes, phys);
}

void print(const char *format, ...) {
    (void)format;
}

/* The head is read twice before it is judged: the lie is told in both, and not when it passes by. */
static enum boot_error on_read(uint32_t offset, uint32_t bytes, bool passing) {
    static bool wrong;

    (void)passing;
    bool holds = lie_at && lie_at >= offset && lie_at - offset < bytes;
    bool lie = holds && reads++ < 2;
    if (lie != wrong && (holds || wrong)) kernel[lie_at] ^= 0x10, wrong = lie;
    return BOOT_OK;
}

static void start(void) {
    static bool mapped;

    if (!mapped) machine_map_other();
    mapped = true;
    machine_start_other();
    memset(machine_memory(HIGH_MEMORY_START), PATTERN, RAM_END - HIGH_MEMORY_START);
    memset(&config, 0, sizeof config);
    memset(boot_cmdline, 0, sizeof boot_cmdline);
    memcpy(kernel, good_kernel, sizeof kernel);
    kernel_bytes = GOOD_BYTES;
    readings = lie_at = reads = 0;
}

static void start_multiboot(void) {
    make_multiboot();
    start();
}

static void start_linux(void) {
    make_linux(false);
    start();
}

static struct elf32_ehdr *ehdr(void) {
    return (struct elf32_ehdr *)kernel;
}

static struct elf32_phdr *phdr(int index) {
    return (struct elf32_phdr *)(kernel + ehdr()->e_phoff) + index;
}

static struct multiboot_header *multiboot(void) {
    return (struct multiboot_header *)(kernel + MULTIBOOT_AT);
}

static struct linux_header *header(void) {
    return (struct linux_header *)(kernel + LINUX_HEADER_OFFSET);
}

static void set_flags(uint32_t flags) {
    multiboot()->flags = flags;
    multiboot()->checksum = -(MULTIBOOT_MAGIC + flags);
}

/* ---- which kind ---- */

static void kinds(void **state) {
    (void)state;
    start_multiboot();
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(kernel_kind, KERNEL_MULTIBOOT);
    start_linux();
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(kernel_kind, KERNEL_LINUX);
    make_linux(true);
    start();
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(kernel_kind, KERNEL_LINUX_REAL);
    make_good_kernel();
    start();
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(kernel_kind, KERNEL_ASCENT);
}

/* Our own kernel with a Multiboot header in it, and "HdrS" where Linux's format has it. */
static void ours_before_all(void **state) {
    (void)state;
    make_good_kernel();
    start();
    memcpy(kernel + 0x3A0, &(uint32_t[]){MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC}, 12);
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(kernel_kind, KERNEL_ASCENT);
    make_good_kernel();
    start();
    header()->boot_flag = LINUX_BOOT_FLAG;
    header()->magic = LINUX_MAGIC;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(kernel_kind, KERNEL_ASCENT);
}

/* What is neither: only the a.out kludge has a name of its own. */
static void no_kernel(void **state) {
    (void)state;
    start_multiboot();
    kernel[0] = 0;
    assert_int_equal(load_kernel("K"), E_KERNEL_NOT_ELF);
    set_flags(MULTIBOOT_WANTS_AOUT);
    assert_int_equal(load_kernel("K"), E_MULTIBOOT_AOUT);
}

/* ---- Multiboot ---- */

static void multiboot_flags(void **state) {
    (void)state;
    for (uint32_t bit = 0; bit < 32; bit++) {
        enum boot_error error = bit < 3 ? BOOT_OK : bit < 16 ? E_MULTIBOOT_FLAGS : BOOT_OK;
        if (bit == 16) error = E_MULTIBOOT_AOUT;
        start_multiboot();
        set_flags(1u << bit);
        assert_int_equal(load_kernel("K"), error);
    }
    start_multiboot();
    multiboot()->checksum++;
    assert_int_equal(load_kernel("K"), E_MULTIBOOT_CHECKSUM);
    start_multiboot();
    multiboot()->mode_type = 0;
    assert_int_equal(load_kernel("K"), E_MULTIBOOT_VIDEO);
}

/* One whose checksum is wrong does not hide a good one behind it. */
static void multiboot_second_header(void **state) {
    (void)state;
    start_multiboot();
    memcpy(kernel + MULTIBOOT_AT - 0x40, multiboot(), 12);
    kernel[MULTIBOOT_AT - 0x40 + 8]++;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(kernel_kind, KERNEL_MULTIBOOT);
}

static void multiboot_segments(void **state) {
    (void)state;
    const struct { uint32_t member, value; enum boot_error error; } cases[] = {
        {offsetof(struct elf32_phdr, p_offset), 0x2F00, E_SEGMENT_FILE},
        {offsetof(struct elf32_phdr, p_filesz), 0x9001, E_SEGMENT_FILE},
        {offsetof(struct elf32_phdr, p_memsz), 0x4FF, E_SEGMENT_FILESZ},
        {offsetof(struct elf32_phdr, p_memsz), 0xFFFFF000, E_SEGMENT_WRAP},
        {offsetof(struct elf32_phdr, p_paddr), LOADER_END - 1, E_SEGMENT_LOADER},
        {offsetof(struct elf32_phdr, p_paddr), HOLE - 0x8FFF, E_SEGMENT_RAM},
        {offsetof(struct elf32_phdr, p_paddr), HOLE - 0x9000, BOOT_OK},
        {offsetof(struct elf32_phdr, p_paddr), 0x101FFF, E_SEGMENT_OVERLAP},
        {offsetof(struct elf32_phdr, p_vaddr), 0xFFFFFFFF, BOOT_OK},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_multiboot();
        memcpy((uint8_t *)phdr(1) + cases[i].member, &cases[i].value, 4);
        assert_int_equal(load_kernel("K"), cases[i].error);
        check_announced();
    }
    start_multiboot();
    for (int i = 0; i < 3; i++) phdr(i)->p_type = 6;
    assert_int_equal(load_kernel("K"), E_KERNEL_NO_LOAD);
}

static void multiboot_entry(void **state) {
    (void)state;
    const struct { uint32_t entry, phys; } cases[] = {
        {0x100000, 0x100000},   {0x101233, 0x101233},   {0x80102010, 0x102010}, {0x8011A000, 0},
        {0x801187FF, 0x1187FF}, {0x80118800, 0},        {0x101234, 0},          {0xFFFFF, 0},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_multiboot();
        ehdr()->e_entry = cases[i].entry;
        assert_int_equal(load_kernel("K"), cases[i].phys ? BOOT_OK : E_MULTIBOOT_ENTRY);
        if (cases[i].phys) assert_int_equal(boot_info.kernel_entry, cases[i].phys);
    }
}

/* The longest of all lines, and modules: they lie in front of the memory map. */
static void multiboot_longest(void **state) {
    (void)state;
    const struct multiboot_info *info = machine_memory(HANDOFF_ADDR);

    start_multiboot();
    assert_int_equal(load_kernel("K"), BOOT_OK);
    memset(config.kernel, 'k', sizeof config.kernel - 1);
    memset(config.cmdline, 'c', sizeof config.cmdline - 1);
    memset(config.initrd, 'i', sizeof config.initrd - 1);
    config.module_count = CONFIG_MODULES_MAX;
    for (int i = 0; i < CONFIG_MODULES_MAX; i++) {
        memset(config.modules[i].path, 'm', sizeof config.modules[i].path - 1);
        memset(config.modules[i].arguments, 'a', sizeof config.modules[i].arguments - 1);
    }
    kernel_bytes = 16;
    assert_int_equal(load_initrd("I"), BOOT_OK);
    for (uint32_t i = 0; i < CONFIG_MODULES_MAX; i++) assert_int_equal(load_module(i), BOOT_OK);
    multiboot_build();
    const struct multiboot_module *modules = machine_memory(info->mods_addr);
    assert_int_equal(info->mods_count, 1 + CONFIG_MODULES_MAX);
    for (uint32_t i = 1; i <= CONFIG_MODULES_MAX; i++) {
        assert_int_equal(modules[i].start % PAGE_SIZE, 0);
        assert_true(modules[i].start >= modules[i - 1].end);
        assert_int_equal(modules[i].end - modules[i].start, 16);
        assert_int_equal(strlen(machine_memory(modules[i].string)),
                         FAT_PATH_MAX - 1 + 1 + CMDLINE_MAX - 1);
    }
    assert_string_equal(machine_memory(info->boot_loader_name), "Ascent");
    assert_true(info->boot_loader_name + 7 <= info->mmap_addr);
    assert_true(info->mmap_addr + info->mmap_length <= HANDOFF_ADDR + HANDOFF_SIZE);
}

/* A file of 0 bytes is a module too: else the others would change their numbers. */
static void multiboot_empty_modules(void **state) {
    (void)state;
    const struct multiboot_info *info = machine_memory(HANDOFF_ADDR);

    start_multiboot();
    assert_int_equal(load_kernel("K"), BOOT_OK);
    strcpy(config.initrd, "I");
    strcpy(config.modules[0].path, "M");
    config.module_count = 1;
    kernel_bytes = 0;
    assert_int_equal(load_initrd("I"), BOOT_OK);
    kernel_bytes = 16;
    assert_int_equal(load_module(0), BOOT_OK);
    multiboot_build();
    const struct multiboot_module *modules = machine_memory(info->mods_addr);
    assert_int_equal(info->mods_count, 2);
    assert_int_equal(modules[0].end, modules[0].start);
    assert_string_equal(machine_memory(modules[0].string), "I");
    assert_string_equal(machine_memory(modules[1].string), "M");
}

/* ---- Linux ---- */

static void linux_fields(void **state) {
    (void)state;
#define CASE(member, value, error) {offsetof(struct linux_header, member), sizeof header()->member, value, error}
    const struct { uint32_t member, bytes; uint64_t value; enum boot_error error; } cases[] = {
        CASE(boot_flag, 0xAA54, E_LINUX_BOOT_FLAG),
        CASE(version, 0x201, E_LINUX_VERSION),
        CASE(version, 0x202, BOOT_OK),
        CASE(loadflags, 0, E_LINUX_LOW),
        CASE(xloadflags, LINUX_IS_64_BIT, E_LINUX_64_BIT),
        CASE(setup_sects, 23, E_LINUX_TRUNCATED), /* all of the file */
        CASE(setup_sects, 0, E_LINUX_TRUNCATED),  /* four: then syssize is too large */
        CASE(syssize, 0, E_LINUX_TRUNCATED),
        CASE(syssize, 0x2C1, E_LINUX_TRUNCATED),
        CASE(syssize, 0x10000001, E_LINUX_TRUNCATED), /* in bytes it would be 16 */
        CASE(syssize, 1, BOOT_OK),
        CASE(init_size, HOLE - HIGH_MEMORY_START, BOOT_OK),
        CASE(init_size, RAM_END - HOLE_END, BOOT_OK), /* behind the hole */
        CASE(init_size, RAM_END - HOLE_END + 1, E_NO_ROOM_KERNEL),
        CASE(init_size, 0xFFFFFFFF, E_NO_ROOM_KERNEL),
        CASE(pref_address, 1ull << 32 | HIGH_MEMORY_START, E_NO_ROOM_KERNEL),
        CASE(pref_address, 0x10000, BOOT_OK), /* elsewhere, then */
        CASE(kernel_alignment, 0, E_LINUX_ALIGNMENT),
        CASE(kernel_alignment, 8, E_LINUX_ALIGNMENT),
        CASE(kernel_alignment, 0x1001, E_LINUX_ALIGNMENT),
        CASE(cmdline_size, 3, E_LINUX_CMDLINE),
        CASE(cmdline_size, 4, BOOT_OK),
    };
#undef CASE

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_linux();
        memcpy(boot_cmdline, "four", 5);
        memcpy((uint8_t *)header() + cases[i].member, &cases[i].value, cases[i].bytes);
        if (load_kernel("K") != cases[i].error) fail_msg("case %u: another error", i);
        check_announced();
    }
    start_linux();
    kernel_bytes = LINUX_HEADER_OFFSET + sizeof(struct linux_header) - 1;
    assert_int_equal(load_kernel("K"), E_LINUX_SHORT);
    start_linux();
    boot_info.cpu_flags = BOOT_CPU_LONG;
    header()->xloadflags = LINUX_IS_64_BIT;
    assert_int_equal(load_kernel("K"), BOOT_OK);
}

/* boot.rst: before 2.04 syssize has two bytes, and cannot be trusted: all behind the real-mode part. */
static void linux_size_before_2_04(void **state) {
    (void)state;
    const uint32_t sizes[] = {0x10, 1, 0x2C1, 0x12340100}; /* the rest is no size at all */

    for (unsigned i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        start_linux();
        header()->version = i % 2 ? 0x203 : 0x202;
        header()->syssize = sizes[i / 2];
        assert_int_equal(load_kernel("K"), BOOT_OK);
        assert_memory_equal(machine_memory(boot_info.kernel_phys), kernel + SETUP_BYTES,
                            GOOD_BYTES - SETUP_BYTES);
        check_announced();
    }
    start_linux();
    header()->version = 0x204;
    header()->syssize = 0x10;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(*(uint8_t *)machine_memory(boot_info.kernel_phys + 0x100), PATTERN);
}

/* Without both of them there is no 32-bit code; from 2.04 on it has a length in any case. */
static void linux_kind(void **state) {
    (void)state;
    const struct { uint32_t version, code32_start, syssize, kind; } cases[] = {
        {0x203, 0x100000, 1, KERNEL_LINUX},           {0x203, 0x100000, 0, KERNEL_LINUX_REAL},
        {0x203, 0x100000, 0x12340000, KERNEL_LINUX_REAL}, {0x203, 0, 1, KERNEL_LINUX_REAL},
        {0x204, 0x100000, 1, KERNEL_LINUX},           {0x204, 0, 1, KERNEL_LINUX_REAL},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_linux();
        header()->version = (uint16_t)cases[i].version;
        header()->code32_start = cases[i].code32_start;
        header()->syssize = cases[i].syssize;
        assert_int_equal(load_kernel("K"), BOOT_OK);
        assert_int_equal(kernel_kind, cases[i].kind);
    }
}

static void linux_place(void **state) {
    (void)state;
    const struct linux_header *handed = machine_memory(HANDOFF_ADDR + LINUX_HEADER_OFFSET);
    const struct { uint32_t init_size, alignment, version, phys; bool fixed; uint64_t preferred; } cases[] = {
        {0x8000, 0x1000, 0x20F, 0x104000, false, 0x104000},
        {0x8000, 0x1000, 0x20F, 0x118000, false, 0x10C000}, /* would end in the hole */
        {0x8000, 0x1000, 0x20F, 0, false, 0x12C000}, /* below that it would move itself there */
        {0x18000, 0x1000, 0x20F, 0x118000, false, 0x100000},
        {0x8000, 0x20000, 0x20F, 0, false, 0x10C000 + (1ull << 33)},
        {0x8000, 0x20000, 0x20F, 0x120000, false, 0x10C000}, /* it runs from a multiple on */
        {0x8000, 0x1000, 0x20F, 0x100000, false, 0}, /* no wish */
        {0x8000, 0x1000, 0x20F, 0x100000, true, 0},
        {0x8000, 0x1000, 0x20F, 0, true, 0x10C000},
        {0x8000, 0x1000, 0x20F, 0x100000, true, 0x104000}, /* it moves itself */
        {0x8000, 0x1000, 0x209, 0x100000, true, 0x10C000}, /* has no such field yet */
        {0x8000, 0x20000, 0x209, 0x100000, false, 0},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_linux();
        header()->init_size = cases[i].init_size;
        header()->kernel_alignment = cases[i].alignment;
        header()->version = (uint16_t)cases[i].version;
        header()->relocatable_kernel = !cases[i].fixed;
        header()->pref_address = cases[i].preferred;
        enum boot_error error = load_kernel("K");
        if (error != (cases[i].phys ? BOOT_OK : E_NO_ROOM_KERNEL)) fail_msg("case %u: %u", i, error);
        if (error) continue;
        assert_int_equal(boot_info.kernel_phys, cases[i].phys);
        assert_int_equal(boot_info.kernel_entry, cases[i].phys);
        linux_build();
        assert_int_equal(handed->code32_start, cases[i].phys);
        if (i == 0 || cases[i].preferred == 0x104000)
            assert_int_equal(boot_info.kernel_phys_end, 0x10C000);
    }
}

static void linux_initrd(void **state) {
    (void)state;
    const struct { uint32_t last, bytes, init_size, phys; } cases[] = {
        {RAM_END - 1, 0x1000, 0x8000, RAM_END - 0x1000},
        {RAM_END - 2, 0x1000, 0x8000, RAM_END - 0x2000}, /* the last byte that it may have */
        {0xFFFFFFFF, 0x2001, 0x8000, RAM_END - 0x3000},
        {HOLE_END + 0xFFF, 0x1000, 0x8000, HOLE_END},
        {HOLE_END + 0xFFE, 0x1000, 0x8000, HOLE - 0x1000},
        {HOLE - 1, 0x1000, 0xF000, HOLE - 0x1000}, /* just behind the kernel */
        {HOLE - 1, 0x1000, 0xF001, 0},             /* no page between it and the end */
        {0xFFFFF, 0x1000, 0x8000, 0},              /* not below 1 MB */
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_linux();
        header()->initrd_addr_max = cases[i].last;
        header()->init_size = cases[i].init_size;
        assert_int_equal(load_kernel("K"), BOOT_OK);
        kernel_bytes = cases[i].bytes;
        assert_int_equal(load_initrd("I"), cases[i].phys ? BOOT_OK : E_NO_ROOM_INITRD);
        assert_int_equal(boot_info.initrd_phys, cases[i].phys);
        check_announced();
    }
}

/* boot.rst, "Special Command Line Options": mem= ends the memory that an initrd may have. */
static void linux_mem(void **state) {
    (void)state;
    const struct { const char *words; uint32_t phys; } cases[] = {
        {"mem=0x11E000", 0x11D000},       {"a mem=0X11E000 b", 0x11D000},
        {"mem=1144K", 0x11D000},          {"mem=04360000", 0x11D000},
        {"mem=1171456", 0x11D000},        {"mem=1g", RAM_END - 0x1000},
        {"mem=2E", RAM_END - 0x1000},     {"mem=nopentium", RAM_END - 0x1000},
        {"mem=", RAM_END - 0x1000},       {"nomem=1M", RAM_END - 0x1000},
        {"mem=2M mem=1144k", 0x11D000},   {"mem=1m", 0},
        {"mem=1144k mem=2M", 0x11D000},   {"me", RAM_END - 0x1000},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_linux();
        strcpy(boot_cmdline, cases[i].words);
        assert_int_equal(load_kernel("K"), BOOT_OK);
        kernel_bytes = 0x1000;
        assert_int_equal(load_initrd("I"), cases[i].phys ? BOOT_OK : E_NO_ROOM_INITRD);
        assert_int_equal(boot_info.initrd_phys, cases[i].phys);
    }
}

/* boot_params: the header as long as it says, the rest 0 or ours. */
static void linux_params(void **state) {
    (void)state;
    const uint8_t *params = machine_memory(HANDOFF_ADDR);
    const struct linux_header *handed = (const void *)(params + LINUX_HEADER_OFFSET);

    for (unsigned end = 0x202 + 0x2A; end < 0x302; end += 7) {
        start_linux();
        header()->header_end = (uint8_t)(end - 0x202);
        memcpy(boot_cmdline, "words", 6);
        assert_int_equal(load_kernel("K"), BOOT_OK);
        kernel_bytes = 16;
        assert_int_equal(load_initrd("I"), BOOT_OK);
        linux_build();
        assert_string_equal(machine_memory(handed->cmd_line_ptr), "words");
        assert_int_equal(handed->ramdisk_image, boot_info.initrd_phys);
        assert_int_equal(handed->ramdisk_size, 16);
        assert_int_equal(handed->type_of_loader, LINUX_LOADER_UNKNOWN);
        assert_int_equal(handed->version, header()->version);
        for (unsigned at = end; at < 0x2D0; at++) assert_int_equal(params[at], 0);
        if (end > 0x264) assert_memory_equal(params + 0x260, kernel + 0x260, 4);
        assert_int_equal(params[0x1E8], 3);
        assert_memory_equal(params + 0x2D0, memory_map, 20);
        assert_memory_equal(params + 0x2D0 + 40, &memory_map[2], 20);
        assert_int_equal(params[0x2D0 + 60], 0);
    }
}

static void linux_real(void **state) {
    (void)state;
    const struct linux_header *real = machine_memory(LINUX_REAL_ADDR + LINUX_HEADER_OFFSET);
    make_linux(true);
    start();
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_memory_equal(machine_memory(LINUX_REAL_ADDR), kernel, SETUP_BYTES);
    pm_linux_real_build(0);
    assert_int_equal(real->code32_start, 0); /* where it was meant to be */
    make_linux(true);
    start();
    header()->relocatable_kernel = 1;
    header()->pref_address = HOLE_END;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    pm_linux_real_build(0);
    assert_int_equal(real->code32_start, HOLE_END);
    make_linux(true);
    start();
    memory_map[0].length -= 1; /* one byte of its 64 KB is not there */
    assert_int_equal(load_kernel("K"), E_LINUX_NO_LOW_ROOM);
}

/* ---- what passes by is what was judged ---- */

static void judged_is_what_passes(void **state) {
    (void)state;
    const uint32_t at[] = {LINUX_HEADER_OFFSET + offsetof(struct linux_header, pref_address) + 2,
                           LINUX_HEADER_OFFSET + offsetof(struct linux_header, setup_sects),
                           LINUX_HEADER_OFFSET + offsetof(struct linux_header, magic)};

    for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++) {
        start_linux();
        lie_at = at[i];
        enum boot_error error = load_kernel("K");
        if (error) continue; /* it was named */
        assert_int_equal(readings, 2);
        assert_int_equal(boot_info.kernel_phys, 0x100000);
    }
    start_multiboot();
    lie_at = MULTIBOOT_AT + 44; /* the depth, which nobody judges, is in the head all the same */
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(readings, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(ours_before_all),
        cmocka_unit_test(no_kernel),
        cmocka_unit_test(multiboot_flags),
        cmocka_unit_test(multiboot_second_header),
        cmocka_unit_test(multiboot_segments),
        cmocka_unit_test(multiboot_entry),
        cmocka_unit_test(multiboot_longest),
        cmocka_unit_test(multiboot_empty_modules),
        cmocka_unit_test(linux_fields),
        cmocka_unit_test(linux_size_before_2_04),
        cmocka_unit_test(linux_kind),
        cmocka_unit_test(linux_place),
        cmocka_unit_test(linux_initrd),
        cmocka_unit_test(linux_mem),
        cmocka_unit_test(linux_params),
        cmocka_unit_test(linux_real),
        cmocka_unit_test(judged_is_what_passes),
    };
    return cmocka_run_group_tests_name("other", tests, 0, 0);
}
