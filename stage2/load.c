/*
 * load.c: the kernel and the initrd, from the disk to where they belong. Real mode.
 *
 * The disk gives runs of sectors, the BIOS up to 127 of them a call into the bounce buffer below
 * 1 MB; from there 32-bit code (pm/deliver.c) takes each byte to its place. All of the file that is
 * needed passes by once, front to back. What was judged before (headers, notes) is compared when it
 * passes, so that the checksum covers what was judged and what lies in memory alike. A file that
 * fails either is read again. A kernel in LZ4's frame format goes to memory as it is, and is
 * unpacked there; then the kernel comes from memory in place of the disk, by the same way.
 */
#include "load.h"

#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "config.h"
#include "console.h"
#include "disk.h"
#include "elf.h"
#include "error.h"
#include "fat.h"
#include "kernel_kind.h"
#include "linux.h"
#include "multiboot.h"
#include "pm.h"
#include "room.h"
#include "unpack.h"

#define NOTES_MAX 512 /* bytes of the PT_NOTE segments, taken together, that we look at */
#define RUN_SECTORS (16 * BOUNCE_SECTORS) /* whole transfers, where clusters have 16 sectors or less */
#define MAX_READINGS 3
/* The head; the segments; ELF header, program headers, two section headers; symbols and strings. */
#define MAX_EXTENTS (1 + ELF_MAX_SEGMENTS + 4 + 2)

struct loaded_file loaded_modules[CONFIG_MODULES_MAX];

static struct extent extents[MAX_EXTENTS];
static uint32_t extent_count;
static uint32_t unpacked; /* where the file lies in memory; 0: on the disk */

static void add_extent(uint32_t action, uint32_t offset, uint32_t bytes, uint32_t phys) {
    extents[extent_count++] = (struct extent){offset, bytes, phys, action};
}

/* fat_read(), or the same from memory. */
static enum boot_error read_part(struct fat_file *file, uint32_t offset, void *buffer,
                                 uint32_t bytes) {
    struct copy_request request = {(uint32_t)buffer, unpacked + offset, bytes};

    if (!unpacked) return fat_read(file, offset, buffer, bytes);
    pm_call(pm_copy, &request);
    return BOOT_OK;
}

/* For what will be judged: `buffer` stays as it is until all of the file has passed by. */
static enum boot_error read_judged(struct fat_file *file, uint32_t offset, void *buffer,
                                   uint32_t bytes) {
    add_extent(EXTENT_COMPARE, offset, bytes, (uint32_t)buffer);
    return read_part(file, offset, buffer, bytes);
}

/* How many sectors of the file, from `first` on, hold a byte that an extent wants. */
static uint32_t wanted_sectors(uint32_t first) {
    uint32_t end = first;
    bool longer;

    do {
        longer = false;
        for (uint32_t i = 0; i < extent_count; i++) {
            const struct extent *extent = &extents[i];
            if (!extent->bytes || extent->offset / SECTOR_SIZE > end) continue;
            uint32_t extent_end = (extent->offset + extent->bytes - 1) / SECTOR_SIZE + 1;
            if (extent_end > end) {
                end = extent_end;
                longer = true;
            }
        }
    } while (longer);
    return end - first;
}

/*
 * How many of `sectors` from `delivery->offset` on are read with one call: all of them where there
 * is a checksum, else no more than are wanted. Others may as well be bad.
 */
static uint32_t sectors_to_read(const struct delivery *delivery, uint32_t sectors) {
    uint32_t wanted = delivery->want_crc ? sectors : wanted_sectors(delivery->offset / SECTOR_SIZE);

    if (sectors > BOUNCE_SECTORS) sectors = BOUNCE_SECTORS;
    return sectors < wanted ? sectors : wanted;
}

