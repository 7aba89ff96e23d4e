/*
 * test_fat_files.c: FAT file systems as the kernel mounts them, on images that mkfs.fat and mtools made
 * (make-fat-image): names, contents, pages that come and go, bad sectors, damage, little memory.
 */
#include "cmocka_test.h"

#include "fat_machine.h"
#include <fs/fat_name.h>

#define BIG 100000u /* bytes of BIG.BIN: byte n is n % 251 */

static uint32_t disk_sectors;

/* A file system of images of this name, mounted; all that it took is back when it goes. */
static int load(void **state) {
    FILE *file = fopen(*state, "rb");
    if (!file) return -1;
    fseek(file, 0, SEEK_END);
    disk_sectors = (uint32_t)ftell(file) / SECTOR_BYTES;
    rewind(file);
    disk = malloc((size_t)disk_sectors * SECTOR_BYTES);
    size_t got = fread(disk, SECTOR_BYTES, disk_sectors, file);
    fclose(file);
    bad_from = bad_to = 0;
    files_start();
    return got == disk_sectors ? mount_disk(disk_sectors) : -1;
}

static int unload(void **state) {
    (void)state;
    assert_int_equal(unmount_disk(), 0);
    files_stop();
    free(disk);
    return 0;
}

static struct file *opened(const char *path) {
    struct file *file;
    assert_int_equal(file_open(path, O_RDONLY, 0, &file), 0);
    return file;
}

/* What reading `bytes` at `offset` answers. */
static int32_t read_at(struct file *file, void *to, uint32_t bytes, uint64_t offset) {
    return file_read_kernel(file, to, bytes, offset);
}

static void check_big(struct file *file) {
    static uint8_t bytes[BIG + 1];
    uint32_t done = 0;

    while (done < BIG) {
        int32_t got = read_at(file, bytes + done, BIG + 1 - done, done);
        assert_true(got > 0);
        done += (uint32_t)got;
    }
    assert_int_equal(done, BIG);
    for (uint32_t i = 0; i < BIG; i++) assert_int_equal(bytes[i], i % 251);
}

/* ---- names ---- */

static bool lists(const char *path, const char *name, unsigned *count) {
    struct dir_context context;
    struct file *file = opened(path);
    bool found = false;

    *count = 0;
    do {
        context.count = 0;
        assert_int_equal(file->ops->readdir(file, &context), 0);
        for (unsigned i = 0; i < context.count; i++, (*count)++)
            if (strcmp(context.entries[i].name, name) == 0) found = true;
    } while (context.count);
    file_put(file);
    return found;
}

static void listing(void **state) {
    unsigned count;
    (void)state;

    assert_true(lists("/fat", "HELLO.TXT", &count));
    assert_int_equal(count, 5); /* HELLO.TXT EMPTY DIR FILL BIG.BIN */
    assert_true(lists("/fat/DIR/SUB", "a long name, number 19.text", &count));
    assert_int_equal(count, 20); /* DEEP.TXT, and 19 of 20 */
    assert_false(lists("/fat/DIR/SUB", "a long name, number 3.text", &count));
    assert_true(lists("/fat/FILL", "F249", &count));
    assert_int_equal(count, 125);
}

/* Letter case does not matter; either name does; the one that is shown is as it was stored. */
static void looking_up(void **state) {
    static const char *const names[] = {"/fat/DIR/SUB/a long name, number 7.text",
                                        "/fat/dir/sub/A LONG NAME, NUMBER 7.TEXT"};
    char path[64];
    (void)state;

    for (unsigned i = 0; i < 2; i++) {
        struct file *file = opened(names[i]);
        file_path(file, path, sizeof path);
        assert_string_equal(path, names[0]);
        file_put(file);
    }
    struct dentry *found;
    assert_int_equal(path_lookup(NULL, "/fat/nothing", 0, &found), -ENOENT);
    assert_int_equal(path_lookup(NULL, "/fat/HELLO.TXT/x", 0, &found), -ENOTDIR);
    assert_int_equal(path_lookup(NULL, "/fat/DIR/SUB/ALONGN~1.TEX", 0, &found), 0);
    dentry_put(found);
    assert_int_equal(path_lookup(NULL, "/fat/DIR/../HELLO.TXT", 0, &found), 0);
    assert_int_equal(found->inode->size, 6);
    assert_int_equal(found->inode->mode, S_IFREG | 0555);
    dentry_put(found);
}

