/*
 * test_files.c: paths and directories against a model, contents against an array, and each allocation
 * made to fail: nothing is lost, nothing is left behind.
 */
#include "cmocka_test.h"

#include "file_machine.h"
#include <fs/fd.h>
#include <fs/record_lock.h>

static uint32_t random_below(uint32_t end) {
    static uint64_t state = 88172645463325252ull;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % end;
}

/* ---- operations by path ---- */

static int make(const char *path, uint32_t mode, const char *target) {
    struct walk walk;
    int error = walk_start(&walk, NULL, path);
    if (!error) error = tree_make(&walk, mode, 0, target, NULL);
    walk_end(&walk);
    return error;
}

static int remove_name(const char *path, bool directory) {
    struct walk walk;
    int error = walk_start(&walk, NULL, path);
    if (!error) error = directory ? tree_rmdir(&walk) : tree_unlink(&walk);
    walk_end(&walk);
    return error;
}

static int move(const char *from, const char *to, uint32_t flags) {
    struct walk old, new;
    int error = walk_start(&old, NULL, from), second = walk_start(&new, NULL, to);
    if (!error) error = second;
    if (!error) error = tree_rename(&old, &new, flags);
    walk_end(&new);
    walk_end(&old);
    return error;
}

static int hard_link(const char *from, const char *to) {
    struct dentry *old;
    struct walk walk;
    int error = path_lookup(NULL, from, 0, &old);
    if (error) return error;
    error = walk_start(&walk, NULL, to);
    if (!error) error = tree_link(old, &walk);
    walk_end(&walk);
    dentry_put(old);
    return error;
}

static uint32_t mode_of(const char *path, unsigned flags) {
    struct dentry *dentry;
    if (path_lookup(NULL, path, flags, &dentry)) return 0;
    uint32_t mode = dentry->inode->mode & S_IFMT;
    dentry_put(dentry);
    return mode;
}

/* ---- the model: every name there is, as a table of absolute paths ---- */

#define NAMES_MAX 256

struct name {
    char path[256];
    uint32_t kind; /* 0: free */
    unsigned file; /* the same number: the same file */
};

static struct name names[NAMES_MAX];
static unsigned files;

static struct name *find(const char *path) {
    for (unsigned i = 0; i < NAMES_MAX; i++)
        if (names[i].kind && strcmp(names[i].path, path) == 0) return &names[i];
    return NULL;
}

static struct name *add(const char *path, uint32_t kind, unsigned file) {
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (names[i].kind) continue;
        (snprintf)(names[i].path, sizeof names[i].path, "%s", path);
        names[i].kind = kind;
        names[i].file = file;
        return &names[i];
    }
    fail_msg("the model is full");
    return NULL;
}

static bool is_full(void) {
    unsigned used = 0;
    for (unsigned i = 0; i < NAMES_MAX; i++) used += names[i].kind != 0;
    return used > NAMES_MAX - 2;
}

static bool is_below(const char *path, const char *dir) {
    size_t length = strlen(dir);
    return strncmp(path, dir, length) == 0 && path[length] == '/';
}

static bool is_empty(const char *dir) {
    for (unsigned i = 0; i < NAMES_MAX; i++)
        if (names[i].kind && is_below(names[i].path, dir)) return false;
    return true;
}

/* What every operation says about the directory that a path is in. */
static int parent_error(const char *path) {
    char parent[256];
    (snprintf)(parent, sizeof parent, "%s", path);
    for (char *slash = parent + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        const struct name *name = find(parent);
        if (!name) return -ENOENT;
        if (name->kind != S_IFDIR) return -ENOTDIR;
    }
    return 0;
}

static int model_make(const char *path, uint32_t kind) {
    int error = parent_error(path);
    if (error) return error;
    if (find(path)) return -EEXIST;
    add(path, kind, ++files);
    return 0;
}

