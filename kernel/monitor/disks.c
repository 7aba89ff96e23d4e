/*
 * disks.c: the command disks: block devices, and what went over them.
 */
#include <block/block.h>
#include <fs/vfs.h>
#include <lib/printk.h>
#include <monitor/commands.h>

bool command_disks(int argc, char **argv) {
    (void)argc, (void)argv;
    if (!block_devices) printk("No disk that the kernel has a driver for.\n");
    if (block_devices)
        printk("name      number type      first    sectors    reads sectors   writes sectors errors\n");
    for (const struct block_device *device = block_devices; device; device = device->next) {
        const struct block_counters *of = &device->counters;
        printk("%-9s %3u:%-3u   %02x %10llu %10llu %8u %7llu %8u %7llu %6u", device->name,
               device_major(device->number), device_minor(device->number), device->type,
               device->start, device->sectors, of->reads, of->sectors_read, of->writes,
               of->sectors_written, of->errors);
        printk("%s%s%s\n", device == block_boot ? " boot" : "", device->dead ? " dead" : "",
               device->claimed ? " swap" : "");
        if (of->retries || of->resets)
            printk("          %u further tries, %u resets\n", of->retries, of->resets);
    }
    return true;
}
