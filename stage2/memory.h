/*
 * memory.h: how much memory is there, and which of it is ours?
 */
#ifndef STAGE2_MEMORY_H
#define STAGE2_MEMORY_H

#include <ascent/errors.h>

/*
 * Fills the raw and the sanitised memory map of boot_info from E820, else E801, else 88h.
 * Returns BOOT_OK, E_NO_MEMORY_MAP, or E_NO_CONVENTIONAL when the loader itself has no room.
 */
enum boot_error memory_detect(void);

#endif
