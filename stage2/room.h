/*
 * room.h: usable memory behind the kernel, for what the loader adds to it.
 */
#ifndef STAGE2_ROOM_H
#define STAGE2_ROOM_H

#include <stdint.h>

/* From here on, all memory up to physical `end` is taken. */
void room_start(uint32_t end);

/*
 * Takes `bytes` of usable memory that end at or below `limit`. Returns the page-aligned physical
 * address, or 0 if there is no room.
 */
uint32_t room_take(uint32_t bytes, uint64_t limit);

/* The first address behind all that was taken. */
uint32_t room_end(void);

#endif
