/*
 * lines.c: source lines for addresses.
 */
#include <cpu/lines.h>
#include <mm/image.h>

const char *line_find(uint32_t address, uint32_t *line) {
    uint32_t low = 0, high = kernel_line_count; /* the answer is in [low, high) */

    if (address < (uint32_t)__text_start || address >= (uint32_t)__text_end) return 0;
    if (high == 0 || address < kernel_lines[0].address) return 0;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (kernel_lines[middle].address <= address)
            low = middle;
        else
            high = middle;
    }
    *line = kernel_lines[low].line;
    return kernel_line_files[kernel_lines[low].file];
}