static void nothing_can_be_changed(void **state) {
    struct walk walk;
    struct file *file;
    (void)state;

    assert_int_equal(file_open("/fat/HELLO.TXT", O_RDWR, 0, &file), -EROFS);
    assert_int_equal(file_open("/fat/new", O_WRONLY | O_CREAT, 0644, &file), -EROFS);
    assert_int_equal(walk_start(&walk, NULL, "/fat/HELLO.TXT"), 0);
    assert_int_equal(tree_unlink(&walk), -EROFS);
    walk_end(&walk);
    assert_int_equal(walk_start(&walk, NULL, "/fat/DIR"), 0);
    assert_int_equal(tree_rmdir(&walk), -EROFS);
    walk_end(&walk);
}

/* ---- contents ---- */

static void contents(void **state) {
    static uint8_t bytes[9000];
    (void)state;

    struct file *file = opened("/fat/BIG.BIN");
    check_big(file);
    srand(4);
    for (int i = 0; i < 300; i++) {
        uint32_t count = (uint32_t)rand() % sizeof bytes, offset = (uint32_t)rand() % (BIG - count);
        if (i % 10 == 0) file_cache_reclaim(1000);
        assert_int_equal(read_at(file, bytes, count, offset), count);
        for (uint32_t j = 0; j < count; j++) assert_int_equal(bytes[j], (offset + j) % 251);
    }
    assert_int_equal(read_at(file, bytes, 10, BIG), 0);
    file_put(file);
    file = opened("/fat/EMPTY");
    assert_int_equal(read_at(file, bytes, 10, 0), 0);
    file_put(file);
}

/* All who have a file have the same frames; behind its end there are zeros. */
static void pages(void **state) {
    struct page *page, *again, *last;
    (void)state;

    struct file *file = opened("/fat/BIG.BIN"), *other = opened("/fat/big.bin");
    assert_ptr_equal(file->inode, other->inode);
    assert_int_equal(file_page(file, 3, BLOCK_HLT, &page), 0);
    assert_int_equal(file_page(other, 3, BLOCK_HLT, &again), 0);
    assert_ptr_equal(page, again);
    assert_int_equal(page->count, 3);
    assert_int_equal(file_page(file, BIG / PAGE_SIZE + 1, BLOCK_HLT, &again), -ENXIO);
    assert_int_equal(file_page(file, BIG / PAGE_SIZE, BLOCK_HLT, &last), 0);
    const uint8_t *memory = kmap(last);
    assert_int_equal(memory[BIG % PAGE_SIZE - 1], (BIG - 1) % 251);
    for (uint32_t i = BIG % PAGE_SIZE; i < PAGE_SIZE; i++) assert_int_equal(memory[i], 0);

    unsigned before = frames_in_use;
    assert_int_equal(file_cache_reclaim(1), 1);
    assert_true(file_cache_reclaim(100000) > 0);
    assert_int_equal(frames_in_use, 2); /* those two, which are in use */
    assert_true(before > 3);
    put_page(last);
    put_page(page);
    put_page(page);
    assert_int_equal(file_cache_reclaim(100000), 2);
    assert_int_equal(frames_in_use, 0);
    check_big(file);
    file_put(other);
    file_put(file);
}

/* The file that was not used for longest goes first. */
static void oldest_first(void **state) {
    struct page *page;
    (void)state;

    struct file *small = opened("/fat/HELLO.TXT"), *big = opened("/fat/BIG.BIN");
    assert_int_equal(file_page(big, 0, BLOCK_HLT, &page), 0);
    put_page(page);
    file_cache_reclaim(100000);
    assert_int_equal(file_page(small, 0, BLOCK_HLT, &page), 0);
    put_page(page);
    assert_int_equal(file_page(big, 0, BLOCK_HLT, &page), 0);
    put_page(page);
    assert_int_equal(file_page(small, 0, BLOCK_HLT, &page), 0); /* used again: the youngest */
    put_page(page);
    while (page_tree_find(&big->inode->pages, 0)) assert_int_equal(file_cache_reclaim(1), 1);
    assert_non_null(page_tree_find(&small->inode->pages, 0));
    file_put(small);
    file_put(big);
}

