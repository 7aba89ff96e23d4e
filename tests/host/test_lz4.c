/*
 * test_lz4.c: what the tool `lz4` packs, in all its ways, is unpacked to the byte; what is damaged is
 * named, and nothing is read or written beside it (each buffer is as long as it says, under ASan).
 */
#include "cmocka_test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "lz4.h"
#include "xxhash32.h"

#define KB 1024u

struct file {
    uint8_t *bytes;
    uint32_t count;
};

/* Bytes with all that a packer looks for: runs, what was there before, near and far, and noise. */
static struct file make_content(uint32_t count) {
    struct file file = {malloc(count + 1), count};
    uint32_t at = 0;

    srand(count);
    while (at < count) {
        uint32_t left = count - at, length = 1u << rand() % 13;
        if (length > left) length = left;
        int kind = rand() % 4;
        uint32_t back = at ? 1 + (uint32_t)rand() % (at < 70000 ? at : 70000) : 0;
        for (uint32_t i = 0; i < length; i++, at++) {
            if (kind == 0) file.bytes[at] = (uint8_t)rand();
            if (kind == 1) file.bytes[at] = (uint8_t)(length & 0xFF);
            if (kind >= 2) file.bytes[at] = back ? file.bytes[at - back] : 7;
        }
    }
    return file;
}

/* A buffer of just as many bytes as the file has left. */
static struct file read_file(const char *path) {
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    fseek(in, 0, SEEK_END);
    struct file file = {.count = (uint32_t)ftell(in)};
    file.bytes = malloc(file.count);
    rewind(in);
    assert_int_equal(fread(file.bytes, 1, file.count, in), file.count);
    fclose(in);
    return file;
}

static struct file pack(struct file content, const char *options) {
    char command[200], plain[] = "/tmp/lz4-test-XXXXXX", packed[sizeof plain + 4];
    int out = mkstemp(plain);

    assert_int_equal(write(out, content.bytes, content.count), content.count);
    close(out);
    snprintf(packed, sizeof packed, "%s.lz4", plain);
    snprintf(command, sizeof command, "lz4 -q -f %s %s %s", options, plain, packed);
    assert_int_equal(system(command), 0);
    struct file file = read_file(packed);
    unlink(plain);
    unlink(packed);
    return file;
}

static enum boot_error unpack(struct file packed, struct file *content) {
    uint8_t *copy = malloc(packed.count); /* not a byte of what lies behind the file */
    struct lz4_frame frame;

    memcpy(copy, packed.bytes, packed.count);
    content->bytes = 0;
    enum boot_error error = lz4_header(copy, packed.count, &frame);
    if (!error && frame.is_lz4) {
        content->count = frame.content_bytes;
        content->bytes = malloc(content->count ? content->count : 1);
        error = lz4_unpack(copy, packed.count, &frame, content->bytes);
    }
    free(copy);
    return error;
}

static void assert_error(struct file packed, enum boot_error error) {
    struct file content;

    assert_int_equal(unpack(packed, &content), error);
    free(content.bytes);
}

static void assert_unpacks(struct file content, const char *options) {
    struct file packed = pack(content, options), found;

    if (unpack(packed, &found)) fail_msg("%u bytes, lz4 %s", content.count, options);
    assert_int_equal(found.count, content.count);
    assert_memory_equal(found.bytes, content.bytes, content.count);
    free(packed.bytes);
    free(found.bytes);
}

/* Not of 64 KB: with -B4 lz4 1.9.4 itself stops there ("dstMaxSize_tooSmall"). */
static void what_the_tool_makes(void **state) {
    static const uint32_t sizes[] = {1, 12, 13, 64, 4 * KB, 60 * KB, 64 * KB + 1, 128 * KB,
                                     300 * KB, 5000 * KB};
    static const char *const blocks[] = {"-B4", "-B5", "-B6", "-B7", "-B4 -BD", "-B5 -BD", "-B7 -BD",
                                         "-B4 -BX", "-B4 -BD -BX --no-frame-crc", "--no-frame-crc"};

    (void)state;
    for (unsigned size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
        struct file content = make_content(sizes[size]);
        for (int level = 1; level <= 12; level++) {
            char options[80];
            const char *block = blocks[(size + (unsigned)level) % 10];
            snprintf(options, sizeof options, "--content-size -%d %s", level, block);
            assert_unpacks(content, options);
        }
        for (unsigned i = 0; i < 10; i++) {
            char options[80];
            snprintf(options, sizeof options, "--content-size --fast=%u %s", 1 + i * i, blocks[i]);
            assert_unpacks(content, options);
        }
        free(content.bytes);
    }
}

