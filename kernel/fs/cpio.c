/*
 * cpio.c: unpacks archives of cpio's newc format. Every field is checked before it is used.
 */
#include <fs/cpio.h>
#include <fs/initrd.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>

#define HEADER_BYTES 110
#define MAGIC_BYTES 6
#define FIELDS 13
#define FIELD_DIGITS 8
#define TRAILER "TRAILER!!!"

enum field { INO, MODE, UID, GID, NLINK, MTIME, SIZE, MAJOR, MINOR, RMAJOR, RMINOR, NAMESIZE, CHECK };

struct entry {
    uint32_t field[FIELDS];
    bool has_sum;
    uint32_t data; /* where the contents begin */
    uint32_t next; /* where the next entry begins */
};

/* A file with several names, to find it again at the next. */
struct link {
    struct link *next;
    uint32_t ino, major, minor;
    struct dentry *dentry;
};

static struct link *links;
static char *name; /* PATH_MAX bytes; of the entry that is being unpacked */

static uint32_t align4(uint32_t offset) {
    return (offset + 3) & ~3u;
}

/* ---- reading an entry ---- */

static bool hex_digit(char c, uint32_t *value) {
    if (c >= '0' && c <= '9')
        *value = (uint32_t)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *value = (uint32_t)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
        *value = (uint32_t)(c - 'A') + 10;
    else
        return false;
    return true;
}

static bool read_fields(const char *header, struct entry *entry) {
    for (unsigned i = 0; i < FIELDS * FIELD_DIGITS; i++) {
        uint32_t digit, *field = &entry->field[i / FIELD_DIGITS];
        if (!hex_digit(header[MAGIC_BYTES + i], &digit)) return false;
        *field = (i % FIELD_DIGITS ? *field << 4 : 0) | digit;
    }
    return true;
}

static const char *wrong_magic(const char *header) {
    if (header[0] == 0x1F && (uint8_t)header[1] == 0x8B)
        return "compressed with gzip: it must be a plain cpio archive";
    if (memcmp(header, "070707", MAGIC_BYTES) == 0)
        return "an old cpio archive: make it with cpio -H newc";
    return "no cpio header";
}

/* The name: all of it, with one NUL, at its end. */
static const char *read_name(uint32_t offset, uint32_t size) {
    if (!initrd_read(offset, name, size)) return "not in memory that can be reached";
    if (name[size - 1]) return "a name without an end";
    if (strlen(name) != size - 1) return "a name with a NUL in it";
    return size == 1 ? "an empty name" : 0;
}

/* Reads the entry at `offset`. What is wrong with it, or a null pointer. */
static const char *read_entry(uint32_t offset, uint32_t end, struct entry *entry) {
    char header[HEADER_BYTES];

    if (end - offset < HEADER_BYTES) return "ends within a header";
    if (!initrd_read(offset, header, HEADER_BYTES)) return "not in memory that can be reached";
    entry->has_sum = memcmp(header, "070702", MAGIC_BYTES) == 0;
    if (!entry->has_sum && memcmp(header, "070701", MAGIC_BYTES) != 0) return wrong_magic(header);
    if (!read_fields(header, entry)) return "a field that is not hexadecimal";

    uint32_t name_size = entry->field[NAMESIZE], left = end - offset - HEADER_BYTES;
    if (name_size == 0 || name_size > PATH_MAX) return "a name of impossible length";
    if (name_size > left) return "ends within a name";
    const char *wrong = read_name(offset + HEADER_BYTES, name_size);
    if (wrong) return wrong;

    entry->data = align4(offset + HEADER_BYTES + name_size);
    if (entry->data > end) entry->data = end; /* the last name may lack its zeros */
    if (entry->field[SIZE] > end - entry->data) return "ends within a file";
    entry->next = align4(entry->data + entry->field[SIZE]);
    if (entry->next > end) entry->next = end;
    return 0;
}

/* ---- making a file of it ---- */

