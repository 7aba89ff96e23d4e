/*
 * swap_header.h: the first page of a swap partition.
 *
 * The layout is that of Linux's mkswap(8), "version 1", so Linux can use the same partition. What it
 * lacks is a checksum: ours is in bytes that Linux leaves unused. The kernel writes nothing to a
 * partition before it has checked all of this (docs/26-swap.md).
 *
 * Page n of the partition is slot n. Slot 0 is this header.
 */
#ifndef ASCENT_SWAP_HEADER_H
#define ASCENT_SWAP_HEADER_H

#include <stdint.h>

#define SWAP_PARTITION_TYPE 0x82 /* in the partition table: Linux's number for swap */
#define SWAP_MAGIC "SWAPSPACE2"  /* in the last bytes of the page, with no 0 behind it */
#define SWAP_MAGIC_BYTES 10
#define SWAP_VERSION 1
#define SWAP_MARK 0x54435341 /* "ASCT": the two words behind it hold what they say */
#define SWAP_PAGE_BYTES 4096
#define SWAP_PAGES_MIN 10 /* fewer are no use: mkswap(8) makes no smaller area either */

/* All numbers are little-endian. */
struct swap_header {
    uint8_t boot[1024];  /* room for a boot sector or another's label: nobody's business here */
    uint32_t version;    /* SWAP_VERSION */
    uint32_t last_page;  /* the last slot: pages of the area less one */
    uint32_t bad_pages;  /* slots named as bad: none, 0 */
    uint8_t uuid[16];    /* for Linux's tools */
    char label[16];      /* the same */
    uint32_t mark;       /* SWAP_MARK */
    uint32_t page_bytes; /* SWAP_PAGE_BYTES */
    uint32_t crc;        /* CRC-32 (that of zip and gzip) of the whole page, with this word 0 */
    uint8_t unused[3006];
    char magic[SWAP_MAGIC_BYTES]; /* SWAP_MAGIC */
};

_Static_assert(sizeof(struct swap_header) == SWAP_PAGE_BYTES, "the header is one page");

#endif
