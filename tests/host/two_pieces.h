/*
 * two_pieces.h: a machine whose memory above 1 MB has a hole in it.
 */
#ifndef TWO_PIECES_H
#define TWO_PIECES_H

#include "loader_machine.h"

#define RAM_END 0x130000
#define HOLE 0x110000
#define HOLE_END 0x118000

static inline void machine_two_pieces(uint32_t low_end) {
    machine_range(0x1000, low_end - 0x1000);
    machine_range(HIGH_MEMORY_START, HOLE - HIGH_MEMORY_START);
    machine_range(HOLE_END, RAM_END - HOLE_END);
}

#endif
