/*
 * linux.c: is this a kernel of Linux's format that we can load, and where does it go? 32-bit code,
 * without hardware. Contracts in linux.h.
 */
#include "linux.h"

#include "boot.h"
#include "error.h"
#include "kernel_kind.h"
#include "map.h"

#define VERSION_CMD_LINE_PTR 0x202
#define VERSION_INITRD_MAX 0x203
#define VERSION_SYSSIZE 0x204
#define VERSION_RELOCATABLE 0x205
#define VERSION_CMDLINE_SIZE 0x206
#define VERSION_INIT_SIZE 0x20A
#define VERSION_XLOADFLAGS 0x20C

#define PARAGRAPH 16              /* bytes, the unit of syssize */
#define SETUP_SECTORS_DEFAULT 4
#define SETUP_MAX 0x8000          /* bytes; stack and heap of the real-mode part lie behind */
#define INITRD_MAX_OLD 0x37FFFFFF /* boot.rst, for versions that do not say */
#define CMDLINE_MAX_OLD 255

static const struct linux_header *linux_header(const uint8_t *head) {
    return (const void *)(head + LINUX_HEADER_OFFSET);
}

bool linux_has_header(const uint8_t *head, uint32_t bytes) {
    uint32_t magic_end = LINUX_HEADER_OFFSET + offsetof(struct linux_header, version);

    return bytes >= magic_end && linux_header(head)->magic == LINUX_MAGIC;
}

/* What the file says of itself, before anything is known of memory. */
static enum boot_error check_header(const struct linux_header *header, uint32_t bytes) {
    if (bytes < LINUX_HEADER_OFFSET + sizeof(*header)) return error_at(E_LINUX_SHORT, "bytes", bytes);
    if (header->boot_flag != LINUX_BOOT_FLAG)
        return error_at(E_LINUX_BOOT_FLAG, "flag", header->boot_flag);
    if (header->version < VERSION_CMD_LINE_PTR)
        return error_at(E_LINUX_VERSION, "version", header->version);
    if (!(header->loadflags & LINUX_LOADED_HIGH)) return E_LINUX_LOW;
    if (header->version >= VERSION_XLOADFLAGS && (header->xloadflags & LINUX_IS_64_BIT) &&
        !(boot_info.cpu_flags & BOOT_CPU_LONG))
        return E_LINUX_64_BIT;
    return BOOT_OK;
}

/*
 * The real-mode part, and what lies behind it; the last paragraph may be cut short. Before 2.04 syssize
 * had 16 bits, too few for many a kernel (boot.rst, "syssize"): then it is all of the file.
 */
static enum boot_error find_parts(const struct linux_header *header, struct head_request *request) {
    uint32_t sectors = header->setup_sects ? header->setup_sects : SETUP_SECTORS_DEFAULT;

    request->setup_bytes = (sectors + 1) * SECTOR_SIZE;
    if (request->setup_bytes >= request->file_bytes)
        return error_at(E_LINUX_TRUNCATED, "bytes", request->file_bytes);
    uint32_t left = request->file_bytes - request->setup_bytes;
    uint32_t paragraphs = (left - 1) / PARAGRAPH + 1;
    uint32_t wanted = header->version >= VERSION_SYSSIZE ? header->syssize : paragraphs;
    if (!wanted || wanted > paragraphs) return error_at(E_LINUX_TRUNCATED, "paragraphs", wanted);
    request->image_offset = request->setup_bytes;
    request->image_bytes = wanted == paragraphs ? left : wanted * PARAGRAPH;
    return BOOT_OK;
}

static bool free_at(uint32_t phys, uint32_t bytes) {
    return phys >= HIGH_MEMORY_START && map_usable(memory_map, boot_info.map_count, phys, bytes);
}

/* The lowest address from `from` on, above 1 MB, that the alignment allows. 0: no room. */
static uint32_t find_aligned(uint64_t from, uint32_t alignment, uint32_t bytes) {
    for (uint32_t i = 0; i < boot_info.map_count; i++) {
        uint64_t start = memory_map[i].base > from ? memory_map[i].base : from;
        if (start < HIGH_MEMORY_START) start = HIGH_MEMORY_START;
        start = (start + alignment - 1) & ~(uint64_t)(alignment - 1);
        if (start + bytes <= UINT32_MAX && free_at((uint32_t)start, bytes)) return (uint32_t)start;
    }
    return 0;
}

static enum boot_error take(uint64_t phys, uint64_t end) {
    boot_info.kernel_phys = (uint32_t)phys;
    boot_info.kernel_phys_end = (uint32_t)end;
    boot_info.kernel_entry = (uint32_t)phys; /* boot.rst, "32-bit Boot Protocol" */
    return BOOT_OK;
}

/*
 * Where the kernel is loaded. It needs more memory than its file has bytes, as it decompresses itself in
 * place: from where it would like to be on. One that is not relocatable is loaded at 1 MB and moves
 * itself there; and so does one that may be elsewhere, but is loaded below (boot.rst, "pref_address").
 */
