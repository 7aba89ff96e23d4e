/*
 * step_line.h: one @STEP line from two processor states. Header only, because real-mode C,
 * 32-bit loader C, the kernel and the host tests all compile it for themselves.
 * The format is docs/reference/step-protocol.md.
 */
#ifndef ASCENT_STEP_LINE_H
#define ASCENT_STEP_LINE_H

#include <ascent/boot_info.h>
#include <ascent/step_text.h>
#include <stdbool.h>
#include <stddef.h>

#define STEP_LINE_MAX 320 /* bytes, with newline and NUL */

static inline char *step_string(char *out, const char *text) {
    while (*text) *out++ = *text++;
    return out;
}

static inline char *step_hex(char *out, uint32_t value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        *out++ = "0123456789abcdef"[value >> shift & 15];
    return out;
}

/* A value, or base/limit of a descriptor table, which follow each other in struct boot_step. */
static inline char *step_value(char *out, const uint32_t *value, int digits, bool table) {
    out = step_hex(out, value[0], digits);
    if (!table) return out;
    *out++ = '/';
    return step_hex(out, value[1], 4);
}

/*
 * Writes the line for `now` into `line` (STEP_LINE_MAX bytes), with what changed since `before`.
 * A decimal id of two digits, then the name, then the registers as " name=old->new", or as
 * " name=value" where nothing changed and where it always does. Answers where the end of the line is,
 * for who has more to say.
 */
static inline char *step_line(char *line, const struct boot_step *before,
                              const struct boot_step *now) {
    static const struct {
        char name[7];
        uint8_t at; /* in struct boot_step, in words */
        uint8_t digits;
        bool table, compared;
    } fields[] = {
#define FIELD(name, member, digits, table, compared) \
    {name, offsetof(struct boot_step, member) / 4, digits, table, compared}
        FIELD("cr0", cr0, 8, false, true),       FIELD("cr3", cr3, 8, false, true),
        FIELD("cr4", cr4, 8, false, true),       FIELD("cs", cs, 4, false, true),
        FIELD("ds", ds, 4, false, true),         FIELD("ss", ss, 4, false, true),
        FIELD("gdtr", gdtr_base, 8, true, true), FIELD("idtr", idtr_base, 8, true, true),
        FIELD("eip", eip, 8, false, false),      FIELD("esp", esp, 8, false, false),
        FIELD("eflags", eflags, 8, false, false),
#undef FIELD
    };
    char *out = step_string(line, "@STEP ");

    *out++ = (char)('0' + now->id / 10);
    *out++ = (char)('0' + now->id % 10);
    *out++ = ' ';
    out = step_string(out, step_text(now->id)->name);
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const uint32_t *old = (const uint32_t *)before + fields[i].at;
        const uint32_t *new = (const uint32_t *)now + fields[i].at;
        bool table = fields[i].table;
        *out++ = ' ';
        out = step_string(out, fields[i].name);
        *out++ = '=';
        if (fields[i].compared && (old[0] != new[0] || (table && old[1] != new[1]))) {
            out = step_value(out, old, fields[i].digits, table);
            out = step_string(out, "->");
        }
        out = step_value(out, new, fields[i].digits, table);
    }
    out = step_string(out, " tsc=");
    out = step_hex(out, (uint32_t)(now->tsc >> 32), 8);
    out = step_hex(out, (uint32_t)now->tsc, 8);
    step_string(out, "\r\n")[0] = 0;
    return out;
}

#endif
