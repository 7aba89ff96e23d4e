/*
 * lesson.c: the command lesson.
 */
#include <lib/printk.h>
#include <lib/string.h>
#include <monitor/args.h>
#include <monitor/commands.h>
#include <monitor/lesson.h>

const struct lesson lessons[] = {
    {"alias", "", "one frame under two addresses", lesson_alias},
    {"stale", "", "an entry changes, and the processor does not notice", lesson_stale},
    {"large", "", "one frame in a large page and in a small one", lesson_large},
    {"fragments", "", "half of memory is free, and no two frames are neighbours", lesson_fragments},
    {"pressure", "", "who gets what when memory is short", lesson_pressure},
    {"highmem", "[MB]", "a frame without an address, at this megabyte or above", lesson_highmem},
    {"kmalloc", "[bytes]", "contiguous memory, and the most there can be", lesson_kmalloc},
    {"realmode", "[times]", "back to real mode for a call of the BIOS, and all the way here again", lesson_realmode},
};

const unsigned lesson_count = sizeof lessons / sizeof lessons[0];

bool command_lesson(int argc, char **argv) {
    uint32_t argument = 0;

    if (argc > 2 && !args_hex(argv[2], 0, &argument)) return false;
    for (unsigned i = 0; i < lesson_count && argc > 1; i++) {
        if (strcmp(argv[1], lessons[i].name) != 0) continue;
        lessons[i].give(argument);
        return true;
    }
    for (unsigned i = 0; i < lesson_count; i++)
        printk("  %-9s %-7s  %s\n", lessons[i].name, lessons[i].argument, lessons[i].what);
    return true;
}
