/*
 * acpi.c: from the RSDP to the object _S5_. Each table is read only as far as its length goes, and
 * counts only if its bytes add up to 0. An interpreter for AML would be thousands of lines; the values
 * of _S5_ are constants in a package, which a search for its name finds.
 */
#include <dev/acpi.h>
#include <lib/string.h>

#define EBDA_SEGMENT 0x40E /* in the BIOS data area */
#define EBDA_BYTES 1024
#define BIOS_START 0xE0000
#define BIOS_END 0x100000
#define RSDP_ALIGN 16
#define RSDP_BYTES 20    /* that the first checksum covers */
#define RSDP_BYTES_2 36  /* from revision 2 on */

#define TABLE_MAX 0x400000 /* bytes; the largest DSDTs have some hundred KB */
#define PART 512 /* bytes that are read at once */
#define ROOT_MAX 256       /* entries of an RSDT or XSDT that are looked at */

/* The FADT (§5.2.9). */
#define FADT_BYTES 116 /* of revision 1, the shortest */
#define FADT_X_DSDT_END 148
#define FLAG_HW_REDUCED (1u << 20)

/* AML (§20.2). */
#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_NAME 0x08
#define AML_BYTE 0x0A
#define AML_WORD 0x0B
#define AML_DWORD 0x0C
#define AML_PACKAGE 0x12
#define S5_MAX 24 /* bytes of the longest object: name 6, operator, length 4, count, integers 5 each */

struct rsdp {
    char signature[8]; /* "RSD PTR " */
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t checksum_2, reserved[3];
} __attribute__((packed));
_Static_assert(sizeof(struct rsdp) == RSDP_BYTES_2, "ACPI 6.4 §5.2.5.3");

struct header {
    char signature[4];
    uint32_t length; /* header included */
    uint8_t revision, checksum;
    char oem[6], oem_table[8];
    uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));
_Static_assert(sizeof(struct header) == 36, "ACPI 6.4 §5.2.6");

struct fadt {
    struct header header;
    uint32_t firmware_control, dsdt;
    uint8_t reserved, profile;
    uint16_t sci;
    uint32_t smi_command;
    uint8_t acpi_enable, acpi_disable, s4_bios, pstate;
    uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control;
    uint8_t more[40];
    uint32_t flags;
    uint8_t reset[24]; /* from here on not in revision 1 */
    uint64_t x_dsdt;
} __attribute__((packed));
_Static_assert(sizeof(struct fadt) == FADT_X_DSDT_END, "ACPI 6.4 §5.2.9");

static bool find_rsdp(acpi_read *read, struct rsdp *rsdp);
static bool find_fadt(acpi_read *read, const struct rsdp *rsdp, struct fadt *fadt);
static bool find_s5_object(acpi_read *read, const struct fadt *fadt, struct acpi_s5 *s5);

const char *acpi_find_s5(acpi_read *read, struct acpi_s5 *s5) {
    struct rsdp rsdp;
    struct fadt fadt;

    if (!find_rsdp(read, &rsdp)) return "no RSDP";
    if (!find_fadt(read, &rsdp, &fadt)) return "no FADT";
    if (fadt.flags & FLAG_HW_REDUCED) return "a FADT without PM1 registers";
    if (!fadt.pm1a_control || fadt.pm1a_control > UINT16_MAX || fadt.pm1b_control > UINT16_MAX ||
        fadt.smi_command > UINT16_MAX)
        return "no ports in the FADT";
    if (!find_s5_object(read, &fadt, s5)) return "no _S5_ in the DSDT";
    s5->pm1a_control = (uint16_t)fadt.pm1a_control;
    s5->pm1b_control = (uint16_t)fadt.pm1b_control;
    s5->smi_command = fadt.acpi_enable ? (uint16_t)fadt.smi_command : 0;
    s5->enable = fadt.acpi_enable;
    return 0;
}

static uint8_t sum(const void *data, uint32_t bytes) {
    const uint8_t *byte = data;
    uint8_t total = 0;

    while (bytes--) total += *byte++;
    return total;
}

/* ---- RSDP: §5.2.5.1 ---------------------------------------------------------------------------- */

static bool rsdp_at(acpi_read *read, uint32_t phys, struct rsdp *rsdp) {
    *rsdp = (struct rsdp){.revision = 0};
    if (!read(phys, rsdp, RSDP_BYTES) || memcmp(rsdp->signature, "RSD PTR ", 8) != 0 ||
        sum(rsdp, RSDP_BYTES) != 0)
        return false;
    if (rsdp->revision < 2) return true;
    if (!read(phys, rsdp, RSDP_BYTES_2) || sum(rsdp, RSDP_BYTES_2) != 0) rsdp->xsdt = 0;
    return true;
}

static bool rsdp_between(acpi_read *read, uint32_t start, uint32_t end, struct rsdp *rsdp) {
    for (uint32_t phys = start; phys < end; phys += RSDP_ALIGN)
        if (rsdp_at(read, phys, rsdp)) return true;
    return false;
}

static bool find_rsdp(acpi_read *read, struct rsdp *rsdp) {
    uint16_t segment = 0;

    if (read(EBDA_SEGMENT, &segment, sizeof segment) && segment) {
        uint32_t ebda = (uint32_t)segment << 4;
        if (rsdp_between(read, ebda, ebda + EBDA_BYTES, rsdp)) return true;
    }
    return rsdp_between(read, BIOS_START, BIOS_END, rsdp);
}