static enum boot_error place(const struct linux_header *header, uint32_t image_bytes) {
    bool sized = header->version >= VERSION_INIT_SIZE;
    uint32_t bytes = sized && header->init_size > image_bytes ? header->init_size : image_bytes;
    uint64_t wish = sized && header->pref_address ? header->pref_address : HIGH_MEMORY_START;
    uint64_t image_end = HIGH_MEMORY_START + (uint64_t)image_bytes;
    uint32_t alignment = header->kernel_alignment;

    if (header->version < VERSION_RELOCATABLE || !header->relocatable_kernel) {
        if (wish > UINT32_MAX || !free_at((uint32_t)wish, bytes) ||
            !free_at(HIGH_MEMORY_START, image_bytes))
            return error_at(E_NO_ROOM_KERNEL, "bytes", bytes);
        return take(HIGH_MEMORY_START, wish + bytes > image_end ? wish + bytes : image_end);
    }
    if (alignment < PARAGRAPH || alignment & (alignment - 1))
        return error_at(E_LINUX_ALIGNMENT, "alignment", alignment);
    uint32_t phys = find_aligned(wish, alignment, bytes);
    if (!phys) return error_at(E_NO_ROOM_KERNEL, "bytes", bytes);
    return take(phys, phys + (uint64_t)bytes);
}

/*
 * Does the header name 32-bit code to jump to, where it starts and how long it is (boot.rst)? iPXE leaves
 * code32_start 0; memdisk of SYSLINUX 6 and lnxboot.img of GRUB 2 have their data there, and leave
 * syssize 0: in all of them the real-mode part is a loader of its own. From 2.04 on a syssize of 0 is an
 * error (find_parts).
 */
static bool has_32_bit_code(const struct linux_header *header) {
    bool wide = header->version >= VERSION_SYSSIZE; /* before, two bytes, and others behind them */

    return header->code32_start && (wide ? header->syssize : (uint16_t)header->syssize);
}

static enum boot_error choose_entry(const struct linux_header *header, uint32_t setup_bytes) {
    if (has_32_bit_code(header)) return BOOT_OK;
    kernel_kind = KERNEL_LINUX_REAL;
    if (setup_bytes > SETUP_MAX) return error_at(E_LINUX_SETUP, "bytes", setup_bytes);
    if (!map_usable(memory_map, boot_info.map_count, LINUX_REAL_ADDR, LINUX_REAL_SIZE))
        return E_LINUX_NO_LOW_ROOM;
    return BOOT_OK;
}

static uint32_t cmdline_max(const struct linux_header *header) {
    return header->version >= VERSION_CMDLINE_SIZE ? header->cmdline_size : CMDLINE_MAX_OLD;
}

static uint32_t length(const char *text) {
    uint32_t bytes = 0;

    while (text[bytes]) bytes++;
    return bytes;
}

void pm_linux_plan(void *argument) {
    struct head_request *request = argument;
    const struct linux_header *header = linux_header((const uint8_t *)HANDOFF_ADDR);

    request->error = check_header(header, request->head_bytes);
    if (!request->error) request->error = find_parts(header, request);
    if (!request->error) request->error = choose_entry(header, request->setup_bytes);
    if (!request->error) request->error = place(header, request->image_bytes);
    if (!request->error && length(boot_cmdline) > cmdline_max(header))
        request->error = error_at(E_LINUX_CMDLINE, "characters", cmdline_max(header));
}

/* The highest room in `range` below `end` that is clear of the kernel; 0 if there is none. */
static uint64_t highest_in(const struct memory_range *range, uint64_t end, uint32_t bytes) {
    uint64_t top = range_end(range) < end ? range_end(range) : end;

    for (int looks = 0; looks < 2; looks++) {
        if (top < bytes) return 0;
        uint64_t start = (top - bytes) & ~(uint64_t)(PAGE_SIZE - 1);
        if (start < range->base || start < HIGH_MEMORY_START) return 0;
        if (start >= boot_info.kernel_phys_end || start + bytes <= boot_info.kernel_phys) return start;
        top = boot_info.kernel_phys; /* below it, then */
    }
    return 0;
}

void pm_linux_initrd_room(void *argument) {
    struct room_request *request = argument;
    const struct linux_header *header = linux_header((const uint8_t *)HANDOFF_ADDR);
    uint64_t end = 1 + (uint64_t)(header->version >= VERSION_INITRD_MAX ? header->initrd_addr_max
                                                                      : INITRD_MAX_OLD);

    if (linux_memory_end() < end) end = linux_memory_end();
    request->phys = 0;
    for (uint32_t i = 0; i < boot_info.map_count; i++) {
        if (memory_map[i].type != MEMORY_USABLE) continue;
        uint32_t phys = (uint32_t)highest_in(&memory_map[i], end, request->bytes);
        if (phys > request->phys) request->phys = phys;
    }
}
