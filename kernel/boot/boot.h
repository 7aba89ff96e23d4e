/*
 * boot.h: what the loader told us, copied to where it stays.
 */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <ascent/boot_info.h>
#include <ascent/steps.h>
#include <stdbool.h>
#include <stddef.h>

/* Copies. The ..._phys fields of the maps, steps and command line point to the loader's memory,
 * which is given away later: use the copies below. */
extern struct boot_info boot_info;
extern struct memory_range boot_map[MEMORY_MAP_MAX];
extern uint32_t boot_map_count;
extern struct memory_range boot_raw_map[MEMORY_MAP_MAX];
extern uint32_t boot_raw_map_count;
extern char boot_cmdline[CMDLINE_MAX];

/* Every step since power-on: the loader's, then ours. */
extern struct boot_step boot_steps[BOOT_STEPS_MAX];
extern uint32_t boot_steps_count;

/*
 * Copies all of that. `info` is mapped by the loader. Returns a sentence that says what is wrong
 * with the hand-over, or 0.
 */
const char *boot_info_take(uint32_t magic, const struct boot_info *info);

/*
 * The value of `key` in the command line ("key=value", words separated by blanks), cut to `size`
 * bytes with the NUL; empty for a word that is the key alone. False, and an empty value, if there is
 * no such key.
 */
bool cmdline_option(const char *key, char *value, size_t size);

/* Records the state of the processor as step `id`, and writes its @STEP line to COM1. */
void step_record(enum step_id id);

#endif
