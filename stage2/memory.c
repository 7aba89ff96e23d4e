/*
 * memory.c: the questions about memory that the BIOS answers. Real mode.
 *
 * INT 15h E820 (ACPI 6.4 §15.1) first; older machines have only E801 or 88h, which give sizes.
 * Every rule here is for a BIOS that was seen to need it.
 */
#include "memory.h"

#include <ascent/layout.h>
#include <stdbool.h>

#include "bios.h"
#include "boot.h"
#include "console.h"
#include "error.h"
#include "map.h"
#include "pm.h"

#define SMAP 0x534D4150 /* "SMAP": signature of E820 */
#define E820_SIZE 20
#define E820_CALLS_MAX 1024 /* a BIOS that never ends the list must not hang us */
#define NOTHING_DONE 0x88FF /* no machine has 35,071 KB */
#define E801_BELOW_16M_MAX (15 * 1024)

#define BDA_EBDA_SEGMENT 0x40E
#define KB 1024u

static struct map_request map;

static void add_raw(uint64_t base, uint64_t length, uint32_t type) {
    map.range = (struct memory_range){base, length, type, 1};
    pm_call(pm_map_add, &map);
}

/*
 * False if there is no E820, or if it lost its signature: then none of its answers count.
 * One buffer for all calls: a BIOS may write only what differs from its last answer. The extended
 * attributes of ACPI 3 are not asked for: there are BIOSes that say "disabled" for every range.
 * Both are known to Linux (arch/x86/boot/memory.c).
 */
/* lab 3: begin */
static bool from_e820(void) {
    static struct memory_range answer;
    uint32_t continuation = 0;

    for (int call = 0; call < E820_CALLS_MAX; call++) {
        struct bios_regs regs = {
            .eax = 0xE820, /* with the upper half 0; all set anew, the BIOS may change them */
            .edx = SMAP,
            .ecx = E820_SIZE,
            .ebx = continuation,
            .edi = (uint32_t)&answer,
        };
        bios_int(0x15, &regs);
        if (regs.eflags & EFLAGS_CF) return call > 0; /* on a later call: the end of the list */
        if (regs.eax != SMAP) {
            boot_info.raw_map_count = 0;
            map.loss = (struct map_loss){0, 0};
            return false;
        }
        add_raw(answer.base, answer.length, answer.type);
        continuation = regs.ebx;
        if (!continuation) return true;
    }
    return true;
}
/* lab 3: end */

/* Memory in KB from 1 MB to 16 MB, and in 64 KB blocks above; in AX and BX or in CX and DX. */
static bool from_e801(uint32_t low_end) {
    struct bios_regs regs = {.eax = 0xE801};

    bios_int(0x15, &regs);
    if (regs.eflags & EFLAGS_CF) return false;
    if (regs.cx || regs.dx) {
        regs.ax = regs.cx;
        regs.bx = regs.dx;
    }
    if (!regs.ax || regs.ax > E801_BELOW_16M_MAX) return false;
    add_raw(0, low_end, MEMORY_USABLE);
    add_raw(HIGH_MEMORY_START, regs.ax * KB, MEMORY_USABLE);
    if (regs.bx) add_raw(16 * KB * KB, (uint64_t)regs.bx * 64 * KB, MEMORY_USABLE);
    return true;
}

/* Memory in KB from 1 MB on, at most 64 MB. A BIOS may return without having done anything. */
static bool from_88(uint32_t low_end) {
    struct bios_regs regs = {.ax = NOTHING_DONE};

    bios_int(0x15, &regs);
    if ((regs.eflags & EFLAGS_CF) || !regs.ax || regs.ax == NOTHING_DONE) return false;
    add_raw(0, low_end, MEMORY_USABLE);
    add_raw(HIGH_MEMORY_START, regs.ax * KB, MEMORY_USABLE);
    return true;
}

/*
 * Where conventional memory ends, in bytes: INT 12h or the EBDA segment at 0040:000E, the lower
 * one, but only as far as it makes sense: some BIOSes leave garbage at 40:0E.
 */
static uint32_t conventional_end(void) {
    struct bios_regs regs = {.ax = 0};

    bios_int(0x12, &regs);
    uint32_t end = regs.ax * KB;
    uint32_t ebda = *(volatile uint16_t *)BDA_EBDA_SEGMENT * 16u;
    if (!end || end > LOW_MEMORY_END) end = LOW_MEMORY_END;
    if (ebda >= LOADER_END && ebda < end) end = ebda;
    return end;
}

static void print_summary(void) {
    static const char *const sources[] = {"", "E820", "E801", "88h"};
    uint64_t usable = 0;

    for (uint32_t i = 0; i < boot_info.map_count; i++)
        if (memory_map[i].type == MEMORY_USABLE) usable += memory_map[i].length;
    print("memory: %u KB usable, from INT 15h %s, %u ranges", (uint32_t)(usable >> 10),
          sources[boot_info.map_source], boot_info.raw_map_count);
    if (map.loss.ranges)
        print(", %u more did not fit: %u KB left out", map.loss.ranges,
              (uint32_t)(map.loss.usable >> 10));
    print("\n");
}

enum boot_error memory_detect(void) {
    uint32_t low_end = conventional_end();

    if (from_e820())
        boot_info.map_source = MAP_FROM_E820;
    else if (from_e801(low_end))
        boot_info.map_source = MAP_FROM_E801;
    else if (from_88(low_end))
        boot_info.map_source = MAP_FROM_88;
    else
        return E_NO_MEMORY_MAP;

    if (boot_info.map_source != MAP_FROM_E820) workaround(WORKAROUND_E820_MISSING);
    map.low_end = low_end;
    pm_call(pm_map_sanitise, &map);
    if (map.loss.ranges) {
        boot_info.flags |= BOOT_MAP_TRUNCATED;
        workaround(WORKAROUND_MAP_REDUCED);
    }
    print_summary();
    if (!map_usable(memory_map, boot_info.map_count, BOOT_INFO_ADDR, LOADER_END - BOOT_INFO_ADDR))
        return error_at(E_NO_CONVENTIONAL, "end", low_end);
    return BOOT_OK;
}
