/*
 * test_load.c: what is judged is what is loaded, what is loaded is what the checksum covers, and
 * what fails is read again.
 */
#include "cmocka_test.h"

#include "crc32.h"
#include "error.h"
#include "kernel_file.h"

#define RAM_END 0x140000

static char printed[2000];
static uint32_t lie_at, lies; /* offset in the file, and how often it is another byte there */
static bool lie_passing;      /* when it passes by; else when it is judged */
static bool wrong;            /* it is so now */
static uint32_t fail_at;      /* judging this part of the file is an error of the disk */

static void machine_violation(const char *what, uint32_t phys, uint32_t bytes) {
    fail_msg("%s: %u bytes at %x", what, bytes, phys);
}

void print(const char *format, ...) {
    strncat(printed, format, sizeof printed - strlen(printed) - 1);
}

static enum boot_error on_read(uint32_t offset, uint32_t bytes, bool passing) {
    if (!passing && fail_at && offset == fail_at) return E_DISK_READ;
    bool lie = lies && passing == lie_passing &&
               lie_at >= offset && lie_at - offset < bytes;
    if (lie) lies--;
    if (lie != wrong) kernel[lie_at] ^= 0x10;
    wrong = lie;
    return BOOT_OK;
}

static uint32_t crc_of(const uint8_t *data, uint32_t bytes) {
    static crc32_tables tables;

    crc32_init(tables);
    return crc32(tables, 0, data, bytes);
}

static int start(void **state) {
    (void)state;
    if (!kernel_bytes) {
        machine_map(0x10000, LOADER_END - 0x10000);
        machine_map(HIGH_MEMORY_START, RAM_END - HIGH_MEMORY_START);
    }
    make_good_kernel();
    memcpy(kernel, good_kernel, sizeof kernel);
    kernel_bytes = GOOD_BYTES;
    memset(&boot_info, 0, sizeof boot_info);
    machine_range(HIGH_MEMORY_START, RAM_END - HIGH_MEMORY_START);
    config = (struct config){.has_kernel_crc32 = true, .kernel_crc32 = crc_of(kernel, kernel_bytes)};
    readings = smaller = lies = fail_at = write_count = 0;
    wrong = false;
    printed[0] = 0;
    return 0;
}

static void assert_good_memory(void) {
    assert_memory_equal(machine_memory(0x100000), good_kernel + 0x400, 0x1234);
    assert_memory_equal(machine_memory(0x102000), good_kernel + 0x1700, 0x500);
    assert_memory_equal(machine_memory(boot_info.symtab_phys), good_kernel + 0x2800, 0x300);
    assert_memory_equal(machine_memory(boot_info.strtab_phys), good_kernel + 0x2B00, 0x123);
    for (uint32_t phys = 0x102500; phys < 0x10B000; phys++)
        assert_int_equal(*(uint8_t *)machine_memory(phys), 0);
}

static void loaded(void **state) {
    (void)state;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(readings, 1);
    assert_int_equal(boot_info.workarounds, 0);
    assert_good_memory();
    check_announced();
}

/* Memory as it was: what was lent is back. */
static void assert_nothing_lent(void) {
    assert_int_equal(memory_map[0].length, RAM_END - HIGH_MEMORY_START);
    assert_int_equal(lent_end, 0);
}

static void start_packed(void **state) {
    start(state);
    pack_kernel();
    config.kernel_crc32 = crc_of(kernel, kernel_bytes);
}

static void packed(void **state) {
    for (unsigned checksum = 0; checksum < 2; checksum++) {
        start_packed(state);
        config.has_kernel_crc32 = checksum;
        assert_int_equal(load_kernel("K"), BOOT_OK);
        assert_int_equal(readings, 1);
        assert_good_memory();
        check_announced();
        assert_nothing_lent();
    }
    assert_int_equal(load_initrd("I"), BOOT_OK); /* it comes from the disk */
    assert_memory_equal(machine_memory(boot_info.initrd_phys), kernel, kernel_bytes);
}

