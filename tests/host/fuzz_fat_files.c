/*
 * fuzz_fat_files.c: any bytes as a file system that is mounted: directories are listed, every name that
 * is listed can be looked up, files are read; nothing outside the partition, no name that a path cannot
 * have, an end to everything, and every frame and object comes back.
 *
 * The first byte of the input chooses, as in fuzz_fat.c: changes to a good volume, six bytes each; or the
 * rest is the volume, behind a boot sector that is nearly right. Its high bits choose when memory is short.
 */
#include "cmocka_test.h"

#include "fat_machine.h"
#include "fat_volume.h"

#define BYTES_MAX 20000 /* of a file that are looked at */
#define ENTRIES_MAX 60 /* that are looked at: directories may share clusters */

static uint8_t volume[SECTORS * SECTOR];
static uint8_t good[3][VOLUME_BYTES];
static unsigned entries_left;
static bool short_of_memory;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void make_input(const uint8_t *data, size_t size) {
    uint8_t kind = size ? data[0] % 4 : 0;

    short_of_memory = size && data[0] & 0x80;
    if (size) data++, size--;
    if (kind < 3) {
        memcpy(volume, good[kind], VOLUME_BYTES);
        for (; size >= 6; data += 6, size -= 6)
            memcpy(volume + (data[0] | data[1] << 8) % (VOLUME_BYTES - 4), data + 2, 4);
        return;
    }
    memset(volume, 0, VOLUME_BYTES);
    memcpy(volume, data, size < VOLUME_BYTES ? size : VOLUME_BYTES);
    volume[0] = 0xEB, volume[2] = 0x90, volume[11] = 0, volume[12] = 2;
    volume[510] = 0x55, volume[511] = 0xAA;
    if (!volume[13]) volume[13] = 1;
}

static void give_up_some(void) {
    if (short_of_memory) file_cache_reclaim(3);
}

static bool look_into(const char *path);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    struct dentry *found;

    (void)argc, (void)argv;
    make_volume(good[0], 12);
    make_volume(good[1], 32);
    make_volume(good[2], 32);
    disk = volume;
    files_start();
    for (uint8_t kind = 0; kind < 3; kind++) { /* are they good? */
        make_input(&kind, 1);
        if (mount_disk(SECTORS)) abort();
        entries_left = ENTRIES_MAX;
        if (!look_into("/fat") || entries_left != ENTRIES_MAX - 6) abort();
        if (path_lookup(NULL, "/fat/boot/" LONG_NAME, 0, &found)) abort();
        dentry_put(found);
        if (unmount_disk()) abort();
    }
    return 0;
}

/* In pieces, then a page here and there: it is the same. */
static bool read_file(struct file *file) {
    static uint8_t bytes[BYTES_MAX], page_bytes[PAGE_SIZE];
    struct io io = io_kernel(bytes, BYTES_MAX);
    uint64_t offset = 0;
    int32_t got;

    while (io.left && (got = file_read(file, &io, &offset)) > 0) give_up_some();
    uint32_t there = (uint32_t)offset;
    for (uint32_t at = there, i = 0; i < 5 && there; i++) {
        struct page *page;
        at = (at * 7919 + 13) % there;
        if (file_page(file, at / PAGE_SIZE, BLOCK_HLT, &page)) continue; /* its end may be damaged */
        memcpy(page_bytes, kmap(page), PAGE_SIZE);
        put_page(page);
        uint32_t first = at / PAGE_SIZE * PAGE_SIZE, most = there - first;
        if (memcmp(page_bytes, bytes + first, most < PAGE_SIZE ? most : PAGE_SIZE)) abort();
        give_up_some();
    }
    return there == file->inode->size;
}

/* Lists what is below; false: something of it is damaged. */
static bool look_into(const char *path) {
    struct dir_context context = {0};
    char below[PATH_MAX];
    struct file *file;
    bool good_below = true;
    int error;

    if (file_open(path, O_RDONLY, 0, &file)) return false;
    if (!is_kind(file->inode, S_IFDIR)) {
        bool all = read_file(file);
        file_put(file);
        return all;
    }
    do {
        context.count = 0;
        uint64_t before = file->offset;
        error = file->ops->readdir(file, &context);
        if (error) good_below = false;
        if (context.count && file->offset <= before) abort(); /* it goes forward */
        for (unsigned i = 0; i < context.count && entries_left; i++) {
            entries_left--;
            if (strlen(path) + context.entries[i].length + 2 > sizeof below) continue;
            (snprintf)(below, sizeof below, "%s/%s", path, context.entries[i].name);
            struct dentry *found;
            int lookup_error = path_lookup(NULL, below, 0, &found);
            if (lookup_error == -ENOENT) abort();
            if (!lookup_error) dentry_put(found);
            good_below &= look_into(below);
            give_up_some();
        }
    } while (context.count && !error && entries_left);
    file_put(file);
    return good_below;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    unsigned frames = frames_in_use, objects = objects_in_use;

    make_input(data, size);
    int error = mount_disk(SECTORS);
    if (error && error != -EINVAL) abort();
    if (!error) {
        entries_left = ENTRIES_MAX;
        look_into("/fat");
        if (unmount_disk()) abort();
    }
    if (frames_in_use != frames || objects_in_use != objects) abort();
    return 0;
}