static void other_formats(void **state) {
    struct file content = make_content(1000);
    struct file legacy = pack(content, "-l"), sizeless = pack(content, "");
    struct file good = pack(content, "--content-size"), found;

    (void)state;
    assert_error(legacy, E_LZ4_LEGACY);
    assert_error(sizeless, E_LZ4_NO_SIZE);
    good.bytes[0] = 0x53, good.bytes[1] = 0x2A;
    assert_error(good, E_LZ4_SKIPPABLE);
    good.bytes[0] = 0x7F;
    assert_int_equal(unpack(good, &found), BOOT_OK); /* no LZ4 at all */
    assert_null(found.bytes);
    free(legacy.bytes), free(sizeless.bytes), free(good.bytes), free(content.bytes);
}

/* A frame with these flags, whose header is as it should be. */
static struct file make_frame(uint8_t flags, uint8_t block, uint64_t content, const void *data,
                              uint32_t bytes) {
    struct file file = {malloc(15 + bytes), 15 + bytes};
    const uint8_t magic[] = {0x04, 0x22, 0x4D, 0x18, flags, block};

    memcpy(file.bytes, magic, sizeof magic);
    memcpy(file.bytes + 6, &content, 8);
    file.bytes[14] = (uint8_t)(xxhash32(file.bytes + 4, 10) >> 8);
    memcpy(file.bytes + 15, data, bytes);
    return file;
}

static void assert_header(uint8_t flags, uint8_t block, uint64_t content, enum boot_error error) {
    struct file file = make_frame(flags, block, content, "\0\0\0\0", 4);

    assert_error(file, error);
    for (file.count = 4; file.count < 15; file.count++) assert_error(file, E_LZ4_HEADER);
    free(file.bytes);
}

static void headers(void **state) {
    (void)state;
    assert_header(0x68, 0x40, 0, BOOT_OK);
    assert_header(0x28, 0x40, 0, E_LZ4_VERSION);
    assert_header(0xA8, 0x40, 0, E_LZ4_VERSION);
    assert_header(0x6A, 0x40, 0, E_LZ4_VERSION);
    assert_header(0x68, 0x30, 0, E_LZ4_VERSION);
    assert_header(0x68, 0xC0, 0, E_LZ4_VERSION);
    assert_header(0x68, 0x41, 0, E_LZ4_VERSION);
    assert_header(0x69, 0x40, 0, E_LZ4_DICTIONARY);
    assert_header(0x60, 0x40, 0, E_LZ4_NO_SIZE);
    assert_header(0x68, 0x40, 1ull << 32, E_LZ4_ROOM);
    assert_header(0x68, 0x40, 1, E_LZ4_DATA); /* and there is none */
    for (int bit = 0; bit < 8 * 15; bit++) { /* each bit is covered: by a check, or by the sum */
        struct file file = make_frame(0x68, 0x40, 0, "\0\0\0\0", 4), found;
        file.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum boot_error error = unpack(file, &found);
        assert_true(bit < 32 ? error || !found.bytes : error);
        free(found.bytes), free(file.bytes);
    }
}

/* Blocks by hand: what is in `text`, as bytes. */
static void assert_blocks(uint8_t flags, uint32_t content, enum boot_error error, const char *text,
                          uint32_t bytes) {
    struct file file = make_frame(flags, 0x40, content, text, bytes);

    assert_error(file, error);
    free(file.bytes);
}
#define BLOCKS(flags, content, error, text) \
    assert_blocks(flags, content, error, text, sizeof(text) - 1)

#define LINKED 0x48
#define INDEPENDENT 0x68
#define END "\0\0\0\0"
#define FIVE_AS_THEY_ARE "\5\0\0\x80" "abcde"

