/*
 * lines.h: source lines for addresses, from a table that the build makes out of the debugger's
 * (scripts/make-lines) and links behind the kernel's other read-only data.
 */
#ifndef CPU_LINES_H
#define CPU_LINES_H

#include <stdint.h>

/* From `address` on, up to the next entry: this line of this file. Sorted by address. */
struct line_entry {
    uint32_t address;
    uint16_t file; /* index in kernel_line_files */
    uint16_t line;
};

extern const struct line_entry kernel_lines[];
extern const uint32_t kernel_line_count;
extern const char *const kernel_line_files[];

/* The name of the source file of the instruction at `address`, and its line; 0 if it has none. */
const char *line_find(uint32_t address, uint32_t *line);

#endif
