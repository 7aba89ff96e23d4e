/*
 * lz4.h: a file in LZ4's frame format (LZ4 Frame Format 1.6, LZ4 Block Format), as
 * `lz4 --content-size` makes it. No hardware: the host tests and a fuzzer run this code as it is.
 *
 *   magic  FLG  BD  content size  HC | size  block  [sum] | ... | 0  [sum of the content]
 *     4     1    1       8        1     4             4           4   4 bytes
 *
 *   FLG: 7-6 version, 01      5 blocks are independent      4 each block has a sum
 *        3 content size       2 the content has a sum       1 reserved    0 dictionary
 *   BD:  6-4 how long a block is at most: 4 is 64 KB, 5 256 KB, 6 1 MB, 7 4 MB    others reserved
 */
#ifndef STAGE2_LZ4_H
#define STAGE2_LZ4_H

#include <ascent/errors.h>
#include <stdbool.h>
#include <stdint.h>

#define LZ4_HEADER_BYTES 15 /* with a content size and no dictionary, as we want it */

struct lz4_frame {
    bool is_lz4; /* false: it is another kind of file */
    bool independent, block_sums, content_sum;
    uint32_t block_max;     /* bytes of content in a block */
    uint32_t content_bytes; /* of what was compressed */
};

/*
 * What the first `bytes` of a file say, LZ4_HEADER_BYTES of them or, where it is shorter, all.
 * Returns BOOT_OK, E_LZ4_LEGACY, E_LZ4_SKIPPABLE, E_LZ4_VERSION, E_LZ4_DICTIONARY, E_LZ4_NO_SIZE,
 * E_LZ4_HEADER, or E_LZ4_ROOM for 4 GB or more.
 */
enum boot_error lz4_header(const uint8_t *data, uint32_t bytes, struct lz4_frame *frame);

/*
 * Unpacks the file of `bytes` at `from`, whose header has been read, to `to`, which has room for
 * frame->content_bytes; no byte behind that is touched. Returns BOOT_OK, E_LZ4_DATA with the place
 * in the file if what is there cannot be, or E_LZ4_CHECKSUM.
 */
enum boot_error lz4_unpack(const uint8_t *from, uint32_t bytes, const struct lz4_frame *frame,
                           uint8_t *to);

#endif