static void in_use(void **state) {
    (void)state;
    struct file *file = opened("/fat/DIR");
    assert_int_equal(unmount_disk(), -EBUSY);
    file_put(file);
    assert_int_equal(unmount_disk(), 0);
    assert_int_equal(mount_disk(disk_sectors), 0);
}

/* Neighbouring clusters come with one request. */
static void runs(void **state) {
    struct page *page;
    (void)state;

    /* DEEP.TXT's volume has its first clusters in a row: the sectors of the partition certainly. */
    struct fat_super *super = (struct fat_super *)filesystems->next;
    file_cache_reclaim(100000);
    most_sectors = disk_reads = 0;
    assert_int_equal(file_cache_page(&super->sectors->inode, 0, BLOCK_HLT, &page), 0);
    put_page(page);
    assert_int_equal(disk_reads, 1);
    assert_int_equal(most_sectors, 32 * SECTORS_PER_PAGE);
}

/* ---- what goes wrong ---- */

static uint16_t word(uint32_t offset) {
    return (uint16_t)(disk[offset] | disk[offset + 1] << 8);
}

static uint32_t fat_sectors(void) {
    return word(22) ? word(22) : word(36) + ((uint32_t)word(38) << 16);
}

static uint32_t sector_of(const char *path, uint32_t offset) {
    struct file *file = opened(path);
    struct fat_inode *inode = (struct fat_inode *)file->inode;
    struct fat_super *super = (struct fat_super *)file->inode->fs;
    assert_int_equal(fat_find_run(&super->volume, &inode->chain, offset), BOOT_OK);
    uint32_t lba = inode->chain.run.lba + (offset - inode->chain.run_position) / SECTOR_SIZE;
    inode->chain.run.sectors = inode->before.run.sectors = 0;
    file_put(file);
    return lba;
}

/* A page with a bad sector cannot be read, its neighbours can; mended, it is right. */
static void bad_sectors(void **state) {
    uint8_t byte;
    (void)state;

    struct file *file = opened("/fat/BIG.BIN");
    bad_from = sector_of("/fat/BIG.BIN", 50000);
    bad_to = bad_from + 1;
    file_cache_reclaim(100000);
    assert_int_equal(read_at(file, &byte, 1, 50000), -EIO);
    assert_int_equal(read_at(file, &byte, 1, 30000), 1);
    assert_int_equal(byte, 30000 % 251);
    assert_int_equal(read_at(file, &byte, 1, 60000), 1);
    bad_from = bad_to = 0;
    check_big(file);
    file_put(file);
}

static void second_fat(void **state) {
    (void)state;
    struct file *file = opened("/fat/BIG.BIN");
    bad_from = word(14) + 8 < 16 ? 16 : word(14); /* the boot sector's page has to be readable */
    bad_to = word(14) + fat_sectors() / 8 * 8 - 8;
    file_cache_reclaim(100000);
    if (bad_to > bad_from) check_big(file);
    bad_from = bad_to = 0;
    file_put(file);
}

/* The FAT entry of a file's cluster number `which`, on FAT16 and FAT32. */
static uint8_t *entry_of(struct fat_super *super, uint32_t cluster) {
    uint32_t at = super->volume.fat_lba * SECTOR_SIZE + cluster * (super->volume.entry_bits / 8);
    return disk + at;
}

static uint32_t nth_cluster(struct fat_super *super, const char *path, uint32_t n) {
    return (sector_of(path, n * super->volume.cluster_sectors * SECTOR_SIZE) - super->volume.data_lba) /
               super->volume.cluster_sectors + FAT_FIRST_CLUSTER;
}

