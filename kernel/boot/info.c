/*
 * info.c: what the loader told us, copied to where it stays. Runs on the loader's page tables.
 */
#include <ascent/layout.h>
#include <boot/boot.h>
#include <lib/string.h>

struct boot_info boot_info;
struct memory_range boot_map[MEMORY_MAP_MAX];
uint32_t boot_map_count;
struct memory_range boot_raw_map[MEMORY_MAP_MAX];
uint32_t boot_raw_map_count;
char boot_cmdline[CMDLINE_MAX];
struct boot_step boot_steps[BOOT_STEPS_MAX];
uint32_t boot_steps_count;

static const void *mapped(uint32_t phys) {
    return (const void *)(PAGE_OFFSET + phys);
}

/* Copies an array of at most `max` elements; returns how many. */
static uint32_t take_array(void *to, uint32_t phys, uint32_t count, uint32_t max, uint32_t bytes) {
    if (count > max) count = max;
    memcpy(to, mapped(phys), count * bytes);
    return count;
}

const char *boot_info_take(uint32_t magic, const struct boot_info *info) {
    if (magic != BOOT_MAGIC) return "not started by the Ascent loader (EAX is not BOOT_MAGIC)";
    if (info->magic != BOOT_MAGIC) return "boot_info has no magic number";
    if (info->size < sizeof(boot_info)) return "the loader is older than this kernel";

    boot_info = *info;
    boot_map_count = take_array(boot_map, info->map_phys, info->map_count, MEMORY_MAP_MAX,
                                sizeof(boot_map[0]));
    boot_raw_map_count = take_array(boot_raw_map, info->raw_map_phys, info->raw_map_count,
                                    MEMORY_MAP_MAX, sizeof(boot_raw_map[0]));
    boot_steps_count = take_array(boot_steps, info->steps_phys, info->steps_count, BOOT_STEPS_MAX,
                                  sizeof(boot_steps[0]));
    strlcpy(boot_cmdline, mapped(info->cmdline_phys), sizeof(boot_cmdline));
    return 0;
}

bool cmdline_option(const char *key, char *value, size_t size) {
    size_t length = strlen(key);

    if (size) value[0] = 0;
    for (const char *word = boot_cmdline; *word;) {
        const char *end = word;
        while (*end && *end != ' ') end++;
        if (strncmp(word, key, length) == 0 && word + length == end) return true;
        if (strncmp(word, key, length) == 0 && word[length] == '=') {
            size_t bytes = (size_t)(end - (word + length + 1)) + 1;
            strlcpy(value, word + length + 1, bytes < size ? bytes : size);
            return true;
        }
        while (*end == ' ') end++;
        word = end;
    }
    return false;
}