static const char *what_failed(int error) {
    switch (error) {
    case -ENOENT: return "no such directory";
    case -ENOTDIR: return "its path goes through a file";
    case -ENOMEM:
    case -ENOSPC: return "no memory left";
    case -ELOOP: return "too many symbolic links";
    case -ENAMETOOLONG: return "a name is too long";
    case -EEXIST: return "a directory is in its place";
    case -EINVAL: return "no kind of file that there is";
    case -EPERM: return "a hard link to a directory";
    case -EIO: return "its sum is wrong";
    default: return "it cannot be made";
    }
}

static struct link *find_link(const struct entry *entry) {
    for (struct link *link = links; link; link = link->next)
        if (link->ino == entry->field[INO] && link->major == entry->field[MAJOR] &&
            link->minor == entry->field[MINOR])
            return link;
    return 0;
}

/* The file will be known at its next name. */
static int remember_link(const struct entry *entry, struct dentry *dentry) {
    struct link *link = kmalloc(sizeof *link, GFP_KERNEL);

    if (!link) return -ENOMEM;
    dentry_get(dentry);
    *link = (struct link){links, entry->field[INO], entry->field[MAJOR], entry->field[MINOR],
                          dentry};
    links = link;
    return 0;
}

static void forget_links(void) {
    while (links) {
        struct link *link = links;
        links = link->next;
        dentry_put(link->dentry);
        kfree(link);
    }
}

/* One page of contents, from the initrd to its frame; its bytes are added up where `sum` is given. */
static int copy_page(struct inode *inode, uint32_t index, uint32_t offset, uint32_t bytes,
                     uint32_t *sum) {
    struct page *page;

    int error = ramfs_page(inode, index, BLOCK_HLT, &page);
    if (error) return error;
    uint8_t *memory = kmap(page);
    if (memory) {
        error = initrd_read(offset, memory, bytes) ? 0 : -EIO;
        for (uint32_t i = 0; sum && i < bytes; i++) *sum += memory[i];
        kunmap(page);
    }
    put_page(page);
    return memory ? error : -ENOMEM;
}

/* The contents; the initrd's frames behind us are free at once. */
static int copy_contents(struct inode *inode, const struct entry *entry) {
    uint32_t size = entry->field[SIZE], sum = 0;

    for (uint32_t at = 0; at < size; at += PAGE_SIZE) {
        uint32_t bytes = size - at < PAGE_SIZE ? size - at : PAGE_SIZE;
        int error =
            copy_page(inode, at / PAGE_SIZE, entry->data + at, bytes, entry->has_sum ? &sum : 0);
        if (error) return error;
        inode->size = at + bytes;
        initrd_release(entry->data + at + bytes);
    }
    return entry->has_sum && sum != entry->field[CHECK] ? -EIO : 0;
}

static void set_owner(struct inode *inode, const struct entry *entry) {
    inode->mode = (inode->mode & S_IFMT) | (entry->field[MODE] & 07777);
    inode->uid = entry->field[UID];
    inode->gid = entry->field[GID];
    inode->mtime = inode->atime = (uint64_t)entry->field[MTIME] * 1000000000u;
}

/* What an earlier entry put there goes, unless both are directories. */
static int make_room(struct walk *walk, uint32_t kind, struct dentry **directory) {
    struct dentry *found;

    *directory = 0;
    if (walk->length == 0) { /* "." or "/" */
        dentry_get(walk->at);
        *directory = walk->at;
        return kind == S_IFDIR ? 0 : -EEXIST;
    }
    if (dentry_lookup(walk->at, walk->name, walk->length, &found)) return 0;
    if (is_kind(found->inode, S_IFDIR)) {
        *directory = found;
        return kind == S_IFDIR ? 0 : -EEXIST;
    }
    dentry_put(found);
    return tree_unlink(walk);
}

