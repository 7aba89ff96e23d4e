/*
 * proc.c: /proc/partitions and /proc/diskstats, in Linux's formats
 * (Documentation/admin-guide/iostats.rst).
 */
#include <block/block.h>
#include <fs/proc.h>
#include <fs/vfs.h>

#define NS_PER_MS 1000000u

void proc_partitions(struct text *text, struct task *task) {
    (void)task;
    text_print(text, "major minor  #blocks  name\n\n");
    for (const struct block_device *device = block_devices; device; device = device->next)
        text_print(text, "%4u %8u %10llu %s\n", device_major(device->number),
                   device_minor(device->number), device->sectors / SECTORS_PER_KB, device->name);
}

/* Reads and writes: how many, merged with others (none), sectors, ms. Then: in flight, ms in which
 * there was any (the sum, as only one is at a time), the same weighted; discards; flushes. */
void proc_diskstats(struct text *text, struct task *task) {
    (void)task;
    for (const struct block_device *device = block_devices; device; device = device->next) {
        const struct block_counters *of = &device->counters;
        uint64_t read_ms = of->read_ns / NS_PER_MS, write_ms = of->write_ns / NS_PER_MS;
        text_print(text, "%4u %7u %s %u 0 %llu %llu", device_major(device->number),
                   device_minor(device->number), device->name, of->reads, of->sectors_read,
                   read_ms);
        text_print(text, " %u 0 %llu %llu 0 %llu %llu 0 0 0 0 %u 0\n", of->writes,
                   of->sectors_written, write_ms, read_ms + write_ms, read_ms + write_ms,
                   of->flushes);
    }
}
