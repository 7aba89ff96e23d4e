/*
 * unpack.h: a kernel in LZ4's frame format: what it says of itself, and memory to unpack it in.
 *
 * It takes the end of the highest usable memory below 3 GB: for the file as it is, and for what it
 * becomes. Where the BIOS claims memory that is not there, it looks further down. All from there
 * to the end of the range is cut off from memory_map as long as the kernel is loaded from there,
 * so that nothing is put upon it; then it is given back. 32-bit code, called through pm_call().
 */
#ifndef STAGE2_UNPACK_H
#define STAGE2_UNPACK_H

#include <stdint.h>

#include "lz4.h"

struct unpack_request {
    uint32_t file_bytes;
    struct lz4_frame frame;    /* what its head says; is_lz4 false: there is nothing to unpack */
    uint32_t packed, unpacked; /* physical: where the file goes, and what it becomes */
    uint32_t error;            /* the answer: enum boot_error */
};

/* Reads the head at HANDOFF_ADDR and takes the memory. The error is one of lz4_header(), or E_LZ4_ROOM. */
void pm_unpack_plan(void *argument); /* struct unpack_request */

/* Unpacks. The error is one of lz4_unpack(). */
void pm_unpack(void *argument); /* struct unpack_request */

/* Gives the memory back that the last plan took, if it did. */
void pm_unpack_done(void *unused);

#endif
