/*
 * test_ata_identity.c: what disks say of themselves: old ones, new ones, and what is none.
 */
#include "cmocka_test.h"

#include <dev/ata_identity.h>
#include <string.h>

static uint16_t words[ATA_IDENTITY_WORDS];
static struct ata_identity identity;

/* A disk of the nineties: LBA, multiword DMA mode 2, 8 sectors for an interrupt. */
static int old_disk(void **state) {
    (void)state;
    memset(words, 0, sizeof words);
    words[0] = 0x0040;
    words[47] = 0x8008;
    words[49] = 0x0300;
    words[60] = 0x5678;
    words[61] = 0x0012;
    words[63] = 0x0407;
    for (unsigned i = 0; i < 20; i++) words[27 + i] = 0x2020;
    words[27] = 'A' << 8 | 'b';
    words[28] = 'c' << 8 | ' ';
    words[29] = '1' << 8 | 7;
    return 0;
}

static void an_old_disk(void **state) {
    (void)state;
    assert_null(ata_identity_read(words, &identity));
    assert_int_equal(identity.sectors, 0x125678);
    assert_int_equal(identity.multiple, 8);
    assert_true(identity.dma);
    assert_false(identity.lba48 || identity.flush || identity.flush_ext);
    assert_string_equal(identity.model, "Abc 1");
}

static void a_new_disk(void **state) {
    (void)state;
    words[47] = 0x80FF;
    words[53] = 0x0006;
    words[60] = words[61] = 0xFFFF;
    words[63] = 0x0007;
    words[83] = 0x7400;
    words[88] = 0x203F;
    words[100] = 0x4321;
    words[102] = 0x0003;
    words[106] = 0x6003; /* physical sectors of 4 KB, logical ones of 512 bytes */
    assert_null(ata_identity_read(words, &identity));
    assert_true(identity.sectors == 0x300004321ull);
    assert_int_equal(identity.multiple, 16);
    assert_true(identity.dma && identity.lba48 && identity.flush && identity.flush_ext);
}

/* A mode has to be chosen, in a word that is valid. */
static void dma_needs_a_mode(void **state) {
    (void)state;
    words[63] = 0x0007;
    words[88] = 0x203F;
    assert_null(ata_identity_read(words, &identity));
    assert_false(identity.dma);
    words[53] = 0x0004;
    assert_null(ata_identity_read(words, &identity));
    assert_true(identity.dma);
    words[49] = 0x0200;
    assert_null(ata_identity_read(words, &identity));
    assert_false(identity.dma);
}

/* FFFFh, and 0000h, say nothing. */
static void words_that_are_not_valid(void **state) {
    (void)state;
    words[83] = words[106] = 0xFFFF;
    assert_null(ata_identity_read(words, &identity));
    assert_false(identity.lba48 || identity.flush || identity.flush_ext);
    words[83] = 0x3400;
    assert_null(ata_identity_read(words, &identity));
    assert_false(identity.lba48 || identity.flush);
}

static void what_is_no_disk_for_us(void **state) {
    (void)state;
    words[0] = 0x8580;
    assert_string_equal(ata_identity_read(words, &identity), "is no disk");
    words[0] = 0x848A;
    assert_null(ata_identity_read(words, &identity));
    words[49] = 0x0100;
    assert_string_equal(ata_identity_read(words, &identity), "has no LBA");
    words[49] = 0x0200;
    words[106] = 0x5000;
    assert_non_null(ata_identity_read(words, &identity));
    words[106] = 0;
    words[60] = words[61] = 0;
    assert_string_equal(ata_identity_read(words, &identity), "has no sectors");
}

#define TEST(name) cmocka_unit_test_setup(name, old_disk)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_old_disk),
        TEST(a_new_disk),
        TEST(dma_needs_a_mode),
        TEST(words_that_are_not_valid),
        TEST(what_is_no_disk_for_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
