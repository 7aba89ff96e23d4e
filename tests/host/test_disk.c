/*
 * test_disk.c: reading sectors with BIOSes that do not always want to: what disk.c asks for, and
 * what comes of it. The BIOS is the one below; sector n of its disk holds n in each word.
 */
#include "cmocka_test.h"

#include <string.h>

#include "bios.h"
#include "disk.h"
#include "error.h"
#include "fat.h"
#include "loader_machine.h"
#include "partition.h"

static struct bios {
    bool edd_fails;          /* EDD has served so far, and no longer does */
    bool geometry_fails;     /* AH=08h */
    uint8_t sectors, last_head;
    uint32_t bad, bad_calls; /* a sector, and how many calls fail for it */
    uint32_t longest;        /* sectors that a call may have; 0: any number */
    bool silent;             /* what fails does nothing and reports success */
    uint32_t most;           /* sectors that EDD reads, says so in the packet, and reports success */
    bool counts_down;        /* the packet comes back with 0 sectors */
    uint32_t calls, resets, last_lba, last_sectors;
} bios;

static void machine_violation(const char *what, uint32_t phys, uint32_t bytes) {
    fail_msg("%s: %u bytes at %x", what, bytes, phys);
}

void print(const char *format, ...) {
    (void)format;
}

static bool serve(uint32_t lba, uint32_t sectors, uint32_t address) {
    bios.last_lba = lba;
    bios.last_sectors = sectors;
    bool bad = bios.bad - lba < sectors && bios.bad_calls;
    if (bad && bios.bad_calls != UINT32_MAX) bios.bad_calls--;
    if (bad || (bios.longest && sectors > bios.longest)) return bios.silent;
    for (uint32_t i = 0; i < sectors * SECTOR_SIZE / 4; i++)
        ((uint32_t *)machine_memory(address))[i] = lba + i / (SECTOR_SIZE / 4);
    return true;
}

static bool answer(struct bios_regs *regs) {
    switch (regs->ah) {
    case 0x00: bios.resets++; return true;
    case 0x02: {
        uint32_t cylinder = regs->ch | (regs->cl & 0xC0u) << 2;
        uint32_t sector = (regs->cl & 0x3Fu) - 1;
        assert_true(sector + regs->al <= bios.sectors && regs->dh <= bios.last_head);
        return serve((cylinder * (bios.last_head + 1u) + regs->dh) * bios.sectors + sector,
                     regs->al, regs->es * 16u + regs->bx);
    }
    case 0x08:
        regs->cl = bios.sectors;
        regs->dh = bios.last_head;
        return !bios.geometry_fails;
    case 0x42: {
        struct { uint16_t size, sectors, offset, segment; uint64_t lba; } packet;
        memcpy(&packet, machine_memory(regs->esi), sizeof packet);
        if (bios.most && packet.sectors > bios.most) packet.sectors = (uint16_t)bios.most;
        bool read = !bios.edd_fails && serve((uint32_t)packet.lba, packet.sectors,
                                             packet.segment * 16u + packet.offset);
        if (bios.counts_down) packet.sectors = 0;
        memcpy(machine_memory(regs->esi), &packet, sizeof packet);
        return read;
    }
    default: return false;
    }
}

void bios_int(uint8_t vector, struct bios_regs *regs) {
    assert_int_equal(vector, 0x13);
    bios.calls++;
    regs->eflags = answer(regs) ? 0 : EFLAGS_CF;
    regs->ah = 4;
}

static void start(bool edd) {
    memset(&boot_info, 0, sizeof boot_info);
    edd_tries = edd ? 3 : 0;
    bios = (struct bios){.sectors = 63, .last_head = 15, .bad = UINT32_MAX};
    disk_init(0x80);
    bios.calls = 0;
}

static uint8_t buffer[4 * SECTOR_SIZE] __attribute__((aligned(16)));

static void assert_read(uint32_t lba, uint32_t sectors) {
    assert_int_equal(disk_read_bounce(lba, sectors), BOOT_OK);
    for (uint32_t i = 0; i < sectors; i++)
        assert_int_equal(*(uint32_t *)machine_memory(BOUNCE_ADDR + i * SECTOR_SIZE), lba + i);
}

static bool worked_around(enum workaround which) {
    return boot_info.workarounds >> which & 1;
}

static void one_call(void **state) {
    (void)state;
    start(true);
    assert_read(1000, 127);
    assert_int_equal(bios.calls, 1);
    assert_int_equal(boot_info.workarounds, 0);
}

static void retried(void **state) {
    (void)state;
    start(true);
    bios.bad = 1050, bios.bad_calls = 2;
    assert_read(1000, 127);
    assert_true(worked_around(WORKAROUND_DISK_RETRIED));
    assert_int_equal(boot_info.disk_max_transfer, 127);
    assert_int_equal(bios.resets, 2);
}

/* The longest length that works is found at once, and kept. */
static void short_calls(void **state) {
    (void)state;
    static const uint32_t cases[][2] = {{64, 63}, {16, 15}, {1, 1}, {126, 63}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(true);
        bios.longest = cases[i][0];
        assert_read(1000, 127);
        assert_int_equal(boot_info.disk_max_transfer, cases[i][1]);
        assert_true(worked_around(WORKAROUND_DISK_SMALLER));
        bios.calls = 0;
        assert_read(2000, 127);
        assert_int_equal(bios.calls, (127 + cases[i][1] - 1) / cases[i][1]);
    }
}