/* A chain that ends too early, goes on, loops, or leads out: what is before is fine, the rest EIO. */
static void damaged_chains(void **state) {
    struct fat_super *super = (struct fat_super *)filesystems->next;
    uint32_t clusters = (BIG - 1) / (super->volume.cluster_sectors * SECTOR_SIZE) + 1;
    uint32_t half = nth_cluster(super, "/fat/BIG.BIN", clusters / 2);
    uint32_t first = nth_cluster(super, "/fat/BIG.BIN", 0);
    const uint32_t wrong[] = {super->volume.end_mark + 7, first, 0, 1, super->volume.clusters + 2,
                              super->volume.end_mark - 1};
    uint8_t *entry = entry_of(super, half), old[4], byte;
    uint32_t bytes = super->volume.entry_bits / 8;
    (void)state;

    memcpy(old, entry, sizeof old);
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        memcpy(entry, &wrong[i], bytes);
        file_cache_reclaim(100000);
        struct file *file = opened("/fat/BIG.BIN");
        unsigned told = messages;
        assert_int_equal(read_at(file, &byte, 1, 20000), 1);
        assert_int_equal(byte, 20000 % 251);
        assert_int_equal(read_at(file, &byte, 1, BIG - 1), -EIO);
        assert_int_equal(read_at(file, &byte, 1, BIG - 1), -EIO); /* again the same */
        assert_true(messages > told);
        assert_int_equal(read_at(file, &byte, 1, 10), 1);
        file_put(file);
        super->reports = 0;
    }
    memcpy(entry, old, sizeof old);
}

/* A directory that is said to be in itself, and one whose chain never ends. */
static void looping_directories(void **state) {
    struct fat_super *super = (struct fat_super *)filesystems->next;
    struct dentry *found;
    (void)state;

    assert_int_equal(path_lookup(NULL, "/fat/DIR", 0, &found), 0);
    uint32_t cluster = ((struct fat_inode *)found->inode)->chain.first_cluster;
    dentry_put(found);
    uint8_t *sub = disk + (super->volume.data_lba + (cluster - 2) * super->volume.cluster_sectors) * SECTOR_SIZE + 64;
    assert_memory_equal(sub, "SUB        ", 11);
    memcpy(sub + 26, &cluster, 2);
    file_cache_reclaim(100000);
    assert_int_equal(path_lookup(NULL, "/fat/DIR/SUB", 0, &found), -EIO);
    memset(sub + 26, 0, 2);
    file_cache_reclaim(100000);
    assert_int_equal(path_lookup(NULL, "/fat/DIR/SUB", 0, &found), -EIO);

    assert_int_equal(path_lookup(NULL, "/fat/FILL", 0, &found), 0);
    cluster = ((struct fat_inode *)found->inode)->chain.first_cluster;
    dentry_put(found);
    memcpy(entry_of(super, cluster), &cluster, super->volume.entry_bits / 8);
    file_cache_reclaim(100000);
    assert_int_equal(path_lookup(NULL, "/fat/FILL/NONE", 0, &found), -EIO);
}

static void not_a_fat(void **state) {
    struct filesystem *fs;
    (void)state;

    assert_int_equal(fs_make("vfat", NULL, &fs), -ENOTBLK);
    uint8_t old = disk[13];
    disk[13] = 3; /* sectors per cluster */
    unsigned told = messages;
    assert_int_equal(fs_make("vfat", &device, &fs), -EINVAL);
    assert_true(messages > told);
    disk[13] = old;
    bad_to = 8;
    assert_int_equal(fs_make("vfat", &device, &fs), -EIO);
    bad_to = 0;
}

/* Each allocation in turn fails: an error, and nothing is lost. */
static void each_allocation_fails(void **state) {
    uint8_t bytes[100];
    (void)state;

    assert_int_equal(unmount_disk(), 0);
    for (unsigned nth = 1;; nth++) {
        unsigned frames = frames_in_use, objects = objects_in_use;
        struct filesystem *fs = NULL;
        struct file *file = NULL;
        allocations_until_failure = nth;
        int error = fs_make("vfat", &device, &fs);
        bool done = !error && allocations_until_failure;
        if (error) assert_int_equal(error, -ENOMEM);
        allocations_until_failure = 0;
        if (fs) fs_free(fs);
        assert_int_equal(frames_in_use, frames);
        assert_int_equal(objects_in_use, objects);

        assert_int_equal(mount_disk(disk_sectors), 0);
        allocations_until_failure = nth;
        error = file_open("/fat/dir/sub/deep.txt", O_RDONLY, 0, &file);
        if (!error) {
            int32_t got = read_at(file, bytes, sizeof bytes, 0);
            assert_true(got == 5 || got == -ENOMEM);
            done = done && allocations_until_failure;
        } else {
            done = false;
            assert_int_equal(error, -ENOMEM);
        }
        allocations_until_failure = 0;
        if (file) file_put(file);
        assert_int_equal(unmount_disk(), 0);
        assert_int_equal(frames_in_use, frames);
        assert_int_equal(objects_in_use, objects);
        if (done) break;
        assert_true(nth < 1000);
    }
    assert_int_equal(mount_disk(disk_sectors), 0);
}