static int model_remove(const char *path, bool directory) {
    int error = parent_error(path);
    struct name *name = find(path);
    if (error) return error;
    if (!name) return -ENOENT;
    if (directory && name->kind != S_IFDIR) return -ENOTDIR;
    if (!directory && name->kind == S_IFDIR) return -EISDIR;
    if (directory && !is_empty(path)) return -ENOTEMPTY;
    name->kind = 0;
    return 0;
}

static int model_link(const char *from, const char *to) {
    int error = parent_error(from);
    const struct name *old = find(from);
    if (error) return error;
    if (!old) return -ENOENT;
    error = parent_error(to);
    if (error) return error;
    if (find(to)) return -EEXIST;
    if (old->kind == S_IFDIR) return -EPERM;
    add(to, old->kind, old->file);
    return 0;
}

static int model_move_error(const char *from, const char *to) {
    const struct name *old = find(from), *victim = find(to);
    int error = parent_error(from);
    if (!error) error = parent_error(to);
    if (error) return error;
    if (!old) return -ENOENT;
    if (is_below(to, from)) return -EINVAL;
    if (victim && is_below(from, to)) return -ENOTEMPTY;
    if (!victim || victim->file == old->file) return 0;
    if (old->kind == S_IFDIR && victim->kind != S_IFDIR) return -ENOTDIR;
    if (old->kind != S_IFDIR && victim->kind == S_IFDIR) return -EISDIR;
    return victim->kind == S_IFDIR && !is_empty(to) ? -ENOTEMPTY : 0;
}

/* The longest path below `dir` that there is. */
static size_t depth_of(const char *dir) {
    size_t most = 0;
    for (unsigned i = 0; i < NAMES_MAX; i++)
        if (names[i].kind && is_below(names[i].path, dir) && strlen(names[i].path) > most)
            most = strlen(names[i].path);
    return most;
}

static int model_move(const char *from, const char *to) {
    int error = model_move_error(from, to);
    if (error) return error;
    struct name *old = find(from), *victim = find(to);
    if (victim && victim->file == old->file) return 0;
    if (victim) victim->kind = 0;
    size_t length = strlen(from);
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        char moved[sizeof names[i].path];
        if (!names[i].kind || (&names[i] != old && !is_below(names[i].path, from))) continue;
        (snprintf)(moved, sizeof moved, "%s%s", to, names[i].path + length);
        memcpy(names[i].path, moved, sizeof moved);
    }
    return 0;
}

/* ---- random paths ---- */

static const char *const words[] = {"a", "b", "cc", "a-name-that-is-longer"};

static void random_path(char *path) {
    unsigned depth = 1 + random_below(3);
    *path = 0;
    while (depth--) {
        strcat(path, "/");
        strcat(path, words[random_below(sizeof words / sizeof words[0] - (depth > 1))]);
    }
    if (strlen(path) > 40) strcpy(path, "/a");
}

/* st_nlink: the names of a file; of a directory two, and one of each directory in it. */
static uint32_t model_links(const struct name *name) {
    uint32_t links = name->kind == S_IFDIR ? 2 : 0;
    size_t length = strlen(name->path);
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (!names[i].kind) continue;
        if (name->kind != S_IFDIR) links += names[i].file == name->file;
        else if (names[i].kind == S_IFDIR && is_below(names[i].path, name->path))
            links += !strchr(names[i].path + length + 1, '/');
    }
    return links;
}

static void check_all(void) {
    struct dentry *dentry;
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (!names[i].kind) continue;
        assert_int_equal(mode_of(names[i].path, 0), names[i].kind);
        assert_int_equal(path_lookup(NULL, names[i].path, 0, &dentry), 0);
        assert_int_equal(dentry->inode->links, model_links(&names[i]));
        dentry_put(dentry);
    }
}

