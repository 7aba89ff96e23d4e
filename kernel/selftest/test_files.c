/*
 * test_files.c: the file system from inside: paths, contents, pipes; every frame and object comes back.
 */
#include <fs/device.h>
#include <fs/pipe.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <proc/task.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

/* The dentry of a new file at `path`, which is removed again by remove(). 0 or an error. */
static int make(const char *path, uint32_t mode, const char *target) {
    struct walk walk;
    int error = walk_start(&walk, 0, path);
    if (!error) error = tree_make(&walk, mode, 0, target, 0);
    walk_end(&walk);
    return error;
}

static int remove(const char *path, bool directory) {
    struct walk walk;
    int error = walk_start(&walk, 0, path);
    if (!error) error = directory ? tree_rmdir(&walk) : tree_unlink(&walk);
    walk_end(&walk);
    return error;
}

/* Removes whatever is left of these, when an allocation has failed in between. */
static void wipe(const char *const *paths) {
    for (; *paths; paths++)
        if (remove(*paths, false) == -EISDIR) remove(*paths, true);
}

/* What opening `path` for reading answers. */
static int try_open(const char *path, uint32_t flags) {
    struct file *file;
    int error = file_open(path, flags, 0644, &file);
    if (!error) file_put(file);
    return error;
}

static void paths(void) {
    accounting_start();
    CHECK_EQUAL(make("/t", S_IFDIR | 0755, 0), 0);
    CHECK_EQUAL(make("/t/d", S_IFDIR | 0755, 0), 0);
    CHECK_EQUAL(make("/t/f", S_IFREG | 0644, 0), 0);
    CHECK_EQUAL(make("/t/to-f", S_IFLNK | 0777, "f"), 0);
    CHECK_EQUAL(make("/t/to-d", S_IFLNK | 0777, "/t/../t/./d/"), 0);
    CHECK_EQUAL(make("/t/loop", S_IFLNK | 0777, "loop"), 0);
    CHECK_EQUAL(make("/t/f", S_IFREG | 0644, 0), -EEXIST);

    CHECK_EQUAL(try_open("/t/f", O_RDONLY), 0);
    CHECK_EQUAL(try_open("/t//d/.././to-f", O_RDONLY), 0);
    CHECK_EQUAL(try_open("/../t/to-d/../f", O_RDONLY), 0);
    CHECK_EQUAL(try_open("/t/to-d/", O_RDONLY | O_DIRECTORY), 0);
    CHECK_EQUAL(try_open("/t/f/", O_RDONLY), -ENOTDIR);
    CHECK_EQUAL(try_open("/t/f/x", O_RDONLY), -ENOTDIR);
    CHECK_EQUAL(try_open("/t/none", O_RDONLY), -ENOENT);
    CHECK_EQUAL(try_open("", O_RDONLY), -ENOENT);
    CHECK_EQUAL(try_open("/t/loop", O_RDONLY), -ELOOP);
    CHECK_EQUAL(try_open("/t/to-f", O_RDONLY | O_NOFOLLOW), -ELOOP);
    CHECK_EQUAL(try_open("/t/d", O_RDWR), -EISDIR);
    CHECK_EQUAL(try_open("/t/f", O_RDWR | O_CREAT | O_EXCL), -EEXIST);

    CHECK_EQUAL(remove("/t", true), -ENOTEMPTY);
    CHECK_EQUAL(remove("/t/d", false), -EISDIR);
    CHECK_EQUAL(remove("/t/f", true), -ENOTDIR);
    CHECK_EQUAL(remove("/t/loop", false), 0);
    CHECK_EQUAL(remove("/t/to-d", false), 0);
    CHECK_EQUAL(remove("/t/to-f", false), 0);
    CHECK_EQUAL(remove("/t/f", false), 0);
    CHECK_EQUAL(remove("/t/d", true), 0);
    CHECK_EQUAL(remove("/t", true), 0);
    accounting_check();
}

static int move(const char *from, const char *to, uint32_t flags) {
    struct walk old, new = {0};
    int error = walk_start(&old, 0, from);
    if (!error) error = walk_start(&new, 0, to);
    if (!error) error = tree_rename(&old, &new, flags);
    if (new.at) walk_end(&new);
    walk_end(&old);
    return error;
}