/* ---- names by themselves ---- */

/* The parts of a long name of UTF-16 characters, the last one first. */
static void take_long(struct fat_long_name *name, const uint16_t *units, uint32_t count, const char *short_name) {
    static const uint8_t place[13] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    uint32_t parts = (count + 12) / 13;
    uint8_t sum = 0;

    for (int i = 0; i < 11; i++) sum = (uint8_t)((sum & 1) << 7 | sum >> 1) + (uint8_t)short_name[i];
    name->parts = 0;
    for (uint32_t part = parts; part--;) {
        uint8_t entry[32] = {(uint8_t)((part + 1) | (part + 1 == parts ? 0x40 : 0))};
        entry[11] = 0x0F, entry[13] = sum;
        for (uint32_t i = 0; i < 13; i++) {
            uint32_t at = part * 13 + i;
            uint16_t unit = at < count ? units[at] : at == count ? 0 : 0xFFFF;
            entry[place[i]] = (uint8_t)unit, entry[place[i] + 1] = (uint8_t)(unit >> 8);
        }
        fat_long_part(name, (const void *)entry);
    }
}

static const char *long_name(const uint16_t *units, uint32_t count) {
    static char out[FAT_NAME_BYTES];
    static struct fat_long_name name;
    struct fat_directory_entry entry = {.name = "SHORT   TXT"};

    take_long(&name, units, count, entry.name);
    return fat_long_name(&name, &entry, out) ? out : "";
}

static void long_names(void **state) {
    static const uint16_t umlaut[] = {'G', 'r', 0xFC, 0xDF, 'e', 0x20AC};
    static const uint16_t rocket[] = {0xD83D, 0xDE80, '!'};
    static const uint16_t half[] = {'a', 0xD83D, 'b'}, other_half[] = {0xDE80, 'b'}, ends[] = {'a', 0xD83D};
    static const uint16_t slash[] = {'a', '/', 'b'}, dots[] = {'.', '.'}, control[] = {'a', 7}, nul[] = {0, 'a'};
    static const uint16_t thirteen[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '1', '2', '3'};
    uint16_t many[260];
    (void)state;

    assert_string_equal(long_name(umlaut, 6), "Gr\xC3\xBC\xC3\x9F" "e\xE2\x82\xAC");
    assert_string_equal(long_name(rocket, 3), "\xF0\x9F\x9A\x80!");
    assert_string_equal(long_name(thirteen, 13), "1234567890123"); /* no room for a 0 at its end */
    assert_string_equal(long_name(half, 3), "");
    assert_string_equal(long_name(other_half, 2), "");
    assert_string_equal(long_name(ends, 2), "");
    assert_string_equal(long_name(slash, 3), "");
    assert_string_equal(long_name(dots, 2), "");
    assert_string_equal(long_name(control, 2), "");
    assert_string_equal(long_name(nul, 2), "");
    for (unsigned i = 0; i < 260; i++) many[i] = 'x';
    assert_int_equal(strlen(long_name(many, 255)), 255);
    assert_string_equal(long_name(many, 256), "");
    for (unsigned i = 0; i < 260; i++) many[i] = 0x20AC;
    assert_int_equal(strlen(long_name(many, 85)), 255);
    assert_string_equal(long_name(many, 86), "");
}

/* Parts in another order, of another file, one missing, one too many: the short name it is. */
static void parts_that_do_not_fit(void **state) {
    static const uint16_t units[30] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o'};
    struct fat_directory_entry mine = {.name = "SHORT   TXT"}, other = {.name = "OTHER   TXT"};
    struct fat_long_name name;
    uint8_t first[32] = {1};
    char out[FAT_NAME_BYTES];
    (void)state;

    take_long(&name, units, 15, mine.name);
    assert_int_equal(fat_long_name(&name, &mine, out), 15);
    assert_int_equal(fat_long_name(&name, &other, out), 0);
    first[13] = name.checksum;
    fat_long_part(&name, (const void *)first); /* there is no part 0 */
    assert_int_equal(fat_long_name(&name, &mine, out), 0);
    first[0] = 0x42;
    fat_long_part(&name, (const void *)first);
    assert_int_equal(fat_long_name(&name, &mine, out), 0); /* part 1 is missing */
    first[0] = 3;
    fat_long_part(&name, (const void *)first);
    first[0] = 1;
    fat_long_part(&name, (const void *)first);
    assert_int_equal(fat_long_name(&name, &mine, out), 0);
    first[0] = 0x40 | 21;
    fat_long_part(&name, (const void *)first);
    assert_int_equal(name.parts, 0);
}

