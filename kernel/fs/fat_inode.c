/*
 * fat_inode.c: files and directories of a FAT volume, and where the pages of a file lie.
 */
#include <fs/fat.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <proc/clock.h>

#define SECOND 1000000000ull
#define DAY 86400u
#define UNIX_1980 315532800u /* where FAT's time begins: 1980-01-01, in seconds since 1970 */

static const struct inode_operations file_inode;
static const struct file_operations file_file = {.read = file_cache_read};

/* ---- times ---- */

/* Days from 1980-01-01 to the first of a month; the last year is 2107, and 2100 has no leap day. */
static uint32_t days_before(uint32_t year, uint32_t month) {
    static const uint16_t days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    uint32_t years = year - 1980, leaps = (years + 3) / 4 - (year > 2100);
    bool leap = years % 4 == 0 && year != 2100;

    return years * 365 + leaps + days[month - 1] + (leap && month > 2);
}

/* A date and a time of an entry ("Date and Time Formats"); there is no time zone in it, so it is taken
 * for UTC. What cannot be (mtools writes zeros) becomes the first of its kind. */
static uint64_t time_of(uint32_t date, uint32_t time) {
    uint32_t month = date >> 5 & 15, day = date & 31;

    if (month < 1 || month > 12) month = 1;
    uint32_t days = days_before(1980 + (date >> 9), month) + (day ? day - 1 : 0);
    uint32_t seconds = (time >> 11) * 3600 + (time >> 5 & 63) * 60 + (time & 31) * 2;
    return (UNIX_1980 + (uint64_t)days * DAY + seconds) * SECOND;
}

/* ---- inodes ---- */

uint32_t fat_inode_number(uint64_t place) {
    return place ? (uint32_t)place : 1; /* unique on volumes up to 128 GB */
}

static struct fat_inode **bucket_of(struct fat_super *super, uint64_t place) {
    return &super->buckets[(place ^ place >> 6) % FAT_BUCKETS];
}

/* Files are root's and nobody writes to them: 0555, as Linux shows a FAT with fmask=0222. */
static struct fat_inode *make(struct fat_super *super, uint64_t place, uint32_t kind,
                              uint32_t first_cluster) {
    struct fat_inode *made = kzalloc(sizeof *made, GFP_KERNEL);
    struct fat_inode **bucket = bucket_of(super, place);

    if (!made) return 0;
    struct inode *inode = &made->cached.inode;
    inode_init(inode, &super->fs, kind | 0555);
    inode->number = fat_inode_number(place);
    inode->links = 1; /* also of a directory: as many as it has are not counted (as btrfs) */
    inode->uid = inode->gid = 0;
    inode->atime = inode->mtime = inode->ctime = time_of(0, 0);
    inode->ops = kind == S_IFDIR ? &fat_directory_inode : &file_inode;
    inode->file_ops = kind == S_IFDIR ? &fat_directory_file : &file_file;
    made->place = place;
    made->chain.first_cluster = first_cluster;
    made->next = *bucket;
    *bucket = made;
    return made;
}

struct inode *fat_root(struct fat_super *super) {
    struct fat_inode *root = make(super, 0, S_IFDIR, super->volume.root_cluster);
    return root ? &root->cached.inode : 0;
}

struct fat_inode *fat_inode_of(struct fat_super *super, uint64_t place,
                               const struct fat_directory_entry *entry) {
    bool directory = entry->attributes & ATTRIBUTE_DIRECTORY;

    for (struct fat_inode *at = *bucket_of(super, place); at; at = at->next) {
        if (at->place != place) continue;
        inode_get(&at->cached.inode);
        return at;
    }
    struct fat_inode *made = make(super, place, directory ? S_IFDIR : S_IFREG,
                                  fat_first_cluster(&super->volume, entry));
    if (!made) return 0;
    struct inode *inode = &made->cached.inode;
    inode->size = made->chain.bytes = directory ? 0 : entry->bytes;
    inode->mtime = inode->ctime = time_of(entry->modified_date, entry->modified_time);
    inode->atime = time_of(entry->accessed_date, 0);
    return made;
}

void fat_inode_end(struct inode *inode) {
    struct fat_inode *ended = (struct fat_inode *)inode;
    struct fat_inode **at = bucket_of((struct fat_super *)inode->fs, ended->place);

    while (*at != ended) at = &(*at)->next;
    *at = ended->next;
    kfree(ended);
}

/* ---- the pages of a file ---- */

/* Makes file->chain.run one that holds `offset`, with `wanted` sectors from there on if they are
 * neighbours. What is fine of a chain is found, even if it is damaged further on. */
