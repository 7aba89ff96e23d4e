/*
 * fat_directory.c: what is in a directory of a FAT volume. Nothing of it is kept but its sectors in the
 * cache: each search goes through them from the start.
 */
#include <fs/fat.h>
#include <fs/fat_name.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

/* A walk through a directory, file by file. */
struct listing {
    struct fat_super *super;
    struct fat_directory directory;
    uint32_t record; /* that comes next: of 32 bytes each, from the start of the directory */
    uint32_t sector; /* that `records` holds, as its LBA; 0: none */
    struct fat_directory_entry records[ENTRIES_PER_SECTOR];

    struct fat_long_name long_name;
    struct fat_directory_entry entry; /* the file that was found */
    uint64_t place;
    char name[FAT_NAME_BYTES], short_name[FAT_NAME_BYTES];
    uint32_t length, short_length;
};

/* From record `first` on. A null pointer: no memory. */
static struct listing *start(const struct inode *inode, uint32_t first) {
    struct listing *listing = kzalloc(sizeof *listing, GFP_KERNEL);

    if (!listing) return 0;
    listing->super = (struct fat_super *)inode->fs;
    listing->directory.cluster = ((const struct fat_inode *)inode)->chain.first_cluster;
    listing->record = first;
    return listing;
}

/* Makes directory.run the part with the next record: 1; 0 at the end, or an error. */
static int find_part(struct listing *listing) {
    struct fat_directory *directory = &listing->directory;

    do {
        uint32_t within = listing->record * sizeof(struct fat_directory_entry) - directory->position;
        if (within / SECTOR_SIZE < directory->run.sectors) return 1;
        int error = fat_error(listing->super, fat_directory_next(&listing->super->volume, directory));
        if (error) return error;
    } while (directory->run.sectors);
    return 0;
}

/* The next record, of whatever kind: 1; 0 at the end, or an error. */
static int next_record(struct listing *listing, struct fat_directory_entry **record) {
    const struct fat_directory *directory = &listing->directory;

    if (listing->record > DIRECTORY_MAX_BYTES / sizeof(struct fat_directory_entry)) return 0;
    int found = find_part(listing);
    if (found <= 0) return found;
    uint32_t within = listing->record * sizeof(struct fat_directory_entry) - directory->position;
    uint32_t lba = directory->run.lba + within / SECTOR_SIZE, index = within % SECTOR_SIZE / sizeof **record;
    if (lba != listing->sector) {
        int error = fat_copy(listing->super, lba, 0, listing->records, SECTOR_SIZE);
        if (error < 0) return error;
        listing->sector = lba;
    }
    *record = &listing->records[index];
    if ((*record)->name[0] == ENTRY_END) return 0;
    listing->place = (uint64_t)lba * ENTRIES_PER_SECTOR + index;
    listing->record++;
    return 1;
}

/* The names of the file that was found. Each has one, or there is none to open it by. */
static void take_names(struct listing *listing) {
    listing->short_length = fat_short_name(&listing->entry, listing->short_name);
    listing->length = fat_long_name(&listing->long_name, &listing->entry, listing->name);
    if (listing->length) return;
    listing->length = listing->short_length;
    memcpy(listing->name, listing->short_name, listing->short_length + 1);
}

/* The next file or directory: 1; 0 at the end, or an error. */
static int next_file(struct listing *listing) {
    struct fat_directory_entry *record = 0;
    int found;

    listing->long_name.parts = 0;
    while ((found = next_record(listing, &record)) > 0) {
        bool deleted = (uint8_t)record->name[0] == ENTRY_DELETED;
        if (!deleted && record->attributes == FAT_LONG_ATTRIBUTES) {
            fat_long_part(&listing->long_name, record);
            continue;
        }
        if (!deleted && !(record->attributes & ATTRIBUTE_VOLUME_ID) && !fat_is_dots(record)) {
            listing->entry = *record;
            take_names(listing);
            if (listing->length) return 1;
            fat_report(listing->super, "fat: a name that no path can have, left out", listing->directory.cluster);
        }
        listing->long_name.parts = 0;
    }
    return found;
}

/* ---- lookup ---- */

/* Does a directory that is said to be in `dir` begin where that, or one above, does? Then it has no
 * end; and no entry but .. leads to the root. */
static bool loops(const struct dentry *dir, const struct fat_inode *inode) {
    if (!inode->chain.first_cluster) return true;
    for (; dir; dir = dir->parent)
        if (((const struct fat_inode *)dir->inode)->chain.first_cluster == inode->chain.first_cluster) return true;
    return false;
}

/* The dentry of a directory on which something is mounted stays; others are made anew each time. */
static struct dentry *mounted_on(const struct inode *inode) {
    for (const struct filesystem *fs = filesystems; fs; fs = fs->next)
        if (fs->covers && fs->covers->inode == inode) return fs->covers;
    return 0;
}

/* The dentry of the file that was found. */
static int make_dentry(struct dentry *dir, const struct listing *listing, struct dentry **found) {
    struct fat_inode *file = fat_inode_of(listing->super, listing->place, &listing->entry);
    if (!file) return -ENOMEM;

    struct inode *inode = &file->cached.inode;
    int error = 0;
    if (is_kind(inode, S_IFDIR) && loops(dir, file))
        error = fat_report(listing->super, "fat: a directory that is in itself", file->chain.first_cluster);
    *found = error ? 0 : mounted_on(inode);
    if (*found) dentry_get(*found);
    if (!error && !*found) {
        *found = dentry_new(dir, listing->name, listing->length, inode);
        if (*found) return 0;
        error = -ENOMEM;
    }
    inode_put(inode);
    return error;
}

static int lookup(struct dentry *dir, const char *name, uint32_t length, struct dentry **found) {
    struct listing *listing = start(dir->inode, 0);
    int there;

    if (!listing) return -ENOMEM;
    while ((there = next_file(listing)) > 0)
        if (fat_same_name(name, length, listing->name, listing->length) ||
            fat_same_name(name, length, listing->short_name, listing->short_length))
            break;
    int error = there > 0 ? make_dentry(dir, listing, found) : there ? there : -ENOENT;
    kfree(listing);
    return error;
}

/* ---- readdir: an offset is 2, for the dots, and the number of a record ---- */

static int list(struct listing *listing, struct file *dir, struct dir_context *context) {
    int there;

    while ((there = next_file(listing)) > 0) {
        bool directory = listing->entry.attributes & ATTRIBUTE_DIRECTORY;
        uint64_t next = (uint64_t)listing->record + 2;
        if (!dir_emit(context, listing->name, listing->length, fat_inode_number(listing->place),
                      directory ? S_IFDIR : S_IFREG, next))
            return 0;
        dir->offset = next;
    }
    return there;
}

static int readdir(struct file *dir, struct dir_context *context) {
    if (!dir_emit_dots(dir, context)) return 0;
    if (dir->offset - 2 > UINT32_MAX) return 0;
    struct listing *listing = start(dir->inode, (uint32_t)(dir->offset - 2));
    if (!listing) return -ENOMEM;
    int error = list(listing, dir, context);
    kfree(listing);
    return error;
}

const struct inode_operations fat_directory_inode = {.lookup = lookup, .end = fat_inode_end};
const struct file_operations fat_directory_file = {.readdir = readdir};