/* Reads the run of the file that was found last, up to byte `end`, and delivers it. */
static enum boot_error load_run(const struct fat_file *file, uint32_t end,
                                struct delivery *delivery) {
    struct fat_run run = file->run;

    delivery->offset = file->run_position;
    while (run.sectors && delivery->offset < end) {
        uint32_t left = file->bytes - delivery->offset;
        uint32_t in_file = (left - 1) / SECTOR_SIZE + 1; /* the cluster may be longer */
        if (run.sectors > in_file) run.sectors = in_file;
        uint32_t sectors = sectors_to_read(delivery, run.sectors);
        if (sectors) {
            enum boot_error error = disk_read_bounce(run.lba, sectors);
            if (error) return error;
            delivery->bytes = sectors * SECTOR_SIZE < left ? sectors * SECTOR_SIZE : left;
            pm_call(pm_deliver, delivery);
        } else {
            sectors = 1; /* nobody wants this one */
        }
        run.lba += sectors;
        run.sectors -= sectors;
        if (left <= sectors * SECTOR_SIZE) break;
        delivery->offset += sectors * SECTOR_SIZE;
    }
    return BOOT_OK;
}

/* A file that is in memory passes by at once. Its checksum is that of what was on the disk. */
static enum boot_error load_unpacked(uint32_t end) {
    struct delivery delivery = {
        .source = unpacked,
        .bytes = end,
        .extents = extents,
        .extent_count = extent_count,
    };

    pm_call(pm_deliver, &delivery);
    return delivery.differs ? E_DISK_UNSTABLE : BOOT_OK;
}

/*
 * Lets the file pass by up to byte `end`. With `want_crc`, its CRC-32 goes to `*crc`.
 * Returns BOOT_OK, an error of fat.h or disk.h, or E_DISK_UNSTABLE if what passes is not what was
 * judged.
 */
static enum boot_error load_extents(struct fat_file *file, uint32_t end, bool want_crc,
                                    uint32_t *crc) {
    struct delivery delivery = {
        .source = BOUNCE_ADDR,
        .extents = extents,
        .extent_count = extent_count,
        .want_crc = want_crc,
    };

    if (unpacked) return load_unpacked(end);
    fat_rewind(file);
    do { /* at the end of the file, as far as its chain ends there too */
        enum boot_error error = fat_next_run(&fat_volume, file, RUN_SECTORS);
        if (!error) error = load_run(file, end, &delivery);
        if (error) return error;
    } while (file->run.sectors && (end == file->bytes || file->position < end));
    *crc = delivery.crc;
    return delivery.differs ? E_DISK_UNSTABLE : BOOT_OK;
}

static void zero(uint32_t phys, uint32_t bytes) {
    struct zero_request request = {phys, bytes};

    pm_call(pm_zero, &request);
}

/* The readings of one file so far. */
struct readings {
    uint32_t count;
    uint32_t crc; /* of the last one */
};

/*
 * Is the file to be read again after `error`, from its directory entry on? The transfers get
 * smaller, as some BIOSes report success for long reads that failed. Two readings with different
 * transfers that give the same checksum are believed: the file is not the one that was meant.
 */
static bool read_again(struct readings *readings, enum boot_error error, uint32_t crc) {
    bool checksum = error == E_KERNEL_CRC || error == E_INITRD_CRC || error == E_LZ4_DATA ||
                    error == E_LZ4_CHECKSUM;

    if (!checksum && error != E_DISK_UNSTABLE) return false;
    if (++readings->count == MAX_READINGS) return false;
    if (checksum && readings->count > 1 && crc == readings->crc) return false;
    readings->crc = crc;
    workaround(WORKAROUND_FILE_REREAD);
    disk_use_smaller_transfers();
    fat_forget();
    error_forget();
    zero(BOUNCE_ADDR, BOUNCE_SIZE); /* a read that does nothing must not pass for the one before */
    print("%s: reading it again\n", checksum ? "wrong checksum" : "the disk gave other bytes");
    return true;
}

/* The first bytes of the file, read twice, as what the file is depends on them: and compared with
 * those that pass by later. */
static enum boot_error read_head(struct fat_file *file, struct head_request *head) {
    uint32_t crc;

    head->file_bytes = file->bytes;
    head->head_bytes = file->bytes < KERNEL_HEAD_MAX ? file->bytes : KERNEL_HEAD_MAX;
    extent_count = 0;
    add_extent(EXTENT_COPY, 0, head->head_bytes, HANDOFF_ADDR);
    enum boot_error error = load_extents(file, head->head_bytes, false, &crc);
    extents[0].action = EXTENT_COMPARE;
    if (!error) error = load_extents(file, head->head_bytes, false, &crc);
    return error;
}

