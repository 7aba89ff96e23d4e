/*
 * lz4.c: unpacks a file in LZ4's frame format. 32-bit code, called through pm_call(): see unpack.c.
 *
 * A block is a row of sequences: some bytes as they are (literals), then "so many bytes as stand so
 * far back" (a match). Every length and distance is looked at before a byte moves: whoever made the
 * file does not decide what is written beside it, nor what is read.
 */
#include "lz4.h"

#include "bytes.h"
#include "error.h"
#include "xxhash32.h"

#define MAGIC 0x184D2204u
#define MAGIC_LEGACY 0x184C2102u
#define MAGIC_SKIPPABLE 0x184D2A50u /* and 15 more */

#define FLG_VERSION 0xC0
#define FLG_VERSION_1 0x40
#define FLG_INDEPENDENT 0x20
#define FLG_BLOCK_SUMS 0x10
#define FLG_CONTENT_SIZE 0x08
#define FLG_CONTENT_SUM 0x04
#define FLG_RESERVED 0x02
#define FLG_DICTIONARY 0x01
#define BD_RESERVED 0x8F
#define BD_SMALLEST 4 /* 64 KB; one more is four times as much */
#define BLOCK_AS_IT_IS 0x80000000u

#define LENGTH_GOES_ON 15 /* in the token; then bytes are added up, as long as they are: */
#define LENGTH_BYTE_GOES_ON 255
#define MATCH_LEAST 4

#define WORD 4
#define SHORT_LITERALS (4 * WORD) /* at least as many as the token itself can say: 14, */
#define SHORT_MATCH (5 * WORD)    /* and 4 + 14 */

/* ---- the header ---- */

static enum boot_error check_flags(uint8_t flags, uint8_t block) {
    if ((flags & FLG_VERSION) != FLG_VERSION_1 || (flags & FLG_RESERVED) || (block & BD_RESERVED) ||
        block >> 4 < BD_SMALLEST)
        return error_at(E_LZ4_VERSION, "flags", (uint32_t)(flags << 8 | block));
    if (flags & FLG_DICTIONARY) return E_LZ4_DICTIONARY;
    if (!(flags & FLG_CONTENT_SIZE)) return E_LZ4_NO_SIZE;
    return BOOT_OK;
}

enum boot_error lz4_header(const uint8_t *data, uint32_t bytes, struct lz4_frame *frame) {
    *frame = (struct lz4_frame){.is_lz4 = false};
    if (bytes < 4) return BOOT_OK;
    uint32_t magic = load32(data);
    if (magic == MAGIC_LEGACY) return E_LZ4_LEGACY;
    if ((magic & ~15u) == MAGIC_SKIPPABLE) return E_LZ4_SKIPPABLE;
    if (magic != MAGIC) return BOOT_OK;
    if (bytes < LZ4_HEADER_BYTES) return error_at(E_LZ4_HEADER, "bytes", bytes);

    const uint8_t *descriptor = data + 4;
    uint8_t flags = descriptor[0], block = descriptor[1];
    enum boot_error error = check_flags(flags, block);
    if (error) return error;
    if ((uint8_t)(xxhash32(descriptor, 10) >> 8) != descriptor[10]) return E_LZ4_HEADER;
    if (load32(descriptor + 6)) return error_at(E_LZ4_ROOM, "GB", load32(descriptor + 6) * 4);
    *frame = (struct lz4_frame){
        .is_lz4 = true,
        .independent = flags & FLG_INDEPENDENT,
        .block_sums = flags & FLG_BLOCK_SUMS,
        .content_sum = flags & FLG_CONTENT_SUM,
        .block_max = 1u << (8 + 2 * (block >> 4)),
        .content_bytes = load32(descriptor + 2),
    };
    return BOOT_OK;
}

/* ---- blocks ---- */

/* What is still to be read of the file, and to be filled of memory. */
struct input {
    const uint8_t *at, *end;
};
struct output {
    uint8_t *at, *end;
    const uint8_t *start; /* no match reaches back further */
};

static void copy_word(uint8_t *to, const uint8_t *from) {
    uint32_t word = load32(from);

    __builtin_memcpy(to, &word, sizeof(word));
}

/* Forward, words at a time: from less than a word behind, bytes repeat that were just written. */
static void copy(uint8_t *to, const uint8_t *from, uint32_t bytes) {
    if ((uint32_t)(uintptr_t)to - (uint32_t)(uintptr_t)from >= WORD) {
        for (; bytes >= 4 * WORD; bytes -= 4 * WORD, to += 4 * WORD, from += 4 * WORD)
            for (int i = 0; i < 4; i++) copy_word(to + i * WORD, from + i * WORD);
        for (; bytes >= WORD; bytes -= WORD, to += WORD, from += WORD) copy_word(to, from);
    }
    while (bytes--) *to++ = *from++;
}

/* The length that starts in four bits of the token: no block is so long that it could say 4 GB.
 * False: it does not end. */
static bool read_length(struct input *in, uint32_t *length) {
    uint8_t more;

    if (*length < LENGTH_GOES_ON) return true;
    do {
        if (in->at == in->end) return false;
        more = *in->at++;
        *length += more;
    } while (more == LENGTH_BYTE_GOES_ON);
    return true;
}

static bool take_literals(struct input *in, struct output *out, uint32_t length) {
    if (!read_length(in, &length)) return false;
    if (length > (uint32_t)(in->end - in->at) || length > (uint32_t)(out->end - out->at))
        return false;
    copy(out->at, in->at, length);
    in->at += length;
    out->at += length;
    return true;
}