/* A bit that is wrong once, in each part of the file: seen with a checksum and without. */
static void packed_is_tried_again(void **state) {
    static const uint32_t lies_at[] = {2, 6, 14, 16, 19 + 0x20, 19 + 0x1800, 19 + 0x3000, 19 + 0x3004};

    for (unsigned checksum = 0; checksum < 2; checksum++)
        for (unsigned i = 0; i < sizeof lies_at / sizeof lies_at[0]; i++) {
            start_packed(state);
            config.has_kernel_crc32 = checksum;
            lie_at = lies_at[i], lies = 1, lie_passing = true;
            assert_int_equal(load_kernel("K"), BOOT_OK);
            assert_int_equal(readings, 2);
            assert_int_equal(smaller, 1);
            assert_good_memory();
            assert_nothing_lent();
        }
}

static void packed_and_damaged(void **state) {
    start_packed(state);
    config.has_kernel_crc32 = false;
    kernel[19 + 0x1800] ^= 1;
    assert_int_equal(load_kernel("K"), E_LZ4_CHECKSUM);
    assert_int_equal(readings, 2); /* the same twice */
    assert_nothing_lent();
    start_packed(state);
    config.kernel_crc32 ^= 1; /* this comes first */
    kernel[19 + 0x1800] ^= 1;
    assert_int_equal(load_kernel("K"), E_KERNEL_CRC);
    start_packed(state);
    kernel[14] ^= 1;
    assert_int_equal(load_kernel("K"), E_LZ4_HEADER);
    assert_nothing_lent();
}

/* What is unpacked is judged as any other file is. */
static void packed_kernel_is_judged(void **state) {
    start(state);
    kernel[4] = 2;
    pack_kernel();
    config.has_kernel_crc32 = false;
    assert_int_equal(load_kernel("K"), E_KERNEL_CLASS);
    assert_nothing_lent();
    start(state);
    kernel_bytes = 0;
    pack_kernel();
    config.has_kernel_crc32 = false;
    assert_int_equal(load_kernel("K"), E_KERNEL_NOT_ELF);
}

/* Every size of memory: it is loaded, or there is an error with a name, and nothing is written over
 * what it is unpacked from. */
static void packed_in_little_memory(void **state) {
    bool seen[100] = {false};

    for (uint32_t end = 0x101000; end <= RAM_END; end += PAGE_SIZE) {
        start_packed(state);
        memory_map[0].length = end - HIGH_MEMORY_START;
        write_count = 0;
        enum boot_error error = load_kernel("K");
        seen[error] = true;
        if (!error) assert_good_memory();
        assert_int_equal(memory_map[0].length, end - HIGH_MEMORY_START);
    }
    assert_true(seen[BOOT_OK] && seen[E_LZ4_ROOM] && seen[E_SEGMENT_RAM] && seen[E_NO_ROOM_SYMBOLS]);
}

/* Where in the file it is judged: ELF header, program headers, note, section headers. */
static const uint32_t judged_at[] = {0x18, 0x34 + 12, 0x34 + 32 + 20, 0x300 + 20, 0x228 + 16, 0x250 + 20};

/* A lie while it is judged, which the checksum does not see: it is in the file once only. */
static void judged_is_what_passes(void **state) {
    for (unsigned checksum = 0; checksum < 2; checksum++)
        for (unsigned i = 0; i < sizeof judged_at / sizeof judged_at[0]; i++) {
            start(state);
            config.has_kernel_crc32 = checksum;
            lie_at = judged_at[i], lie_passing = false;
            lies = i == 4 ? 2 : 1; /* the symbol table's header is looked for, then judged */
            enum boot_error error = load_kernel("K");
            if (error) continue; /* named */
            assert_int_equal(readings, 2);
            assert_true(boot_info.workarounds >> WORKAROUND_FILE_REREAD & 1);
            assert_good_memory();
        }
}

/* The same when it passes by, and then for ever. */
static void passes_is_what_was_judged(void **state) {
    for (unsigned i = 0; i < sizeof judged_at / sizeof judged_at[0]; i++) {
        start(state);
        config.has_kernel_crc32 = false;
        lie_at = judged_at[i], lies = 1, lie_passing = true;
        assert_int_equal(load_kernel("K"), BOOT_OK);
        assert_int_equal(readings, 2);
        assert_good_memory();
        start(state);
        config.has_kernel_crc32 = false;
        lie_at = judged_at[i], lies = UINT32_MAX, lie_passing = true;
        assert_int_equal(load_kernel("K"), E_DISK_UNSTABLE);
        assert_int_equal(readings, 3);
    }
}