/* ---- tables: §5.2.6 to §5.2.9 ------------------------------------------------------------------ */

/* The header of the table at `phys`, if it has this signature, a sane length and the right sum. */
static bool read_table(acpi_read *read, uint64_t phys, const char *signature, struct header *header) {
    uint8_t part[PART], total = 0;

    if (!phys || !read(phys, header, sizeof *header) ||
        memcmp(header->signature, signature, sizeof header->signature) != 0 ||
        header->length < sizeof *header || header->length > TABLE_MAX)
        return false;
    for (uint32_t at = 0; at < header->length; at += sizeof part) {
        uint32_t bytes = header->length - at < sizeof part ? header->length - at : sizeof part;
        if (!read(phys + at, part, bytes)) return false;
        total += sum(part, bytes);
    }
    return total == 0;
}

static bool fadt_at(acpi_read *read, uint64_t phys, struct fadt *fadt) {
    struct header header;

    if (!read_table(read, phys, "FACP", &header) || header.length < FADT_BYTES) return false;
    *fadt = (struct fadt){.header = header};
    return read(phys, fadt, header.length < sizeof *fadt ? header.length : sizeof *fadt);
}

/* Looks through a root table, whose entries have `entry_bytes`. */
static bool fadt_in(acpi_read *read, uint64_t root, const char *signature, uint32_t entry_bytes,
                    struct fadt *fadt) {
    struct header header;

    if (!read_table(read, root, signature, &header)) return false;
    uint32_t entries = (header.length - sizeof header) / entry_bytes;
    for (uint32_t i = 0; i < entries && i < ROOT_MAX; i++) {
        uint64_t phys = 0;
        if (read(root + sizeof header + i * entry_bytes, &phys, entry_bytes) &&
            fadt_at(read, phys, fadt))
            return true;
    }
    return false;
}

static bool find_fadt(acpi_read *read, const struct rsdp *rsdp, struct fadt *fadt) {
    return fadt_in(read, rsdp->xsdt, "XSDT", sizeof(uint64_t), fadt) ||
           fadt_in(read, rsdp->rsdt, "RSDT", sizeof(uint32_t), fadt);
}

/* ---- _S5_: AML, §20.2.2 to §20.2.5 -------------------------------------------------------------- */

/* Takes an integer of `*aml`, which ends at `end`. */
static bool take_integer(const uint8_t **aml, const uint8_t *end, uint32_t *value) {
    uint32_t bytes;

    if (*aml == end) return false;
    switch (*(*aml)++) {
    case AML_ZERO: *value = 0; return true;
    case AML_ONE: *value = 1; return true;
    case AML_BYTE: bytes = 1; break;
    case AML_WORD: bytes = 2; break;
    case AML_DWORD: bytes = 4; break;
    default: return false;
    }
    if ((uint32_t)(end - *aml) < bytes) return false;
    *value = 0;
    memcpy(value, *aml, bytes);
    *aml += bytes;
    return true;
}

/* Reads Package () { type_a, type_b, ... }: the operator, its length in 1 to 4 bytes, the number of
 * elements, and they. */
static bool read_package(const uint8_t *aml, const uint8_t *end, struct acpi_s5 *s5) {
    uint32_t type_a, type_b;

    if (end - aml < 2 || *aml++ != AML_PACKAGE) return false;
    uint32_t more = *aml++ >> 6; /* bytes of the length, beside this one */
    if ((uint32_t)(end - aml) < more + 1) return false;
    aml += more;
    if (*aml++ < 2) return false;
    if (!take_integer(&aml, end, &type_a) || !take_integer(&aml, end, &type_b)) return false;
    if (type_a > 7 || type_b > 7) return false;
    s5->type_a = (uint8_t)type_a;
    s5->type_b = (uint8_t)type_b;
    return true;
}

/* Looks for Name (_S5_, Package...) or Name (\_S5_, ...) that begins in [aml, end). */
static bool read_s5(const uint8_t *aml, const uint8_t *end, struct acpi_s5 *s5) {
    for (; end - aml > 5; aml++) {
        const uint8_t *name = aml + 1;
        if (*aml != AML_NAME) continue;
        if (*name == '\\') name++;
        if (end - name >= 4 && memcmp(name, "_S5_", 4) == 0 && read_package(name + 4, end, s5))
            return true;
    }
    return false;
}

/* Part by part. They overlap, so that one of them has all of the object. */
static bool s5_in(acpi_read *read, uint64_t dsdt, struct acpi_s5 *s5) {
    uint8_t part[PART];
    struct header header;

    if (!read_table(read, dsdt, "DSDT", &header)) return false;
    for (uint32_t at = sizeof header; at < header.length; at += sizeof part - S5_MAX) {
        uint32_t bytes = header.length - at < sizeof part ? header.length - at : sizeof part;
        if (!read(dsdt + at, part, bytes)) return false;
        if (read_s5(part, part + bytes, s5)) return true;
    }
    return false;
}

/* X_DSDT goes before DSDT where both are (§5.2.9); it may lie where classic paging cannot reach. */
static bool find_s5_object(acpi_read *read, const struct fadt *fadt, struct acpi_s5 *s5) {
    return s5_in(read, fadt->x_dsdt, s5) || s5_in(read, fadt->dsdt, s5);
}
