/*
 * format.c: printf's formats (C11 §7.21.6.1), without floating point. No hardware: the host tests
 * compile it as it is.
 */
#include <lib/format.h>
#include <lib/printk.h>
#include <stdbool.h>
#include <stdint.h>

#define DIGITS_MAX 22 /* of a 64-bit number in octal */

/* One conversion, %[flags][width][.precision][length]type. */
struct spec {
    bool left, zeros;
    int width, precision; /* precision -1: none given */
    int longs;            /* 0: int, 1: long or size_t, 2: long long */
};

struct output {
    void (*put)(void *where, char c);
    void *where;
    bool escape;
    int length;
};

static void emit(struct output *out, char c) {
    out->put(out->where, c);
    out->length++;
}

static void pad(struct output *out, char c, int count) {
    while (count-- > 0) emit(out, c);
}

/* ASCII: from 80h on, a terminal may take a byte for a control character too (ECMA-48 §5.3). */
static bool is_printable(char c) {
    return c >= ' ' && c < 0x7F;
}

/* A character of an argument: as it is, or as \xNN. */
static void put_outside(struct output *out, char c) {
    static const char hex[] = "0123456789ABCDEF"; /* as the loader does it */

    if (!out->escape || is_printable(c)) {
        emit(out, c);
        return;
    }
    emit(out, '\\');
    emit(out, 'x');
    emit(out, hex[(uint8_t)c >> 4]);
    emit(out, hex[c & 15]);
}

static void put_text(struct output *out, const struct spec *spec, const char *text) {
    int length = 0, start = out->length;

    if (!text) text = "(null)";
    while (text[length] && length != spec->precision) length++;
    if (!spec->left) pad(out, ' ', spec->width - length);
    for (int i = 0; i < length; i++) put_outside(out, text[i]);
    if (spec->left) pad(out, ' ', spec->width - (out->length - start));
}

static void put_number(struct output *out, const struct spec *spec, uint64_t value, bool negative,
                       unsigned base, const char *digits) {
    char text[DIGITS_MAX];
    int count = 0;

    do {
        text[count++] = digits[value % base];
        value /= base;
    } while (value);
    int zeros = spec->precision > count ? spec->precision - count : 0;
    int spaces = spec->width - count - zeros - negative;
    if (spec->zeros && !spec->left && spec->precision < 0 && spaces > 0) {
        zeros = spaces;
        spaces = 0;
    }
    if (!spec->left) pad(out, ' ', spaces);
    if (negative) emit(out, '-');
    pad(out, '0', zeros);
    while (count) emit(out, text[--count]);
    if (spec->left) pad(out, ' ', spaces);
}

/* A number written in the format, or * and taken from the arguments. */
static int read_number(const char **format, va_list *args) {
    int number = 0;

    if (**format == '*') {
        (*format)++;
        return va_arg(*args, int);
    }
    while (**format >= '0' && **format <= '9') number = number * 10 + (*(*format)++ - '0');
    return number;
}

static struct spec read_spec(const char **format, va_list *args) {
    struct spec spec = {.precision = -1};

    for (;; (*format)++) {
        if (**format == '-')
            spec.left = true;
        else if (**format == '0')
            spec.zeros = true;
        else
            break;
    }
    spec.width = read_number(format, args);
    if (**format == '.') {
        (*format)++;
        spec.precision = read_number(format, args);
    }
    for (;; (*format)++) {
        if (**format == 'l')
            spec.longs++;
        else if (**format == 'z')
            spec.longs = 1;
        else if (**format != 'h')
            break;
    }
    return spec;
}

static uint64_t unsigned_argument(const struct spec *spec, va_list *args) {
    if (spec->longs >= 2) return va_arg(*args, unsigned long long);
    if (spec->longs == 1) return va_arg(*args, unsigned long);
    return va_arg(*args, unsigned int);
}

static int64_t signed_argument(const struct spec *spec, va_list *args) {
    if (spec->longs >= 2) return va_arg(*args, long long);
    if (spec->longs == 1) return va_arg(*args, long);
    return va_arg(*args, int);
}

static void convert(struct output *out, char type, const struct spec *spec, va_list *args) {
    static const char lower[] = "0123456789abcdef";
    int64_t number;

    switch (type) {
    case 'd':
    case 'i':
        number = signed_argument(spec, args);
        put_number(out, spec, number < 0 ? -(uint64_t)number : (uint64_t)number, number < 0, 10,
                   lower);
        break;
    case 'u': put_number(out, spec, unsigned_argument(spec, args), false, 10, lower); break;
    case 'o': put_number(out, spec, unsigned_argument(spec, args), false, 8, lower); break;
    case 'x': put_number(out, spec, unsigned_argument(spec, args), false, 16, lower); break;
    case 'X':
        put_number(out, spec, unsigned_argument(spec, args), false, 16, "0123456789ABCDEF");
        break;
    case 'p':
        put_number(out, &(struct spec){.zeros = true, .width = 8, .precision = -1},
                   (uintptr_t)va_arg(*args, void *), false, 16, lower);
        break;
    case 's': put_text(out, spec, va_arg(*args, const char *)); break;
    case 'c': put_text(out, spec, (char[]){(char)va_arg(*args, int), 0}); break;
    default: emit(out, type); break; /* %% */
    }
}

int format_text(void (*put)(void *where, char c), void *where, bool escape, const char *format,
                va_list args) {
    struct output out = {put, where, escape, 0};
    va_list rest;

    va_copy(rest, args);
    while (*format) {
        if (*format != '%') {
            emit(&out, *format++);
            continue;
        }
        format++;
        struct spec spec = read_spec(&format, &rest);
        if (!*format) break;
        convert(&out, *format++, &spec, &rest);
    }
    va_end(rest);
    return out.length;
}

struct buffer {
    char *next;
    size_t left; /* bytes, with room for the NUL */
};

static void to_buffer(void *where, char c) {
    struct buffer *buffer = where;

    if (buffer->left < 2) return;
    *buffer->next++ = c;
    buffer->left--;
}

int vsnprintf(char *out, size_t size, const char *format, va_list args) {
    struct buffer buffer = {out, size};
    int length = format_text(to_buffer, &buffer, false, format, args);

    if (size) *buffer.next = 0;
    return length;
}

int snprintf(char *out, size_t size, const char *format, ...) {
    va_list args;

    va_start(args, format);
    int length = vsnprintf(out, size, format, args);
    va_end(args);
    return length;
}