/* Success, but of less than was asked for: the packet says how much. */
static void fewer_than_asked(void **state) {
    (void)state;
    for (uint32_t most = 1; most < 127; most++) {
        start(true);
        bios.most = most;
        assert_read(1000, 127);
        assert_true(boot_info.disk_max_transfer <= most);
    }
}

/* A BIOS that counts the sectors of the packet down can be read from, one at a time. */
static void packet_counted_down(void **state) {
    (void)state;
    start(true);
    bios.counts_down = true;
    assert_read(1000, 127);
    assert_int_equal(boot_info.disk_method, DISK_EDD);
}

/* Needed and bad for ever: an error that says where, after few calls. */
static void bad_for_ever(void **state) {
    (void)state;
    start(true);
    bios.bad = 1126, bios.bad_calls = UINT32_MAX;
    assert_int_equal(disk_read_bounce(1000, 127), E_DISK_READ);
    assert_int_equal(error_details[1].value, 4);
    assert_true(bios.calls < 50);
    assert_int_equal(boot_info.disk_max_transfer, 127); /* nothing was learnt about the BIOS */
    assert_int_equal(boot_info.disk_method, DISK_EDD);
}

static void edd_that_fails(void **state) {
    (void)state;
    start(true);
    bios.edd_fails = true;
    assert_read(0, 1);
    assert_true(worked_around(WORKAROUND_DISK_CHS));
    assert_int_equal(boot_info.disk_method, DISK_CHS);
    assert_read(1000, 127);
}

/* One bad sector does not make a disk that can do EDD one that cannot. */
static void edd_is_kept(void **state) {
    (void)state;
    start(true);
    assert_read(1000, 127);
    bios.bad = 1003, bios.bad_calls = 4; /* all the tries with EDD, and one with CHS */
    assert_read(1003, 1);
    assert_int_equal(boot_info.disk_method, DISK_EDD);
}

static void chs(void **state) {
    (void)state;
    start(false);
    assert_read(100, 127); /* across the ends of tracks */
    assert_read(16 * 63 * 1024 - 1, 1);
    assert_int_equal(disk_read_bounce(16 * 63 * 1024, 1), E_DISK_READ); /* cylinder 1024 */
}

/* A geometry of DH = FFh: 256 heads, which do not fit in 8 bits. */
static void heads_256(void **state) {
    (void)state;
    start(false);
    bios.last_head = 0xFF;
    assert_read(63 * 255 + 5, 20);
    assert_read(63 * 256 + 5, 20);
}

/* No geometry, or one without sectors: that of the boot sector, and no division by zero. */
static void geometry_of_the_bpb(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        start(false);
        bios.sectors = 18, bios.last_head = 1;
        bios.geometry_fails = i == 0;
        stage1_bytes[24] = 18, stage1_bytes[26] = 2;
        if (i == 1) {
            bios.sectors = 0;
            stage1_bytes[24] = 0;
            assert_int_equal(disk_read_bounce(100, 1), E_DISK_READ);
        } else {
            assert_read(100, 30);
        }
        assert_true(worked_around(WORKAROUND_GEOMETRY_BPB));
    }
}

static void read_twice(void **state) {
    (void)state;
    start(true);
    assert_int_equal(disk_read_twice(77, 4, buffer), BOOT_OK);
    assert_int_equal(*(uint32_t *)buffer, 77);
    assert_int_equal(bios.calls, 2);
}

/* Success without a read, the first time and always: found out, as the buffers differ before. */
static void silent_failures(void **state) {
    (void)state;
    start(true);
    assert_int_equal(disk_read_twice(77, 1, buffer), BOOT_OK); /* leaves both buffers the same */
    bios.silent = true, bios.bad = 78, bios.bad_calls = 1;
    assert_int_equal(disk_read_twice(78, 1, buffer), BOOT_OK);
    assert_int_equal(*(uint32_t *)buffer, 78);
    bios.bad_calls = UINT32_MAX;
    assert_int_equal(disk_read_twice(78, 1, buffer), E_DISK_UNSTABLE);
    assert_int_equal(error_details[0].value, 78);
}

static int map_machine(void **state) {
    (void)state;
    machine_map(0x10000, LOADER_END - 0x10000);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call),       cmocka_unit_test(retried),
        cmocka_unit_test(short_calls),    cmocka_unit_test(bad_for_ever),
        cmocka_unit_test(edd_that_fails), cmocka_unit_test(edd_is_kept),
        cmocka_unit_test(chs),            cmocka_unit_test(read_twice),
        cmocka_unit_test(silent_failures), cmocka_unit_test(geometry_of_the_bpb),
        cmocka_unit_test(heads_256),      cmocka_unit_test(fewer_than_asked),
        cmocka_unit_test(packet_counted_down),
    };
    return cmocka_run_group_tests_name("disk", tests, map_machine, 0);
}