static void damaged_blocks(void **state) {
    (void)state;
    BLOCKS(LINKED, 5, BOOT_OK, FIVE_AS_THEY_ARE END);
    BLOCKS(LINKED, 4, E_LZ4_DATA, FIVE_AS_THEY_ARE END);          /* more than there should be */
    BLOCKS(LINKED, 6, E_LZ4_DATA, FIVE_AS_THEY_ARE END);          /* less */
    BLOCKS(LINKED, 5, E_LZ4_DATA, FIVE_AS_THEY_ARE);              /* no end */
    BLOCKS(LINKED, 5, E_LZ4_DATA, FIVE_AS_THEY_ARE END "x");      /* something behind it */
    BLOCKS(LINKED, 5, E_LZ4_DATA, "\6\0\0\x80" "abcde");          /* a block that is cut off */
    BLOCKS(LINKED, 6, E_LZ4_DATA, "\6\0\0\x80" "abcde");
    BLOCKS(LINKED, 5, E_LZ4_DATA, "\xFF\xFF\xFF\x7F" "abcde");
    BLOCKS(LINKED, 4, BOOT_OK, "\5\0\0\0" "\x40" "abcd" END);
    BLOCKS(LINKED, 4, E_LZ4_DATA, "\5\0\0\0" "\x50" "abcd" END);  /* literals behind the block */
    BLOCKS(LINKED, 3, E_LZ4_DATA, "\5\0\0\0" "\x40" "abcd" END);  /* literals behind the content */
    BLOCKS(0x58, 5, E_LZ4_CHECKSUM, FIVE_AS_THEY_ARE "\0\0\0\0" END); /* a block's own sum */
    BLOCKS(0x58, 5, E_LZ4_DATA, FIVE_AS_THEY_ARE "\0\0");
}

static void matches(void **state) {
    (void)state;
    /* a, then 5 from one byte back, then z: aaaaaaz */
    BLOCKS(LINKED, 7, BOOT_OK, "\6\0\0\0" "\x11" "a" "\1\0" "\x10" "z" END);
    BLOCKS(LINKED, 7, E_LZ4_DATA, "\6\0\0\0" "\x11" "a" "\0\0" "\x10" "z" END); /* 0 back */
    BLOCKS(LINKED, 7, E_LZ4_DATA, "\6\0\0\0" "\x11" "a" "\2\0" "\x10" "z" END); /* before all */
    BLOCKS(LINKED, 5, E_LZ4_DATA, "\6\0\0\0" "\x11" "a" "\1\0" "\x10" "z" END); /* too long */
    BLOCKS(LINKED, 6, E_LZ4_DATA, "\4\0\0\0" "\x11" "a" "\1\0" END);  /* it ends with a match */
    BLOCKS(LINKED, 6, E_LZ4_DATA, "\3\0\0\0" "\x11" "a" "\1" END);    /* half a distance */
    BLOCKS(LINKED, 6, E_LZ4_DATA, "\4\0\0\0" "\x1F" "a" "\1\0" END);  /* a length that does not end */
    BLOCKS(LINKED, 6, E_LZ4_DATA, "\1\0\0\0" "\xF0" END);
    /* what an earlier block has: only where blocks are linked */
    BLOCKS(LINKED, 10, BOOT_OK, FIVE_AS_THEY_ARE "\5\0\0\0" "\x00" "\5\0" "\x10" "z" END);
    BLOCKS(INDEPENDENT, 10, E_LZ4_DATA,
           FIVE_AS_THEY_ARE "\5\0\0\0" "\x00" "\5\0" "\x10" "z" END);
}

#define ZEROS_20 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

/* The quick way for short sequences: it copies more than they say, but not beyond either end. */
static void short_sequences(void **state) {
    (void)state;
    /* abcd, 8 from 4 back, again and again: more than the content has room for */
    BLOCKS(LINKED, 12, E_LZ4_DATA,
           "\x2A\0\0\0" "\x44" "abcd" "\4\0" "\x44" "abcd" "\4\0" "\x44" "abcd" "\4\0"
           "\x44" "abcd" "\4\0" "\x44" "abcd" "\4\0" "\x44" "abcd" "\4\0");
    /* the file ends behind a sequence, and the content has room for many */
    BLOCKS(LINKED, 100, E_LZ4_DATA, "\x7\0\0\0" "\x44" "abcd" "\4\0");
    /* 5 back, where there are 4 */
    BLOCKS(LINKED, 100, E_LZ4_DATA, "\x1B\0\0\0" "\x44" "abcd" "\5\0" ZEROS_20);
}