/*
 * If the file is packed, by its head, reads all of it and unpacks it. Then its `bytes` and its head are
 * those of the kernel, and all that reads it from now on reads memory.
 */
static enum boot_error unpack(struct fat_file *file, struct head_request *head, uint32_t *crc) {
    struct unpack_request request = {.file_bytes = file->bytes};

    pm_call(pm_unpack_plan, &request);
    if (request.error || !request.frame.is_lz4) return request.error;
    add_extent(EXTENT_COPY, 0, file->bytes, request.packed);
    enum boot_error error = load_extents(file, file->bytes, true, crc);
    if (!error && config.has_kernel_crc32 && *crc != config.kernel_crc32) error = E_KERNEL_CRC;
    if (error) return error;
    pm_call(pm_unpack, &request);
    if (request.error) return request.error;
    print("kernel: %k KB of LZ4 unpacked\n", file->bytes);
    unpacked = request.unpacked;
    file->bytes = request.frame.content_bytes;
    return read_head(file, head);
}

/* A reading begins, or loading ends: the memory that the last one took for this is given back. */
static void forget_unpacked(void) {
    unpacked = 0;
    pm_call(pm_unpack_done, 0);
}

/* Section header `index`, to be judged. */
static enum boot_error read_section(struct fat_file *file, const struct elf32_ehdr *ehdr,
                                    uint32_t index, struct elf32_shdr *shdr) {
    return read_judged(file, ehdr->e_shoff + index * (uint32_t)sizeof(*shdr), shdr, sizeof(*shdr));
}

/*
 * The number of the first section that is a symbol table; e_shnum if there is none. The headers
 * that it passes over are not kept to be compared: if none will do, the disk is asked once more.
 */
static enum boot_error find_symtab(struct fat_file *file, const struct elf32_ehdr *ehdr,
                                   uint32_t *index) {
    static struct elf32_shdr shdr;

    for (int looks = 0; looks < 2; looks++) {
        for (*index = 0; *index < ehdr->e_shnum; (*index)++) {
            uint32_t offset = ehdr->e_shoff + *index * (uint32_t)sizeof(shdr);
            enum boot_error error = read_part(file, offset, &shdr, sizeof(shdr));
            if (error || shdr.sh_type == SHT_SYMTAB) return error;
        }
        fat_forget();
    }
    return BOOT_OK;
}

/* The symbol table and its strings. `*found` is false if the file has none, or not all of them. */
static enum boot_error find_symbols(struct fat_file *file, const struct elf32_ehdr *ehdr,
                                    struct elf32_shdr *symtab, struct elf32_shdr *strtab,
                                    bool *found) {
    uint32_t index;

    *found = false;
    if (ehdr->e_shentsize != sizeof(*symtab) ||
        !elf_within(ehdr->e_shoff, ehdr->e_shnum * (uint32_t)sizeof(*symtab), file->bytes))
        return BOOT_OK;
    enum boot_error error = find_symtab(file, ehdr, &index);
    if (error || index == ehdr->e_shnum) return error;
    error = read_section(file, ehdr, index, symtab);
    if (error || symtab->sh_link >= ehdr->e_shnum) return error;
    error = read_section(file, ehdr, symtab->sh_link, strtab);
    *found = elf_within(symtab->sh_offset, symtab->sh_size, file->bytes) &&
             elf_within(strtab->sh_offset, strtab->sh_size, file->bytes);
    return error;
}

static enum boot_error add_symbols(struct fat_file *file, const struct elf32_ehdr *ehdr) {
    static struct elf32_shdr symtab, strtab;
    bool found;

    enum boot_error error = find_symbols(file, ehdr, &symtab, &strtab, &found);
    if (error) return error;
    if (!found) {
        print("warning: the kernel wants symbols, but its file has none\n");
        return BOOT_OK;
    }
    boot_info.symtab_bytes = symtab.sh_size;
    boot_info.strtab_bytes = strtab.sh_size;
    boot_info.symtab_phys = room_take(symtab.sh_size, LOADER_MAP_MAX);
    boot_info.strtab_phys = room_take(strtab.sh_size, LOADER_MAP_MAX);
    if (!boot_info.symtab_phys || !boot_info.strtab_phys) return E_NO_ROOM_SYMBOLS;
    add_extent(EXTENT_COPY, symtab.sh_offset, symtab.sh_size, boot_info.symtab_phys);
    add_extent(EXTENT_COPY, strtab.sh_offset, strtab.sh_size, boot_info.strtab_phys);
    return BOOT_OK;
}