static void checksum_is_tried_again(void **state) {
    start(state);
    lie_at = 0x1800, lies = 1, lie_passing = true;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(readings, 2);
    assert_int_equal(smaller, 1);
    assert_good_memory();
}

/*
 * The file is another one, and both readings say so: that is no reason for a third, nor for small
 * reads of the file that is chosen next. What the machine has done wrong before stays.
 */
static void wrong_checksum(void **state) {
    for (uint32_t before = 0; before < 2; before++) {
        start(state);
        boot_info.disk_max_transfer = 127;
        boot_info.workarounds = before << WORKAROUND_FILE_REREAD;
        config.kernel_crc32 ^= 1;
        assert_int_equal(load_kernel("K"), E_KERNEL_CRC);
        assert_int_equal(readings, 2);
        assert_int_equal(smaller, 1);
        assert_int_equal(boot_info.disk_max_transfer, 127);
        assert_int_equal(boot_info.workarounds, before << WORKAROUND_FILE_REREAD);
    }
}

/* The first reading was another: that is the disk, whose long reads are not trusted any more. */
static void checksums_that_change(void **state) {
    start(state);
    boot_info.disk_max_transfer = 127;
    config.kernel_crc32 ^= 1;
    lie_at = 0x1800, lies = 1, lie_passing = true;
    assert_int_equal(load_kernel("K"), E_KERNEL_CRC);
    assert_int_equal(readings, 3);
    assert_int_equal(boot_info.disk_max_transfer, 16);
    assert_true(boot_info.workarounds >> WORKAROUND_FILE_REREAD & 1);
    start(state);
    boot_info.disk_max_transfer = 127;
    lie_at = 0x1800, lies = 1, lie_passing = true;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(boot_info.disk_max_transfer, 16);
}

static void initrd_is_tried_again(void **state) {
    start(state);
    config.has_initrd_crc32 = true;
    config.initrd_crc32 = config.kernel_crc32;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    lie_at = 0x2000, lies = 1, lie_passing = true;
    assert_int_equal(load_initrd("I"), BOOT_OK);
    assert_int_equal(readings, 3);
    assert_memory_equal(machine_memory(boot_info.initrd_phys), good_kernel, kernel_bytes);
    check_announced();
    config.initrd_crc32 ^= 1;
    assert_int_equal(load_initrd("I"), E_INITRD_CRC);
}

/* Headers that cannot be read are the disk's error, not a kernel without symbols. */
static void unreadable_section_headers(void **state) {
    start(state);
    fail_at = 0x200 + 40;
    assert_int_equal(load_kernel("K"), E_DISK_READ);
    assert_null(strstr(printed, "warning"));
}

static void unreadable_note(void **state) {
    start(state);
    fail_at = 0x300;
    assert_int_equal(load_kernel("K"), E_DISK_READ);
}

static void no_symbols(void **state) {
    start(state);
    config.has_kernel_crc32 = false;
    kernel[0x200 + 40 + 4] = 1; /* no section is a symbol table */
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_non_null(strstr(printed, "warning"));
    assert_int_equal(boot_info.symtab_bytes, 0);
}

/* The symbol table's header is not one, for as long as one look at it takes. */
static void symbols_overlooked(void **state) {
    start(state);
    lie_at = 0x200 + 40 + 4, lies = 1, lie_passing = false;
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_null(strstr(printed, "warning"));
    assert_good_memory();
}

static void flags_of_the_note(void **state) {
    start(state);
    config.has_kernel_crc32 = false;
    kernel[0x300 + 20] = ASCENT_NOTE_CHECKSUM;
    assert_int_equal(load_kernel("K"), E_KERNEL_NO_CRC);
    config.has_kernel_crc32 = true;
    config.kernel_crc32 = crc_of(kernel, kernel_bytes);
    assert_int_equal(load_kernel("K"), BOOT_OK);
    kernel[0x300 + 20] = 4;
    assert_int_equal(load_kernel("K"), E_NOTE_FLAGS);
    assert_int_equal(error_details[0].value, 4);
}

