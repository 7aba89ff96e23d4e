/*
 * inode.c: files as such: their life, and who may do what with them (path_resolution(7)).
 */
#include <fs/vfs.h>
#include <lib/errno.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

struct inode *inode_new(struct filesystem *fs, uint32_t mode) {
    struct inode *inode = kzalloc(sizeof *inode, GFP_KERNEL);

    if (inode) inode_init(inode, fs, mode);
    return inode;
}

void inode_init(struct inode *inode, struct filesystem *fs, uint32_t mode) {
    inode->references = 1;
    inode->number = ++fs->next_inode;
    inode->mode = mode;
    inode->links = is_kind(inode, S_IFDIR) ? 2 : 1;
    inode->uid = current->euid;
    inode->gid = current->egid;
    inode->fs = fs;
    inode->atime = inode->mtime = inode->ctime = clock_realtime();
    fs->inodes++;
}

void inode_get(struct inode *inode) {
    inode->references++;
}

void inode_put(struct inode *inode) {
    if (--inode->references) return;
    inode->fs->inodes--;
    if (!inode->ops) ramfs_inode_end(inode);
    if (inode->ops && inode->ops->end)
        inode->ops->end(inode);
    else
        kfree(inode);
}

/* The three bits of the mode that count for this one; root may all, but runs only what somebody
 * may run. */
int inode_may_as(const struct inode *inode, uint32_t wanted, uint32_t uid, uint32_t gid) {
    uint32_t rights = inode->mode;

    if (uid == 0) {
        if (!(wanted & MAY_EXEC) || is_kind(inode, S_IFDIR) || inode->mode & 0111) return 0;
        return -EACCES;
    }
    if (uid == inode->uid)
        rights >>= 6;
    else if (gid == inode->gid)
        rights >>= 3;
    return (rights & wanted) == wanted ? 0 : -EACCES;
}

int inode_may(const struct inode *inode, uint32_t wanted) {
    bool device = !is_kind(inode, S_IFREG) && !is_kind(inode, S_IFDIR) && !is_kind(inode, S_IFLNK);

    if (wanted & MAY_WRITE && inode->fs->read_only && !device) return -EROFS;
    return inode_may_as(inode, wanted, current->euid, current->egid);
}

bool inode_is_own(const struct inode *inode) {
    return current->euid == 0 || current->euid == inode->uid;
}

void inode_changed(struct inode *inode) {
    inode->ctime = clock_realtime();
}

void inode_modified(struct inode *inode) {
    inode->mtime = inode->ctime = clock_realtime();
}