static const char *short_name(const char *name, uint8_t lower_case) {
    static char out[FAT_NAME_BYTES];
    struct fat_directory_entry entry = {.lower_case = lower_case};

    memcpy(entry.name, name, 11);
    return fat_short_name(&entry, out) ? out : "";
}

static void short_names(void **state) {
    (void)state;
    assert_string_equal(short_name("KERNEL  ELF", 0), "KERNEL.ELF");
    assert_string_equal(short_name("KERNEL  ELF", 0x08), "kernel.ELF");
    assert_string_equal(short_name("KERNEL  ELF", 0x18), "kernel.elf");
    assert_string_equal(short_name("NOTHING    ", 0), "NOTHING");
    assert_string_equal(short_name("A B     C  ", 0), "A B.C");
    assert_string_equal(short_name("\x05" "ABC       ", 0), "\xCF\x83" "ABC"); /* E5h: a sigma */
    assert_string_equal(short_name("GR\x81N    TXT", 0), "GR\xC3\xBCN.TXT");
    assert_string_equal(short_name("A/B     TXT", 0), "");
    assert_string_equal(short_name("A\0B     TXT", 0), "");
    assert_string_equal(short_name("           ", 0), "");
    assert_string_equal(short_name(".          ", 0), "");
}

/* 1980, a leap day, 2099 and nonsense, through an entry of the root directory. */
static void times(void **state) {
    static const struct { uint16_t date, time; uint64_t seconds; } cases[] = {
        {0x0021, 0, 315532800}, {0, 0, 315532800}, {0x505D, 0xBF7D, 1583020798},
        {0xEF9F, 0xBF7D, 4102444798}};
    struct dentry *found;
    (void)state;

    struct fat_super *super = (struct fat_super *)filesystems->next;
    for (unsigned i = 0; i < 4; i++) {
        struct fat_directory_entry entry = {.name = "X", .modified_date = cases[i].date,
                                            .modified_time = cases[i].time, .accessed_date = 0x0021};
        struct fat_inode *inode = fat_inode_of(super, 1000000 + i, &entry);
        assert_int_equal(inode->cached.inode.mtime / 1000000000, cases[i].seconds);
        assert_int_equal(inode->cached.inode.atime / 1000000000, 315532800);
        inode_put(&inode->cached.inode);
    }
    assert_int_equal(path_lookup(NULL, "/fat/HELLO.TXT", 0, &found), 0);
    assert_true(found->inode->mtime / 1000000000 > 1577836800); /* made after 2020 */
    dentry_put(found);
}

#define ON(image_name, test) {#test " on " image_name, test, load, unload, (void *)image_name}
#define ALL(image_name)                                                                         \
    ON(image_name, listing), ON(image_name, looking_up), ON(image_name, nothing_can_be_changed), \
        ON(image_name, contents), ON(image_name, pages), ON(image_name, oldest_first),          \
        ON(image_name, in_use), ON(image_name, runs), ON(image_name, bad_sectors),              \
        ON(image_name, second_fat), ON(image_name, not_a_fat),                                  \
        ON(image_name, each_allocation_fails), ON(image_name, times)

int main(void) {
    const struct CMUnitTest tests[] = {
        ALL("fat12.img"), ALL("fat16.img"), ALL("fat32.img"),
        ON("fat16.img", damaged_chains), ON("fat32.img", damaged_chains),
        ON("fat16.img", looping_directories), ON("fat32.img", looping_directories),
        cmocka_unit_test(long_names), cmocka_unit_test(parts_that_do_not_fit),
        cmocka_unit_test(short_names),
    };
    return cmocka_run_group_tests_name("fat_files", tests, 0, 0);
}