static enum boot_error check(void (*pm_check)(void *argument), const struct elf32_ehdr *ehdr,
                             const struct elf32_phdr *phdrs, uint32_t file_bytes) {
    struct elf_request request = {ehdr, phdrs, file_bytes, BOOT_OK};

    pm_call(pm_check, &request);
    return request.error;
}

/* What the kernel's notes ask for. Where they lie was not judged yet. */
static enum boot_error read_notes(struct fat_file *file, const struct elf32_phdr *phdrs,
                                  uint32_t count, struct kernel_note *asked) {
    static uint8_t notes[NOTES_MAX];
    uint32_t used = 0;

    *asked = (struct kernel_note){.found = false};
    for (uint32_t i = 0; i < count; i++) {
        if (phdrs[i].p_type != PT_NOTE || !phdrs[i].p_filesz) continue;
        uint32_t bytes = phdrs[i].p_filesz;
        if (!elf_within(phdrs[i].p_offset, bytes, file->bytes)) continue;
        if (bytes > NOTES_MAX - used) bytes = NOTES_MAX - used;
        enum boot_error error = read_judged(file, phdrs[i].p_offset, notes + used, bytes);
        if (error) return error;
        struct note_request request = {notes + used, bytes, asked};
        pm_call(pm_read_notes, &request);
        used += bytes;
    }
    return BOOT_OK;
}

/* Can we give what the notes ask for? */
static enum boot_error check_notes(const struct kernel_note *asked) {
    uint32_t more = asked->features & ~(uint32_t)ASCENT_FEATURES_KNOWN;

    if (asked->flags & ~(uint32_t)ASCENT_NOTE_KNOWN || asked->words_missing)
        return error_at(E_NOTE_FLAGS, "flags", asked->flags);
    if (asked->version > BOOT_INFO_VERSION) return error_at(E_NOTE_VERSION, "version", asked->version);
    if (more) return error_at(E_NOTE_FEATURES, "features", more);
    if ((asked->flags & ASCENT_NOTE_CHECKSUM) && !config.has_kernel_crc32) return E_KERNEL_NO_CRC;
    return BOOT_OK;
}

/* Reads what is to be judged of an ELF file, judges it, and makes room. */
static enum boot_error plan_elf(struct fat_file *file) {
    static struct elf32_ehdr ehdr;
    static struct elf32_phdr phdrs[ELF_MAX_SEGMENTS];
    struct kernel_note asked;

    enum boot_error error =
        read_judged(file, 0, &ehdr, file->bytes < sizeof(ehdr) ? file->bytes : sizeof(ehdr));
    if (!error) error = check(pm_check_header, &ehdr, phdrs, file->bytes);
    if (error) return error;
    error = read_judged(file, ehdr.e_phoff, phdrs, ehdr.e_phnum * (uint32_t)sizeof(phdrs[0]));
    if (!error) error = read_notes(file, phdrs, ehdr.e_phnum, &asked);
    if (error) return error;
    if (asked.found) kernel_kind = KERNEL_ASCENT;
    boot_info.kernel_entry = ehdr.e_entry;
    error = check(kernel_kind == KERNEL_MULTIBOOT ? pm_check_multiboot : pm_check_segments, &ehdr,
                  phdrs, file->bytes);
    if (!error) error = check_notes(&asked);
    if (error) return error;
    room_start(boot_info.kernel_phys_end);

    for (uint32_t i = 0; i < ehdr.e_phnum; i++) {
        if (!elf_is_loaded(&phdrs[i])) continue;
        add_extent(EXTENT_COPY, phdrs[i].p_offset, phdrs[i].p_filesz, phdrs[i].p_paddr);
        zero(phdrs[i].p_paddr + phdrs[i].p_filesz, phdrs[i].p_memsz - phdrs[i].p_filesz);
    }
    return asked.flags & ASCENT_NOTE_SYMBOLS ? add_symbols(file, &ehdr) : BOOT_OK;
}

