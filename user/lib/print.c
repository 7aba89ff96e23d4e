/*
 * print.c: printf() of the kind that fits on a page: %d %u %x %o %c %s %%, a width, 0 and - before
 * it, l and ll (64 bits) behind it. Each call is one write(), so that lines of several processes do
 * not mix.
 */
#include "lib.h"

struct output {
    char *to;
    size_t size, length; /* length: what there would be, had it room */
};

static void put(struct output *out, char c) {
    if (out->length + 1 < out->size) out->to[out->length] = c;
    out->length++;
}

/* A field of `width` columns: filled on the left, or on the right if `left`. */
static void put_field(struct output *out, const char *text, size_t length, size_t width, bool left,
                      char fill) {
    size_t missing = width > length ? width - length : 0;
    if (!left)
        while (missing) put(out, fill), missing--;
    while (length--) put(out, *text++);
    while (missing--) put(out, ' ');
}

/* The digits of a number, backwards from `end`; where they begin. */
static char *digits(char *end, uint64_t value, unsigned base) {
    do *--end = "0123456789abcdef"[value % base];
    while (value /= base);
    return end;
}

static uint64_t argument(va_list *arguments, int longs, bool is_signed) {
    if (longs >= 2) return va_arg(*arguments, uint64_t);
    uint32_t value = va_arg(*arguments, uint32_t);
    return is_signed ? (uint64_t)(int64_t)(int32_t)value : value;
}

static void put_number(struct output *out, uint64_t value, char conversion, size_t width, bool left,
                       char fill) {
    char text[24], *end = text + sizeof text, *first;
    if (conversion == 'd' && (int64_t)value < 0) {
        first = digits(end, -value, 10);
        *--first = '-';
    } else {
        first = digits(end, value, conversion == 'x' ? 16 : conversion == 'o' ? 8 : 10);
    }
    put_field(out, first, (size_t)(end - first), width, left, fill);
}

size_t format_list(char *to, size_t size, const char *format, va_list arguments) {
    struct output out = {.to = to, .size = size};
    va_list list;
    va_copy(list, arguments);
    for (const char *at = format; *at; at++) {
        if (*at != '%') {
            put(&out, *at);
            continue;
        }
        bool left = false;
        char fill = ' ';
        size_t width = 0;
        int longs = 0;
        for (at++; *at == '-' || *at == '0'; at++) {
            left = left || *at == '-';
            if (*at == '0') fill = '0';
        }
        for (; *at >= '0' && *at <= '9'; at++) width = width * 10 + (size_t)(*at - '0');
        for (; *at == 'l'; at++) longs++;
        if (*at == 's') {
            const char *text = va_arg(list, const char *);
            put_field(&out, text, strlen(text), width, left, ' ');
        } else if (*at == 'c') {
            char c = (char)va_arg(list, int);
            put_field(&out, &c, 1, width, left, ' ');
        } else if (*at == '%') {
            put(&out, '%');
        } else {
            put_number(&out, argument(&list, longs, *at == 'd'), *at, width, left, fill);
        }
    }
    va_end(list);
    if (size) to[out.length < size ? out.length : size - 1] = 0;
    return out.length;
}

size_t format(char *to, size_t size, const char *text, ...) {
    va_list arguments;
    va_start(arguments, text);
    size_t length = format_list(to, size, text, arguments);
    va_end(arguments);
    return length;
}

void write_all(int fd, const char *text, size_t bytes) {
    while (bytes) {
        int32_t done = write(fd, text, bytes);
        if (done == -EINTR) continue;
        if (done <= 0) return;
        text += done;
        bytes -= (size_t)done;
    }
}

static void print_list(int fd, const char *text, va_list arguments) {
    char line[1024];
    size_t length = format_list(line, sizeof line, text, arguments);
    write_all(fd, line, length < sizeof line ? length : sizeof line - 1);
}

void printf(const char *text, ...) {
    va_list arguments;
    va_start(arguments, text);
    print_list(1, text, arguments);
    va_end(arguments);
}

void complain(const char *text, ...) {
    va_list arguments;
    va_start(arguments, text);
    print_list(2, text, arguments);
    va_end(arguments);
}