static void names_against_a_model(void **state) {
    (void)state;
    memset(names, 0, sizeof names);
    files_start();
    for (unsigned round = 0; round < 200000; round++) {
        char path[64], to[64];
        random_path(path);
        random_path(to);
        switch (is_full() ? 2 + random_below(2) : random_below(6)) {
        case 0: assert_int_equal(make(path, S_IFDIR | 0755, NULL), model_make(path, S_IFDIR)); break;
        case 1: assert_int_equal(make(path, S_IFREG | 0644, NULL), model_make(path, S_IFREG)); break;
        case 2: assert_int_equal(remove_name(path, false), model_remove(path, false)); break;
        case 3: assert_int_equal(remove_name(path, true), model_remove(path, true)); break;
        case 4: assert_int_equal(hard_link(path, to), model_link(path, to)); break;
        default: {
            if (depth_of(path) + strlen(to) > 200) break;
            int wanted = model_move_error(path, to), got = move(path, to, 0);
            if (wanted != got) fail_msg("%s -> %s: %d, not %d", path, to, got, wanted);
            model_move(path, to);
        }
        }
        if (round % 512 == 0) check_all();
    }
    check_all();
    files_stop();
}

/* ---- symbolic links ---- */

static int open_error(const char *path, uint32_t flags) {
    struct file *file;
    int error = file_open(path, flags, 0666, &file);
    if (!error) file_put(file);
    return error;
}