static void renames(void) {
    accounting_start();
    CHECK_EQUAL(make("/r", S_IFDIR | 0755, 0), 0);
    CHECK_EQUAL(make("/r/a", S_IFDIR | 0755, 0), 0);
    CHECK_EQUAL(make("/r/a/f", S_IFREG | 0644, 0), 0);
    CHECK_EQUAL(make("/r/g", S_IFREG | 0644, 0), 0);
    CHECK_EQUAL(move("/r/a", "/r/a/b", 0), -EINVAL);
    CHECK_EQUAL(move("/r/a/f", "/r/a", 0), -ENOTEMPTY);
    CHECK_EQUAL(move("/r/a", "/r/g", 0), -ENOTDIR);
    CHECK_EQUAL(move("/r/g", "/r/a", 0), -EISDIR);
    CHECK_EQUAL(move("/r/none", "/r/x", 0), -ENOENT);
    CHECK_EQUAL(move("/r/g", "/r/a/f", RENAME_NOREPLACE), -EEXIST);
    CHECK_EQUAL(move("/r/g", "/r/a", RENAME_EXCHANGE), 0);
    CHECK_EQUAL(try_open("/r/g/f", O_RDONLY), 0);
    CHECK_EQUAL(move("/r/a", "/r/g/f", 0), 0);
    CHECK_EQUAL(try_open("/r/a", O_RDONLY), -ENOENT);
    CHECK_EQUAL(move("/r/g/.", "/r/x", 0), -EBUSY);
    wipe((const char *const[]){"/r/g/f", "/r/a/f", "/r/g", "/r/a", "/r", 0});
    CHECK_EQUAL(try_open("/r", O_RDONLY), -ENOENT);
    accounting_check();
}

/* A file system of its own: in the way while it is used, and gone with all that is in it. */
static void use_mounted(struct filesystem *fs) {
    struct dentry *used;

    CHECK_EQUAL(try_open("/m/under", O_RDONLY), -ENOENT);
    CHECK_EQUAL(make("/m/d", S_IFDIR | 0755, 0), 0);
    CHECK_EQUAL(make("/m/d/f", S_IFREG | 0644, 0), 0);
    CHECK_EQUAL(try_open("/m/d/../../m/d/f", O_RDONLY), 0);
    CHECK_EQUAL(move("/m/d/f", "/f", 0), -EXDEV);
    CHECK_EQUAL(remove("/m", true), -EBUSY);
    int error = path_lookup(0, "/m/d/f", LOOKUP_FOLLOW, &used);
    CHECK_EQUAL(error, 0);
    if (!error) {
        dentry_get(fs->root);
        CHECK_EQUAL(fs_umount(fs->root), -EBUSY);
        CHECK_EQUAL(fs_umount(used), -EINVAL);
    }
    dentry_get(fs->root);
    CHECK_EQUAL(fs_umount(fs->root), 0);
}

static void mounts(void) {
    struct filesystem *fs;
    struct dentry *on = 0;

    accounting_start();
    CHECK_EQUAL(make("/m", S_IFDIR | 0755, 0), 0);
    CHECK_EQUAL(make("/m/under", S_IFREG | 0644, 0), 0);
    CHECK_EQUAL(fs_make("ext4", 0, &fs), -ENODEV);
    int error = path_lookup(0, "/m", LOOKUP_FOLLOW, &on);
    if (!error) error = fs_make("tmpfs", 0, &fs);
    CHECK_EQUAL(error, 0);
    if (!error) {
        CHECK_EQUAL(fs_mount(fs, on), 0);
        dentry_put(on);
        use_mounted(fs);
        CHECK_EQUAL(try_open("/m/under", O_RDONLY), 0);
    } else {
        dentry_put(on);
    }
    wipe((const char *const[]){"/m/under", "/m", 0});
    accounting_check();
}

static int32_t put(struct file *file, const char *text, uint64_t offset) {
    struct io io = io_kernel((void *)text, (uint32_t)strlen(text));
    return file_write(file, &io, &offset);
}