static enum boot_error find_run(struct fat_volume *volume, struct fat_inode *file, uint32_t offset,
                                uint32_t wanted) {
    struct fat_file *chain = &file->chain;

    if (offset < chain->run_position && file->before.run.sectors) *chain = file->before;
    if (offset < chain->run_position || !chain->run.sectors) fat_rewind(chain);
    while ((offset - chain->run_position) / SECTOR_SIZE >= chain->run.sectors) {
        if (chain->run.sectors) file->before = *chain;
        struct fat_file start = *chain;
        uint32_t least = (offset - chain->position) / SECTOR_SIZE + 1;
        enum boot_error error = fat_next_run(volume, chain, least + wanted - 1);
        if (error) {
            *chain = start;
            error = fat_next_run(volume, chain, least);
        }
        if (!error && !chain->run.sectors) error = fat_damaged(E_FAT_CHAIN_SHORT, chain->cluster);
        if (error) {
            chain->run.sectors = 0; /* from the start next time: it fails again */
            return error;
        }
    }
    return BOOT_OK;
}

/* The neighbouring sectors that hold the file from `offset` on, at most `wanted`. */
static enum boot_error extent(struct fat_volume *volume, struct fat_inode *file, uint32_t offset,
                              uint32_t wanted, struct fat_run *found) {
    enum boot_error error = find_run(volume, file, offset, wanted);
    if (error) return error;
    uint32_t skipped = (offset - file->chain.run_position) / SECTOR_SIZE;
    found->lba = file->chain.run.lba + skipped;
    found->sectors = file->chain.run.sectors - skipped;
    if (found->sectors > wanted) found->sectors = wanted;
    return BOOT_OK;
}

/* A page whose sectors lie here and there, through the cache of sectors. */
static int read_pieces(struct fat_super *super, struct fat_inode *file, uint32_t offset,
                       struct page *page, uint32_t sectors) {
    uint8_t *memory = kmap(page);
    struct fat_run found = {0, 0};
    int error = memory ? 0 : -ENOMEM;

    for (uint32_t done = 0; done < sectors && !error; done++) {
        uint32_t at = offset + done * SECTOR_SIZE;
        error = fat_error(super, extent(&super->volume, file, at, sectors - done, &found));
        if (!error) error = fat_copy(super, found.lba, 0, memory + done * SECTOR_SIZE, SECTOR_SIZE);
    }
    if (memory) kunmap(page);
    return error ? error : 1;
}

/* The only place where others may run meanwhile: where the chain is, is in `run` already. As many
 * whole pages as the disk has in one piece; the last one may end with the file. */
static int read_run(struct fat_super *super, struct fat_run run, struct page *const *pages,
                    enum block_wait wait) {
    int count = (int)((run.sectors + SECTORS_PER_PAGE - 1) / SECTORS_PER_PAGE);

    int error = block_read(super->device, run.lba, run.sectors, pages, wait);
    if (!error) return count;
    if (count == 1) return error;
    return read_run(super, (struct fat_run){run.lba, SECTORS_PER_PAGE}, pages, wait);
}

static int read_pages(struct inode *inode, uint32_t index, struct page *const *pages,
                      uint32_t count, enum block_wait wait) {
    struct fat_super *super = (struct fat_super *)inode->fs;
    struct fat_inode *file = (struct fat_inode *)inode;
    uint32_t offset = index << PAGE_SHIFT, left = (uint32_t)inode->size - offset;
    uint32_t sectors = (left - 1) / SECTOR_SIZE + 1, wanted = count * SECTORS_PER_PAGE;
    struct fat_run run = {0, 0};

    if (wanted > sectors) wanted = sectors;
    int read = fat_error(super, extent(&super->volume, file, offset, wanted, &run));
    if (read) return read;
    if (run.sectors < sectors) run.sectors -= run.sectors % SECTORS_PER_PAGE;
    if (run.sectors)
        read = read_run(super, run, pages, wait);
    else
        read = read_pieces(super, file, offset, pages[0],
                           wanted < SECTORS_PER_PAGE ? wanted : SECTORS_PER_PAGE);
    if (read > 0 && left < (uint32_t)read << PAGE_SHIFT)
        page_zero_from(pages[read - 1], left % PAGE_SIZE);
    return read;
}

static int no_lookup(struct dentry *dir, const char *name, uint32_t length, struct dentry **found) {
    (void)dir, (void)name, (void)length, (void)found;
    return -ENOTDIR;
}

static const struct inode_operations file_inode = {
    .lookup = no_lookup, .read_pages = read_pages, .end = fat_inode_end};