/* More in a block than the header says that blocks have, packed and unpacked. */
static void long_blocks(void **state) {
    uint32_t bytes = 64 * KB + 1, size = bytes | 0x80000000;
    uint8_t *data = calloc(1, bytes + 12);

    (void)state;
    memcpy(data, &size, 4);
    struct file file = make_frame(LINKED, 0x40, bytes, data, bytes + 8);
    assert_error(file, E_LZ4_DATA);
    file.bytes[5] = 0x50; /* 256 KB */
    file.bytes[14] = (uint8_t)(xxhash32(file.bytes + 4, 10) >> 8);
    assert_error(file, BOOT_OK);
    free(file.bytes);
    /* one literal, a match of 66,000, one literal */
    const uint32_t more = (66000 - 4 - 15) / 255, packed = 4 + more + 1 + 2;
    memcpy(data, &packed, 4);
    memcpy(data + 4, "\x1F" "a" "\1\0", 4);
    memset(data + 8, 0xFF, more);
    memcpy(data + 8 + more, "\1\x10" "z\0\0\0\0", 7);
    for (int block = 4; block < 6; block++) {
        file = make_frame(LINKED, (uint8_t)(block << 4), 2 + 4 + 15 + 255 * more + 1, data, packed + 8);
        assert_error(file, block == 4 ? E_LZ4_DATA : BOOT_OK);
        free(file.bytes);
    }
    free(data);
}

/* A match whose length is 2^32 + 273: the block that says so is longer than blocks are. */
static void lengths_out_of_measure(void **state) {
    const uint32_t more = 16843010, bytes = 4 + more + 1 + 2;
    uint8_t *data = malloc(bytes + 8);

    (void)state;
    memcpy(data, &bytes, 4);
    memcpy(data + 4, "\x1F" "a" "\1\0", 4);
    memset(data + 8, 0xFF, more);
    memcpy(data + 8 + more, "\0\x10" "z\0\0\0\0", 7);
    struct file file = make_frame(LINKED, 0x70, 1 + 273 + 1, data, bytes + 8);
    assert_error(file, E_LZ4_DATA);
    free(file.bytes), free(data);
}

/* A file that is cut off anywhere, or has another bit anywhere, is not a good one. */
static void any_damage(void **state) {
    struct file content = make_content(900), packed = pack(content, "--content-size -BD -BX"), found;
    struct file cut = packed;

    (void)state;
    for (cut.count = 4; cut.count < packed.count; cut.count++) {
        enum boot_error error = unpack(cut, &found);
        assert_true(error == E_LZ4_HEADER || error == E_LZ4_DATA);
        free(found.bytes);
    }
    for (uint32_t bit = 32; bit < 8 * packed.count; bit++) {
        packed.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(unpack(packed, &found), BOOT_OK);
        packed.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        free(found.bytes);
    }
    packed.bytes[packed.count - 1] ^= 1;
    assert_error(packed, E_LZ4_CHECKSUM);
    assert_string_equal(error_details[0].name, "byte");
    assert_int_equal(error_details[0].value, packed.count);
    free(packed.bytes), free(content.bytes);
}

/* The values that the specification's own implementation gives. */
static void hashes(void **state) {
    (void)state;
    assert_int_equal(xxhash32("", 0), 0x02CC5D05);
    assert_int_equal(xxhash32("a", 1), 0x550D7456);
    assert_int_equal(xxhash32("abc", 3), 0x32D153FF);
    assert_int_equal(xxhash32("Nobody inspects the spammish repetition", 39), 0xE2293B2F);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),
        cmocka_unit_test(headers),
        cmocka_unit_test(other_formats),
        cmocka_unit_test(damaged_blocks),
        cmocka_unit_test(matches),
        cmocka_unit_test(short_sequences),
        cmocka_unit_test(long_blocks),
        cmocka_unit_test(lengths_out_of_measure),
        cmocka_unit_test(any_damage),
        cmocka_unit_test(what_the_tool_makes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