/* A note without bytes may say anything of its place, as any segment may. */
static void empty_note_behind_the_file(void **state) {
    struct elf32_ehdr ehdr;
    struct elf32_phdr *phdr;

    start(state);
    memcpy(&ehdr, kernel, sizeof ehdr);
    phdr = (struct elf32_phdr *)(kernel + ehdr.e_phoff);
    while (phdr->p_type != PT_NOTE) phdr++;
    phdr->p_filesz = 0;
    phdr->p_offset = 0x7F000000;
    config.kernel_crc32 = crc_of(kernel, kernel_bytes);
    assert_int_equal(load_kernel("K"), BOOT_OK);
}

/* The cluster goes on behind the file; its sectors may be bad. */
static void slack_is_not_read(void **state) {
    start(state);
    kernel_bytes = 0x2C23;
    config.kernel_crc32 = crc_of(kernel, kernel_bytes);
    assert_int_equal(load_kernel("K"), BOOT_OK);
    assert_int_equal(last_lba, FIRST_LBA + 0x2C22 / SECTOR_SIZE);
}

/* A destination that overlaps the source: only there the bytes are right when they are summed. */
static void summed_where_it_arrived(void **state) {
    start(state);
    uint8_t *source = machine_memory(0x110100);
    memcpy(source, good_kernel, 0x1000);
    struct extent extent = {0, 0x1000, 0x110000, EXTENT_COPY};
    struct delivery delivery = {
        .source = 0x110100, .bytes = 0x1000, .extents = &extent, .extent_count = 1, .want_crc = 1};
    pm_deliver(&delivery);
    assert_int_equal(delivery.crc, crc_of(good_kernel, 0x1000));
}

/* Borders of extents at any place within what passes by: each byte goes where it should. */
static void any_borders(void **state) {
    start(state);
    srand(6);
    for (int round = 0; round < 2000; round++) {
        struct extent extents[3];
        for (uint32_t i = 0; i < 3; i++)
            extents[i] = (struct extent){(uint32_t)rand() % 300, (uint32_t)rand() % 300,
                                         0x110000 + i * 0x1000, EXTENT_COPY};
        struct delivery delivery = {.source = BOUNCE_ADDR, .extents = extents, .extent_count = 3,
                                    .want_crc = 1};
        memset(machine_memory(0x110000), PATTERN, 0x3000);
        for (uint32_t at = 0; at < 700; at += delivery.bytes) {
            delivery.offset = at;
            delivery.bytes = 1 + (uint32_t)rand() % 200;
            if (delivery.bytes > 700 - at) delivery.bytes = 700 - at;
            memcpy(machine_memory(BOUNCE_ADDR), good_kernel + at, delivery.bytes);
            pm_deliver(&delivery);
        }
        assert_false(delivery.differs);
        assert_int_equal(delivery.crc, crc_of(good_kernel, 700));
        for (uint32_t i = 0; i < 3; i++) {
            uint8_t *place = machine_memory(extents[i].phys);
            assert_memory_equal(place, good_kernel + extents[i].offset, extents[i].bytes);
            assert_int_equal(place[extents[i].bytes], PATTERN);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(loaded, start),
        cmocka_unit_test_setup(packed, start),
        cmocka_unit_test_setup(packed_is_tried_again, start),
        cmocka_unit_test_setup(packed_and_damaged, start),
        cmocka_unit_test_setup(packed_kernel_is_judged, start),
        cmocka_unit_test_setup(packed_in_little_memory, start),
        cmocka_unit_test(judged_is_what_passes),
        cmocka_unit_test(passes_is_what_was_judged),
        cmocka_unit_test(checksum_is_tried_again),
        cmocka_unit_test(wrong_checksum),
        cmocka_unit_test(checksums_that_change),
        cmocka_unit_test(initrd_is_tried_again),
        cmocka_unit_test(unreadable_section_headers),
        cmocka_unit_test(unreadable_note),
        cmocka_unit_test(no_symbols),
        cmocka_unit_test(symbols_overlooked),
        cmocka_unit_test(flags_of_the_note),
        cmocka_unit_test(empty_note_behind_the_file),
        cmocka_unit_test(slack_is_not_read),
        cmocka_unit_test(summed_where_it_arrived),
        cmocka_unit_test(any_borders),
    };
    return cmocka_run_group_tests_name("load", tests, 0, 0);
}