/* The same for a file of Linux's format, whose head says all. */
static enum boot_error plan_linux(struct head_request *head) {
    pm_call(pm_linux_plan, head);
    if (head->error) return head->error;
    add_extent(EXTENT_COPY, head->image_offset, head->image_bytes, boot_info.kernel_phys);
    if (kernel_kind == KERNEL_LINUX_REAL)
        add_extent(EXTENT_COPY, 0, head->setup_bytes, LINUX_REAL_ADDR);
    return BOOT_OK;
}

/* Decides what the file is and where it goes; then lets it pass by. */
static enum boot_error read_kernel(const char *path, uint32_t *crc) {
    static const char *const kinds[] = {"", "Multiboot, ", "Linux, ", "Linux in real mode, "};
    struct head_request head;
    struct fat_file file;

    boot_info.symtab_bytes = boot_info.strtab_bytes = 0;
    forget_unpacked();
    enum boot_error error = fat_open(path, &file);
    if (!error) error = read_head(&file, &head);
    if (!error) error = unpack(&file, &head, crc);
    if (error) return error;
    pm_call(pm_kernel_kind, &head);
    error = head.error;
    if (!error) error = kernel_is_linux() ? plan_linux(&head) : plan_elf(&file);
    if (error) return error;

    print("kernel: %s, %s%k KB to %08x\n", path, kinds[kernel_kind], file.bytes,
          boot_info.kernel_phys);
    return load_extents(&file, file.bytes, config.has_kernel_crc32, crc);
}

enum boot_error load_kernel(const char *path) {
    struct readings readings = {0};
    enum boot_error error;
    uint32_t crc = 0;

    do {
        error = read_kernel(path, &crc);
        if (!error && config.has_kernel_crc32 && crc != config.kernel_crc32) error = E_KERNEL_CRC;
    } while (read_again(&readings, error, crc));
    forget_unpacked();
    return error;
}

/* Our kernel and Multiboot's have it behind them, Linux as high as it takes it. 0: no room. */
static uint32_t initrd_room(uint32_t bytes) {
    struct room_request request = {bytes, 0};

    if (!kernel_is_linux()) return room_take(bytes, UINT32_MAX);
    pm_call(pm_linux_initrd_room, &request);
    return request.phys;
}

/* A file that is handed on as it is. */
static enum boot_error read_whole(const char *path, bool want_crc, uint32_t *crc,
                                  struct loaded_file *loaded) {
    struct fat_file file;

    enum boot_error error = fat_open(path, &file);
    if (error) return error;
    loaded->bytes = file.bytes;
    loaded->phys = initrd_room(file.bytes);
    if (!loaded->phys) return error_at(E_NO_ROOM_INITRD, "bytes", file.bytes);
    extent_count = 0;
    add_extent(EXTENT_COPY, 0, file.bytes, loaded->phys);

    print("initrd: %s, %k KB to %08x\n", path, file.bytes, loaded->phys);
    return load_extents(&file, file.bytes, want_crc, crc);
}

enum boot_error load_initrd(const char *path) {
    uint32_t behind_kernel = room_end();
    struct readings readings = {0};
    struct loaded_file initrd = {0};
    enum boot_error error;
    uint32_t crc = 0;

    do {
        room_start(behind_kernel);
        error = read_whole(path, config.has_initrd_crc32, &crc, &initrd);
        if (!error && config.has_initrd_crc32 && crc != config.initrd_crc32) error = E_INITRD_CRC;
    } while (read_again(&readings, error, crc));
    boot_info.initrd_phys = initrd.phys;
    boot_info.initrd_bytes = initrd.bytes;
    return error;
}

enum boot_error load_module(uint32_t index) {
    uint32_t crc;

    if (kernel_kind != KERNEL_MULTIBOOT) return E_MODULE_KIND;
    return read_whole(config.modules[index].path, false, &crc, &loaded_modules[index]);
}

void load_forget(void) {
    boot_info.kernel_phys = boot_info.kernel_phys_end = boot_info.kernel_entry = 0;
    boot_info.symtab_phys = boot_info.symtab_bytes = 0;
    boot_info.strtab_phys = boot_info.strtab_bytes = 0;
    boot_info.initrd_phys = boot_info.initrd_bytes = 0;
    fat_forget();
    error_forget();
}
