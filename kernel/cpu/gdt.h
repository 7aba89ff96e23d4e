/*
 * gdt.h: the kernel's global descriptor table.
 *
 * A segment descriptor (SDM 3A §3.4.5), bit 63 on the left:
 *
 *   63      56 55 54 53 52 51   48 47 46 45 44 43   40 39      32 31         16 15          0
 *  +----------+--+--+--+--+-------+--+-----+--+-------+----------+-------------+-------------+
 *  | base     |G |DB|L |AV| limit |P | DPL |S | type  | base     | base        | limit       |
 *  | 31..24   |  |  |  |L | 19..16|  |     |  |       | 23..16   | 15..0       | 15..0       |
 *  +----------+--+--+--+--+-------+--+-----+--+-------+----------+-------------+-------------+
 */
#ifndef CPU_GDT_H
#define CPU_GDT_H

#include <stdint.h>

/* Selectors: index << 3 | RPL. */
#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define USER_CS 0x1B
#define USER_DS 0x23
#define TSS_SELECTOR 0x28
#define TLS_FIRST 6u /* the descriptors that belong to the thread that runs, where Linux has them */
#define TLS_ENTRIES 3
#define DOUBLE_FAULT_TSS_SELECTOR 0x48
#define GDT_ENTRIES 10

/* Changes those of the thread. What is in segment registers stays as it was. */
void gdt_set_tls(const uint64_t descriptors[TLS_ENTRIES]);

/* Loads the GDT, all segment registers and the task register. */
void gdt_init(void);

/* Loads the task register, and an empty LDTR, once more: for who gets the processor back from code
 * that may have had its own. */
void gdt_reload_task(void);

#endif