static int make_symlink(struct walk *walk, const struct entry *entry, struct dentry **made) {
    uint32_t size = entry->field[SIZE];

    if (size == 0 || size >= PATH_MAX) return -ENAMETOOLONG;
    char *target = kzalloc(size + 1, GFP_KERNEL);
    if (!target) return -ENOMEM;
    int error = initrd_read(entry->data, target, size) ? 0 : -EIO;
    if (!error && strlen(target) != size) error = -EINVAL;
    if (!error) error = tree_make(walk, S_IFLNK | 0777, 0, target, made);
    kfree(target);
    return error;
}

static int make_new(struct walk *walk, const struct entry *entry, struct dentry **made) {
    uint32_t kind = entry->field[MODE] & S_IFMT;

    switch (kind) {
    case S_IFLNK: return make_symlink(walk, entry, made);
    case S_IFREG:
    case S_IFDIR:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        return tree_make(walk, kind, makedev(entry->field[RMAJOR], entry->field[RMINOR]), 0, made);
    default: return -EINVAL;
    }
}

/* The file of this entry, with a reference: a new one, or one that has a name already. */
static int make_file(struct walk *walk, const struct entry *entry, struct dentry **made) {
    uint32_t kind = entry->field[MODE] & S_IFMT;
    bool linked = entry->field[NLINK] > 1 && kind != S_IFDIR;

    int error = make_room(walk, kind, made);
    if (error || *made) return error;
    struct link *link = linked ? find_link(entry) : 0;
    if (link) {
        *made = link->dentry;
        dentry_get(*made);
        return tree_link(link->dentry, walk);
    }
    error = make_new(walk, entry, made);
    return !error && linked ? remember_link(entry, *made) : error;
}

static int unpack_at(struct walk *walk, const struct entry *entry) {
    struct dentry *made = 0;

    int error = make_file(walk, entry, &made);
    if (!error) {
        struct inode *inode = made->inode;
        /* cpio gives the contents of a file with several names with one of them only. */
        if (is_kind(inode, S_IFREG)) error = copy_contents(inode, entry);
        set_owner(inode, entry);
    }
    if (made) dentry_put(made);
    return error;
}

static int unpack_entry(const struct entry *entry) {
    struct walk walk;

    int error = walk_start(&walk, filesystems->root, *name == '/' ? name + 1 : name);
    if (!error) error = unpack_at(&walk, entry);
    walk_end(&walk);
    return error;
}

/* ---- the archives ---- */

/* The first byte from `offset` on that is not 0. */
static uint32_t skip_zeros(uint32_t offset, uint32_t end) {
    uint8_t some[64];

    while (offset < end) {
        uint32_t bytes = end - offset < sizeof some ? end - offset : (uint32_t)sizeof some;
        if (!initrd_read(offset, some, bytes)) return end;
        for (uint32_t i = 0; i < bytes; i++)
            if (some[i]) return offset + i;
        offset += bytes;
    }
    return end;
}

/* Unpacks one archive. Answers where it ends; `end` after damage, as nothing behind is known. */
static uint32_t unpack_archive(uint32_t offset, uint32_t end, uint32_t *entries) {
    struct entry entry;

    while (offset < end) {
        const char *wrong = read_entry(offset, end, &entry);
        if (wrong) {
            pr_warn("initrd: at byte %u: %s; the rest is left out\n", offset, wrong);
            return end;
        }
        offset = entry.next;
        if (strcmp(name, TRAILER) == 0) return offset;
        int error = unpack_entry(&entry);
        if (error)
            pr_warn("initrd: /%s: %s\n", name + (*name == '/'), what_failed(error));
        else
            (*entries)++;
        initrd_release(offset);
    }
    pr_warn("initrd: no %s at its end\n", TRAILER);
    return end;
}

uint32_t cpio_unpack(uint32_t bytes) {
    uint32_t entries = 0;

    name = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!name) return 0;
    for (uint32_t at = 0; (at = skip_zeros(at, bytes)) < bytes;) {
        at = unpack_archive(at, bytes, &entries);
        forget_links();
    }
    kfree(name);
    return entries;
}
