/*
 * step_line.h: one @STEP line from two processor states. Header only, because real-mode C,
 * 32-bit loader C, the kernel and the host tests all compile it for themselves.
 * The format is docs/reference/step-protocol.md.
 */
#ifndef ASCENT_STEP_LINE_H
#define ASCENT_STEP_LINE_H

#include <ascent/boot_info.h>
#include <ascent/steps.h>

#define STEP_LINE_MAX 320 /* bytes, with newline and NUL */

static inline char *step_text(char *out, const char *text) {
    while (*text) *out++ = *text++;
    return out;
}

static inline char *step_hex(char *out, uint32_t value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        *out++ = "0123456789abcdef"[value >> shift & 15];
    return out;
}

/* " name=old->new", or " name=value" where nothing changed. */
static inline char *step_field(char *out, const char *name, uint32_t before, uint32_t now,
                               int digits) {
    *out++ = ' ';
    out = step_text(out, name);
    *out++ = '=';
    if (before != now) {
        out = step_hex(out, before, digits);
        out = step_text(out, "->");
    }
    return step_hex(out, now, digits);
}

/* " name=base/limit", with an arrow where either changed. */
static inline char *step_table(char *out, const char *name, const uint32_t before[2],
                               const uint32_t now[2]) {
    *out++ = ' ';
    out = step_text(out, name);
    *out++ = '=';
    if (before[0] != now[0] || before[1] != now[1]) {
        out = step_hex(out, before[0], 8);
        *out++ = '/';
        out = step_hex(out, before[1], 4);
        out = step_text(out, "->");
    }
    out = step_hex(out, now[0], 8);
    *out++ = '/';
    return step_hex(out, now[1], 4);
}

static inline const char *step_name(uint32_t id) {
    switch (id) {
#define STEP(number, name, label, text) case (number): return label;
#include <ascent/steps.def>
#undef STEP
    default: return "unknown";
    }
}

/*
 * Writes the line for `now` into `line` (STEP_LINE_MAX bytes), with what changed since `before`.
 * A decimal id of two digits, then the name, then the registers.
 */
static inline void step_line(char *line, const struct boot_step *before,
                             const struct boot_step *now) {
    char *out = step_text(line, "@STEP ");
    *out++ = (char)('0' + now->id / 10);
    *out++ = (char)('0' + now->id % 10);
    *out++ = ' ';
    out = step_text(out, step_name(now->id));
    out = step_field(out, "cr0", before->cr0, now->cr0, 8);
    out = step_field(out, "cr3", before->cr3, now->cr3, 8);
    out = step_field(out, "cr4", before->cr4, now->cr4, 8);
    out = step_field(out, "cs", before->cs, now->cs, 4);
    out = step_field(out, "ds", before->ds, now->ds, 4);
    out = step_field(out, "ss", before->ss, now->ss, 4);
    out = step_table(out, "gdtr", (uint32_t[]){before->gdtr_base, before->gdtr_limit},
                     (uint32_t[]){now->gdtr_base, now->gdtr_limit});
    out = step_table(out, "idtr", (uint32_t[]){before->idtr_base, before->idtr_limit},
                     (uint32_t[]){now->idtr_base, now->idtr_limit});
    out = step_field(out, "eip", now->eip, now->eip, 8);
    out = step_field(out, "esp", now->esp, now->esp, 8);
    out = step_field(out, "eflags", now->eflags, now->eflags, 8);
    out = step_text(out, " tsc=");
    out = step_hex(out, (uint32_t)(now->tsc >> 32), 8);
    out = step_hex(out, (uint32_t)now->tsc, 8);
    *out++ = '\r';
    *out++ = '\n';
    *out = 0;
}

#endif