/* A hole takes no frame; what is cut off does not come back. */
static void contents(void) {
    struct file *file;
    char text[16] = "";
    struct page *page;

    struct rlimit limit = current->rlimit[RLIMIT_FSIZE];
    current->rlimit[RLIMIT_FSIZE].now = RLIM_INFINITY;
    accounting_start();
    if (!HAVE(file_open("/contents", O_RDWR | O_CREAT, 0644, &file) == 0)) {
        wipe((const char *const[]){"/contents", 0});
        current->rlimit[RLIMIT_FSIZE] = limit;
        return;
    }
    CHECK_EQUAL(put(file, "hello", 4094), 5);
    CHECK_EQUAL(pages_of(OWNER_FILE), accounting_before(OWNER_FILE) + 2);
    CHECK_EQUAL(put(file, "far", 1u << 30), 3);
    CHECK_EQUAL(pages_of(OWNER_FILE), accounting_before(OWNER_FILE) + 3);
    CHECK_EQUAL(file_read_kernel(file, text, 8, 4092), 8);
    CHECK_EQUAL(memcmp(text, "\0\0hello", 8), 0);
    int mapped = file_page(file, 1, BLOCK_HLT, &page);
    CHECK_EQUAL(mapped, 0);
    CHECK_EQUAL(remove("/contents", false), 0);
    CHECK_EQUAL(ramfs_truncate(file->inode, 4095), 0);
    CHECK_EQUAL(ramfs_truncate(file->inode, 8192), 0);
    CHECK_EQUAL(file_read_kernel(file, text, 8, 4092), 8);
    CHECK_EQUAL(memcmp(text, "\0\0h\0\0\0\0\0", 8), 0);
    struct page *none;
    CHECK_EQUAL(file_page(file, 2, BLOCK_HLT, &none), -ENXIO);
    if (!mapped) put_page(page); /* a map's reference outlives the cut */
    file_put(file);
    current->rlimit[RLIMIT_FSIZE] = limit;
    accounting_check();
}

static void pipes(void) {
    struct file *from, *to;
    static char block[5000];
    uint64_t offset = 0;

    accounting_start();
    if (!HAVE(pipe_make(&from, &to, O_NONBLOCK) == 0)) return;
    CHECK_EQUAL(file_read_kernel(from, block, 1, 0), -EAGAIN);
    for (unsigned round = 0; round < 40; round++) {
        for (unsigned i = 0; i < sizeof block; i++) block[i] = (char)(i + round);
        struct io io = io_kernel(block, sizeof block);
        CHECK_EQUAL(file_write(to, &io, &offset), sizeof block);
        if (round < 10) continue;
        CHECK_EQUAL(file_read_kernel(from, block, sizeof block, 0), sizeof block);
        CHECK_EQUAL(block[3], (char)(3 + round - 10));
    }
    CHECK_EQUAL(pipe_bytes(from), 10 * sizeof block);
    file_put(to);
    for (unsigned i = 0; i < 10; i++)
        CHECK_EQUAL(file_read_kernel(from, block, sizeof block, 0), sizeof block);
    CHECK_EQUAL(file_read_kernel(from, block, 1, 0), 0);
    file_put(from);
    accounting_check();
}

static void devices(void) {
    struct file *file;
    char bytes[8] = "xxxxxxx";

    accounting_start();
    if (!HAVE(file_open("/dev/zero", O_RDWR, 0, &file) == 0)) return;
    CHECK_EQUAL(file_read_kernel(file, bytes, 8, 0), 8);
    CHECK_EQUAL(memcmp(bytes, "\0\0\0\0\0\0\0\0", 8), 0);
    file_put(file);
    if (!HAVE(file_open("/dev/full", O_RDWR, 0, &file) == 0)) return;
    CHECK_EQUAL(put(file, "x", 0), -ENOSPC);
    file_put(file);
    CHECK_EQUAL(try_open("/dev/tty", O_RDWR), -ENXIO);
    CHECK_EQUAL(try_open("/dev/null", O_RDWR | O_TRUNC), 0);
    accounting_check();
}

/* Each file of /proc about the machine can be read; what is not there is not. */
static void proc_files(void) {
    static const char *const names[] = {"/proc/meminfo", "/proc/cpuinfo", "/proc/uptime",
                                        "/proc/stat",    "/proc/mounts",  "/proc/vmstat"};
    static char text[2048];
    struct file *file;

    accounting_start();
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!HAVE(file_open(names[i], O_RDONLY, 0, &file) == 0)) return;
        memset(text, 0, sizeof text);
        CHECK(file_read_kernel(file, text, sizeof text - 1, 0) > 0);
        file_put(file);
        CHECK_EQUAL(try_open(names[i], O_WRONLY), current->euid ? -EACCES : 0);
    }
    CHECK_EQUAL(try_open("/proc/none", O_RDONLY), -ENOENT);
    CHECK_EQUAL(try_open("/proc/99999/stat", O_RDONLY), -ENOENT);
    CHECK_EQUAL(try_open("/proc/../proc/./meminfo", O_RDONLY), 0);
    CHECK_EQUAL(make("/proc/x", S_IFREG | 0644, 0), -EPERM);
    CHECK_EQUAL(remove("/proc/meminfo", false), -EPERM);
    accounting_check();
}

static const struct test_case cases[] = {
    {"paths", paths},       {"renames", renames}, {"mounts", mounts},
    {"contents", contents}, {"pipes", pipes},     {"devices", devices},
    {"proc", proc_files},
};

const struct test_suite suite_files = TEST_SUITE("files", cases);
