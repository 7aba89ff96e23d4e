/*
 * device.c: the character devices, and the nodes of /dev: those, and the disks (block/block.h).
 */
#include <block/block.h>
#include <fs/device.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>

static const struct {
    const char *name;
    uint32_t rdev, rights;
    const struct file_operations *ops;
} devices[] = {
    {"null", DEVICE_NULL, 0666, &null_device},
    {"zero", DEVICE_ZERO, 0666, &zero_device},
    {"full", DEVICE_FULL, 0666, &full_device},
    {"random", DEVICE_RANDOM, 0666, &random_device},
    {"urandom", DEVICE_URANDOM, 0666, &random_device},
    {"tty", DEVICE_TTY, 0666, &tty_device},
    {"console", DEVICE_CONSOLE, 0600, &console_device},
};

static const char *const links[][2] = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
};

const struct file_operations *device_operations(uint32_t rdev) {
    for (unsigned i = 0; i < sizeof devices / sizeof devices[0]; i++)
        if (devices[i].rdev == rdev) return devices[i].ops;
    return 0;
}

static int make(struct dentry *dir, const char *name, uint32_t mode, uint32_t rdev,
                const char *target) {
    struct walk walk = {.at = dir, .rest = "", .name = name, .length = (uint32_t)strlen(name)};
    return tree_make(&walk, mode, rdev, target, 0);
}

/* A disk, or a partition; and if we came from there, a link "boot" or "boot1". */
static int make_disk(struct dentry *dir, const struct block_device *device) {
    char link[BLOCK_NAME_MAX] = "boot";

    int error = make(dir, device->name, S_IFBLK | 0600, device->number, 0);
    if (error || !block_boot || (device != block_boot && device->disk != block_boot)) return error;
    if (device != block_boot)
        snprintf(link, sizeof link, "boot%u", device->number - block_boot->number);
    return make(dir, link, S_IFLNK | 0777, 0, device->name);
}

int devices_make(struct dentry *dir) {
    int error = 0;

    for (unsigned i = 0; i < sizeof devices / sizeof devices[0] && !error; i++)
        error = make(dir, devices[i].name, S_IFCHR | devices[i].rights, devices[i].rdev, 0);
    for (unsigned i = 0; i < sizeof links / sizeof links[0] && !error; i++)
        error = make(dir, links[i][0], S_IFLNK | 0777, 0, links[i][1]);
    for (struct block_device *device = block_devices; device && !error; device = device->next)
        error = make_disk(dir, device);
    return error;
}