static bool take_match(struct input *in, struct output *out, uint32_t length) {
    if (in->end - in->at < 2) return false;
    uint32_t back = in->at[0] | (uint32_t)in->at[1] << 8;
    in->at += 2;
    if (!read_length(in, &length)) return false;
    length += MATCH_LEAST;
    if (!back || back > (uint32_t)(out->at - out->start) || length > (uint32_t)(out->end - out->at))
        return false;
    copy(out->at, out->at - back, length);
    out->at += length;
    return true;
}

/*
 * Nine of ten sequences are short: the token says all, and a fixed number of words is copied, as
 * far as there is room for them; what is too much is overwritten by what comes next. Stops in front
 * of the first sequence that is not short, or wrong, or near an end.
 */
static void unpack_short(struct input *in, struct output *out) {
    const uint8_t *from = in->at;
    uint8_t *to = out->at;

    while (in->end - from > 1 + SHORT_LITERALS + 2 &&
           out->end - to > SHORT_LITERALS + SHORT_MATCH) {
        uint32_t literals = *from >> 4, match = *from & 15;
        if (literals == LENGTH_GOES_ON || match == LENGTH_GOES_ON) break;
        for (int i = 0; i < SHORT_LITERALS; i += WORD) copy_word(to + i, from + 1 + i);
        const uint8_t *behind = from + 1 + literals;
        uint32_t back = behind[0] | (uint32_t)behind[1] << 8;
        uint8_t *end = to + literals;
        if (back < WORD || back > (uint32_t)(end - out->start)) break;
        for (int i = 0; i < SHORT_MATCH; i += WORD) copy_word(end + i, end - back + i);
        to = end + MATCH_LEAST + match;
        from = behind + 2;
    }
    in->at = from;
    out->at = to;
}

/* A block ends behind literals. False: it does not, or asks for what cannot be; in->at is near it.
 */
static bool unpack_block(struct input *in, struct output *out) {
    while (unpack_short(in, out), in->at < in->end) {
        uint8_t token = *in->at++;
        if (!take_literals(in, out, token >> 4)) return false;
        if (in->at == in->end) return true;
        if (!take_match(in, out, token & 15)) return false;
    }
    return false;
}

/* A block that would not get shorter. */
static bool copy_block(struct input *in, struct output *out) {
    uint32_t bytes = (uint32_t)(in->end - in->at);

    if (bytes > (uint32_t)(out->end - out->at)) return false;
    copy(out->at, in->at, bytes);
    in->at += bytes;
    out->at += bytes;
    return true;
}

/* ---- the file ---- */

/* The next four bytes, as a number. False: there are no four. */
static bool take32(struct input *file, uint32_t *value) {
    if (file->end - file->at < 4) return false;
    *value = load32(file->at);
    file->at += 4;
    return true;
}

/* The sum that stands next in the file is that of `bytes` at `data`. */
static enum boot_error check_sum(struct input *file, const uint8_t *data, uint32_t bytes) {
    uint32_t sum;

    if (!take32(file, &sum)) return E_LZ4_DATA;
    return sum == xxhash32(data, bytes) ? BOOT_OK : E_LZ4_CHECKSUM;
}

/* The block whose length stood in front of it. `content` has the room of all that are to come. */
static enum boot_error take_block(struct input *file, uint32_t size, const struct lz4_frame *frame,
                                  struct output *content) {
    uint32_t bytes = size & ~BLOCK_AS_IT_IS;
    struct input in = {file->at, file->at + bytes};
    struct output out = *content;

    if (bytes > frame->block_max || bytes > (uint32_t)(file->end - file->at)) return E_LZ4_DATA;
    file->at = in.end;
    if (frame->block_sums) {
        enum boot_error error = check_sum(file, in.at, bytes);
        if (error) return error;
    }
    if ((uint32_t)(out.end - out.at) > frame->block_max) out.end = out.at + frame->block_max;
    if (frame->independent) out.start = out.at;
    bool good = size & BLOCK_AS_IT_IS ? copy_block(&in, &out) : unpack_block(&in, &out);
    if (!good) file->at = in.at;
    content->at = out.at;
    return good ? BOOT_OK : E_LZ4_DATA;
}

/* All blocks, the 0 behind them, and the sum: nothing may follow, and nothing be missing. */
static enum boot_error take_blocks(struct input *file, const struct lz4_frame *frame,
                                   struct output *content) {
    for (;;) {
        uint32_t size;
        if (!take32(file, &size)) return E_LZ4_DATA;
        if (!size) break;
        enum boot_error error = take_block(file, size, frame, content);
        if (error) return error;
    }
    if (content->at != content->end) return E_LZ4_DATA;
    if (frame->content_sum) {
        enum boot_error error = check_sum(file, content->start, frame->content_bytes);
        if (error) return error;
    }
    return file->at == file->end ? BOOT_OK : E_LZ4_DATA;
}

enum boot_error lz4_unpack(const uint8_t *from, uint32_t bytes, const struct lz4_frame *frame,
                           uint8_t *to) {
    struct input file = {from + LZ4_HEADER_BYTES, from + bytes};
    struct output content = {to, to + frame->content_bytes, to};

    enum boot_error error = take_blocks(&file, frame, &content);
    return error ? error_at(error, "byte", (uint32_t)(file.at - from)) : BOOT_OK;
}