static void symbolic_links(void **state) {
    (void)state;
    char name[16], target[16], path[PATH_MAX + 8];

    files_start();
    assert_int_equal(make("/d", S_IFDIR | 0755, NULL), 0);
    assert_int_equal(make("/d/f", S_IFREG | 0644, NULL), 0);
    assert_int_equal(make("/d/up", S_IFLNK, ".."), 0);
    assert_int_equal(make("/d/me", S_IFLNK, "."), 0);
    assert_int_equal(make("/gone", S_IFLNK, "d/new"), 0);
    assert_int_equal(make("/loop", S_IFLNK, "d/../loop"), 0);
    assert_int_equal(open_error("/d/up/d/me/me/up/d/f", O_RDONLY), 0);
    assert_int_equal(open_error("/d/me/", O_RDONLY), 0);
    assert_int_equal(open_error("/loop", O_RDONLY), -ELOOP);
    assert_int_equal(open_error("/loop/x", O_RDONLY), -ELOOP);
    assert_int_equal(open_error("/gone", O_RDONLY), -ENOENT);
    assert_int_equal(open_error("/gone", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
    assert_int_equal(open_error("/gone", O_RDWR | O_CREAT), 0); /* makes what the link names */
    assert_int_equal(mode_of("/d/new", 0), S_IFREG);
    assert_int_equal(open_error("/d/up", O_RDONLY | O_NOFOLLOW), -ELOOP);
    assert_int_equal(open_error("/d/up/", O_RDONLY | O_NOFOLLOW), 0);
    assert_int_equal(mode_of("/d/up", 0), S_IFLNK);
    assert_int_equal(mode_of("/d/up", LOOKUP_FOLLOW), S_IFDIR);

    /* Forty are followed, one more is not. */
    assert_int_equal(make("/l0", S_IFLNK, "d"), 0);
    for (unsigned i = 1; i <= SYMLINKS_MAX; i++) {
        (snprintf)(name, sizeof name, "/l%u", i);
        (snprintf)(target, sizeof target, "l%u", i - 1);
        assert_int_equal(make(name, S_IFLNK, target), 0);
    }
    (snprintf)(name, sizeof name, "/l%u/f", SYMLINKS_MAX - 1);
    assert_int_equal(open_error(name, O_RDONLY), 0);
    (snprintf)(name, sizeof name, "/l%u/f", SYMLINKS_MAX);
    assert_int_equal(open_error(name, O_RDONLY), -ELOOP);

    memset(path, 'x', NAME_MAX + 2);
    path[0] = '/';
    path[NAME_MAX + 2] = 0;
    assert_int_equal(make(path, S_IFREG, NULL), -ENAMETOOLONG);
    path[NAME_MAX + 1] = 0;
    assert_int_equal(make(path, S_IFREG, NULL), 0);
    files_stop();
}

/* ---- rights ---- */

static void rights(void **state) {
    (void)state;
    files_start();
    assert_int_equal(make("/tmp", S_IFDIR | 01777, NULL), 0);
    assert_int_equal(make("/own", S_IFDIR | 0700, NULL), 0);
    assert_int_equal(make("/own/f", S_IFREG | 0666, NULL), 0);
    assert_int_equal(make("/read", S_IFREG | 0644, NULL), 0);
    assert_int_equal(make("/tmp/roots", S_IFREG | 0666, NULL), 0);
    assert_int_equal(make("/group", S_IFDIR | 02777, NULL), 0);
    current->uid = current->euid = current->gid = current->egid = 1000;
    assert_int_equal(make("/group/d", S_IFDIR | 0755, NULL), 0); /* is of the group of its directory */
    struct dentry *dentry;
    assert_int_equal(path_lookup(NULL, "/group/d", 0, &dentry), 0);
    assert_int_equal(dentry->inode->gid, 0);
    assert_true(dentry->inode->mode & S_ISGID);
    dentry_put(dentry);
    assert_int_equal(open_error("/own/f", O_RDONLY), -EACCES);
    assert_int_equal(open_error("/read", O_RDONLY), 0);
    assert_int_equal(open_error("/read", O_WRONLY), -EACCES);
    assert_int_equal(open_error("/read", O_RDONLY | O_TRUNC), -EACCES);
    assert_int_equal(open_error("/x", O_RDWR | O_CREAT), -EACCES);
    assert_int_equal(open_error("/tmp/x", O_RDWR | O_CREAT), 0);
    assert_int_equal(remove_name("/tmp/roots", false), -EPERM);
    assert_int_equal(move("/tmp/roots", "/tmp/y", 0), -EPERM);
    assert_int_equal(move("/tmp/x", "/tmp/roots", 0), -EPERM);
    assert_int_equal(remove_name("/tmp/x", false), 0);
    assert_int_equal(remove_name("/read", false), -EACCES);
    current->uid = current->euid = current->gid = current->egid = 0;
    filesystems->read_only = true;
    assert_int_equal(open_error("/read", O_WRONLY), -EROFS);
    assert_int_equal(make("/new", S_IFREG, NULL), -EROFS);
    assert_int_equal(open_error("/read", O_RDONLY), 0);
    struct file *file;
    assert_int_equal(file_open_exec("/read", &file), -EACCES);
    files_stop();
}

static void text_busy(void **state) {
    (void)state;
    struct file *program, *writer;

    files_start();
    assert_int_equal(make("/prog", S_IFREG | 0755, NULL), 0);
    assert_int_equal(file_open_exec("/prog", &program), 0);
    assert_int_equal(open_error("/prog", O_WRONLY), -ETXTBSY);
    file_put(program);
    assert_int_equal(file_open("/prog", O_WRONLY, 0, &writer), 0);
    assert_int_equal(file_open_exec("/prog", &program), -ETXTBSY);
    file_put(writer);
    assert_int_equal(file_open_exec("/prog", &program), 0);
    file_put(program);
    files_stop();
}

/* ---- contents ---- */

#define CONTENTS_MAX (PAGE_SIZE * 300)
static uint8_t model[CONTENTS_MAX], block[PAGE_SIZE * 3], other[PAGE_SIZE * 3];

static uint32_t random_place(void) {
    uint32_t page = random_below(random_below(2) ? 4 : 290) * PAGE_SIZE;
    return random_below(3) ? page + random_below(PAGE_SIZE) : page;
}

/* The pages that have been written to or mapped, and lie in the file. */
static bool has_frame[300];

static unsigned model_frames(void) {
    unsigned frames = 0;
    for (unsigned i = 0; i < 300; i++) frames += has_frame[i];
    return frames;
}

static void contents_against_an_array(void **state) {
    (void)state;
    struct file *file;
    uint32_t size = 0;

    memset(model, 0, sizeof model);
    files_start();
    assert_int_equal(file_open("/f", O_RDWR | O_CREAT, 0644, &file), 0);
    for (unsigned round = 0; round < 40000; round++) {
        uint32_t place = random_place(), bytes = random_below(sizeof block);
        uint64_t offset = place;
        struct page *page;
        switch (random_below(4)) {
        case 0:
            for (uint32_t i = 0; i < bytes; i++) block[i] = (uint8_t)random_below(256);
            struct io in = io_kernel(block, bytes);
            assert_int_equal(file_write(file, &in, &offset), bytes);
            memcpy(model + place, block, bytes);
            if (bytes && place + bytes > size) size = place + bytes;
            for (uint32_t at = place; at < place + bytes; at++) has_frame[at / PAGE_SIZE] = true;
            break;
        case 1: {
            uint32_t wanted = place >= size ? 0 : bytes < size - place ? bytes : size - place;
            struct io out = io_kernel(other, bytes);
            assert_int_equal(file_read(file, &out, &offset), wanted);
            assert_memory_equal(other, model + place, wanted);
            break;
        }
        case 2:
            if (random_below(8)) break;
            assert_int_equal(ramfs_truncate(file->inode, place), 0);
            if (place < size) memset(model + place, 0, size - place);
            size = place;
            for (uint32_t i = (place + PAGE_SIZE - 1) / PAGE_SIZE; i < 300; i++) has_frame[i] = false;
            break;
        default:
            if (place / PAGE_SIZE * PAGE_SIZE >= size) {
                assert_int_equal(file_page(file, place / PAGE_SIZE, BLOCK_HLT, &page), -ENXIO);
                break;
            }
            assert_int_equal(file_page(file, place / PAGE_SIZE, BLOCK_HLT, &page), 0);
            assert_memory_equal(kmap(page), model + place / PAGE_SIZE * PAGE_SIZE, PAGE_SIZE);
            has_frame[place / PAGE_SIZE] = true;
            put_page(page);
        }
        assert_int_equal(file->inode->size, size);
        assert_int_equal(frames_in_use, model_frames());
        assert_int_equal(filesystems->pages, frames_in_use);
    }
    assert_int_equal(remove_name("/f", false), 0);
    file_put(file);
    assert_int_equal(filesystems->pages, 0);
    files_stop();
}

/* A byte at a place far away takes one frame and the nodes on the way. */
static void far_away(void **state) {
    (void)state;
    static const uint64_t places[] = {0, 4095, 1u << 18, 1ull << 24, 1ull << 31, 1ull << 40,
                                      (1ull << 44) - 4097};
    struct file *file;

    files_start();
    assert_int_equal(file_open("/f", O_RDWR | O_CREAT, 0644, &file), 0);
    for (unsigned i = sizeof places / sizeof places[0]; i-- > 0;) {
        uint64_t offset = places[i];
        struct io io = io_kernel("x", 1);
        assert_int_equal(file_write(file, &io, &offset), 1);
    }
    assert_int_equal(frames_in_use, 6); /* the first two are one */
    uint64_t end = 0xFFFFFFFFull << PAGE_SHIFT;
    struct io io = io_kernel("x", 1);
    assert_int_equal(file_write(file, &io, &end), -EFBIG);
    for (unsigned i = sizeof places / sizeof places[0]; i-- > 0;) {
        char byte = 0;
        assert_int_equal(file_read_kernel(file, &byte, 1, places[i]), 1);
        assert_int_equal(byte, 'x');
        assert_int_equal(ramfs_truncate(file->inode, places[i]), 0);
    }
    assert_int_equal(frames_in_use, 0);
    file_put(file);
    files_stop();
}

static void limits(void **state) {
    (void)state;
    struct file *file;
    uint64_t offset = 0;

    files_start();
    filesystems->pages_max = 2;
    assert_int_equal(file_open("/f", O_RDWR | O_CREAT, 0644, &file), 0);
    struct io io = io_kernel(block, 3 * PAGE_SIZE);
    assert_int_equal(file_write(file, &io, &offset), 2 * PAGE_SIZE);
    io = io_kernel(block, 1);
    assert_int_equal(file_write(file, &io, &offset), -ENOSPC);
    the_task.rlimit[RLIMIT_FSIZE].now = PAGE_SIZE + 7;
    offset = PAGE_SIZE;
    io = io_kernel(block, 100);
    assert_int_equal(file_write(file, &io, &offset), 7);
    last_signal = 0;
    io = io_kernel(block, 100);
    assert_int_equal(file_write(file, &io, &offset), -EFBIG);
    assert_int_equal(last_signal, SIGXFSZ);
    the_task.rlimit[RLIMIT_FSIZE].now = RLIM_INFINITY;
    file_put(file);
    files_stop();
}

static struct file *cut_meanwhile;

static void cut(void) {
    assert_int_equal(ramfs_truncate(cut_meanwhile->inode, 0), 0);
}

/* Who waits for a page that is on the disk, in a file that gets shorter meanwhile, makes no new one. */
static void a_file_is_cut_while_its_page_is_read(void **state) {
    (void)state;
    struct page *page;
    uint64_t offset = 0;

    files_start();
    assert_int_equal(file_open("/f", O_RDWR | O_CREAT, 0644, &cut_meanwhile), 0);
    struct io io = io_kernel(block, PAGE_SIZE);
    assert_int_equal(file_write(cut_meanwhile, &io, &offset), PAGE_SIZE);
    struct inode *inode = cut_meanwhile->inode;
    page = page_tree_find(&inode->shmem.pages, 0);
    page_tree_put_out(&inode->shmem.pages, 0, pte_swapped(0, 5));
    put_page(page);
    while_the_disk_works = cut;
    assert_int_equal(file_page(cut_meanwhile, 0, BLOCK_SLEEP, &page), -ENXIO);
    while_the_disk_works = 0;
    assert_int_equal(inode->fs->pages, 0);
    file_put(cut_meanwhile);
    files_stop();
}

/* ---- locks of parts of files, against a model of each byte ---- */

#define LOCK_BYTES 48
#define OWNERS_OF_LOCKS 3

static enum record_kind held[OWNERS_OF_LOCKS][LOCK_BYTES];

static bool model_in_the_way(const struct record_lock *wanted, unsigned owner) {
    for (unsigned other = 0; other < OWNERS_OF_LOCKS; other++)
        for (uint64_t at = wanted->start; at <= wanted->last && other != owner; at++)
            if (held[other][at] == RECORD_WRITE ||
                (held[other][at] == RECORD_READ && wanted->kind == RECORD_WRITE))
                return wanted->kind != RECORD_NONE;
    return false;
}

/* What a probe of another process finds on each byte is what the model has. */
static void check_locks(const struct inode *inode) {
    for (uint64_t at = 0; at < LOCK_BYTES; at++) {
        bool any = false;
        for (unsigned owner = 0; owner < OWNERS_OF_LOCKS; owner++) any |= held[owner][at] != RECORD_NONE;
        struct record_lock probe = {.kind = RECORD_WRITE, .start = at, .last = at};
        assert_int_equal(record_in_the_way(inode, &probe) != NULL, any);
    }
}

static void record_locks(void **state) {
    (void)state;
    static struct files_struct owners[OWNERS_OF_LOCKS];
    struct file *file;

    for (unsigned i = 0; i < OWNERS_OF_LOCKS * LOCK_BYTES; i++) (&held[0][0])[i] = RECORD_NONE;
    files_start();
    assert_int_equal(file_open("/f", O_RDWR | O_CREAT, 0644, &file), 0);
    for (unsigned round = 0; round < 100000; round++) {
        unsigned owner = random_below(OWNERS_OF_LOCKS), start = random_below(LOCK_BYTES);
        struct record_lock wanted = {.owner = &owners[owner],
                                     .kind = (enum record_kind)random_below(3), .start = start,
                                     .last = start + random_below(LOCK_BYTES - start)};
        if (random_below(50) == 0) {
            record_release(file->inode, wanted.owner);
            for (unsigned at = 0; at < LOCK_BYTES; at++) held[owner][at] = RECORD_NONE;
        } else {
            int error = model_in_the_way(&wanted, owner) ? -EAGAIN : 0;
            assert_int_equal(record_set(file->inode, &wanted, false), error);
            for (uint64_t at = wanted.start; at <= wanted.last && !error; at++)
                held[owner][at] = wanted.kind;
        }
        check_locks(file->inode);
    }
    for (unsigned owner = 0; owner < OWNERS_OF_LOCKS; owner++)
        record_release(file->inode, &owners[owner]);
    for (unsigned owner = 0; owner < OWNERS_OF_LOCKS; owner++) assert_int_equal(owners[owner].locks, 0);
    file_put(file);
    files_stop();
}

/* Each byte alone, with one free between: as many as a process may have. One that joins two needs no room,
 * one that cuts one in two does. */
static void record_locks_have_a_limit(void **state) {
    (void)state;
    static struct files_struct owner;
    struct record_lock lock = {.owner = &owner, .kind = RECORD_WRITE};
    struct file *file;
    int error = 0;

    files_start();
    assert_int_equal(file_open("/f", O_RDWR | O_CREAT, 0644, &file), 0);
    for (uint64_t at = 0; !error && at < 10 * RECORD_LOCKS_OF_PROCESS; at += 2) {
        lock.start = lock.last = at;
        error = record_set(file->inode, &lock, false);
    }
    assert_int_equal(error, -ENOLCK);
    assert_int_equal(owner.locks, RECORD_LOCKS_OF_PROCESS);
    lock = (struct record_lock){.owner = &owner, .kind = RECORD_NONE, .start = 0, .last = 3};
    assert_int_equal(record_set(file->inode, &lock, false), 0);
    lock = (struct record_lock){.owner = &owner, .kind = RECORD_WRITE, .start = 5, .last = 7};
    assert_int_equal(record_set(file->inode, &lock, false), 0); /* 4 to 8 are one then */
    assert_int_equal(owner.locks, RECORD_LOCKS_OF_PROCESS - 4);
    record_release(file->inode, &owner);
    assert_int_equal(owner.locks, 0);
    lock = (struct record_lock){.owner = &owner, .kind = RECORD_WRITE, .start = 0, .last = 99999};
    assert_int_equal(record_set(file->inode, &lock, false), 0);
    lock.kind = RECORD_NONE;
    for (error = 0; !error; lock.start += 2) {
        lock.last = lock.start;
        error = record_set(file->inode, &lock, false);
    }
    assert_int_equal(error, -ENOLCK);
    record_release(file->inode, &owner);
    file_put(file);
    files_stop();
}

/* ---- no memory ---- */

static int script(void) {
    struct file *file = NULL;
    uint64_t offset = 5 << 20;
    int error = make("/d", S_IFDIR | 0755, NULL);
    if (!error) error = make("/d/link", S_IFLNK, "../d/f");
    if (!error) error = file_open("/d/link", O_RDWR | O_CREAT, 0644, &file);
    struct io io = io_kernel(block, PAGE_SIZE + 1);
    if (!error && file_write(file, &io, &offset) != PAGE_SIZE + 1) error = -ENOMEM;
    if (!error) error = hard_link("/d/f", "/d/g");
    if (!error) error = move("/d/g", "/h", 0);
    if (!error) error = move("/h", "/d/f", RENAME_EXCHANGE);
    if (!error) error = move("/d", "/e", 0);
    if (file) file_put(file);
    return error;
}

static void each_allocation_fails(void **state) {
    (void)state;
    int error = -ENOMEM;
    unsigned n = 0;

    while (error) {
        files_start();
        allocations_until_failure = ++n;
        error = script();
        allocations_until_failure = 0;
        if (error) assert_int_equal(error, -ENOMEM);
        files_stop();
    }
    assert_true(n > 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_against_a_model), cmocka_unit_test(symbolic_links),
        cmocka_unit_test(rights),                cmocka_unit_test(text_busy),
        cmocka_unit_test(contents_against_an_array), cmocka_unit_test(far_away),
        cmocka_unit_test(a_file_is_cut_while_its_page_is_read),
        cmocka_unit_test(limits),                cmocka_unit_test(record_locks),
        cmocka_unit_test(record_locks_have_a_limit),
        cmocka_unit_test(each_allocation_fails),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
