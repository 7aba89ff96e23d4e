/*
 * fuzz_cpio.c: damaged initrds. Whatever is in one: no access outside of it, every frame and object comes
 * back, no name that a path cannot have, and memory for no more than the archive holds.
 *
 * The first byte says whether the rest is the archive as it is, or the fields of entries that are put
 * together to one: so the fuzzer gets behind the headers.
 */
#include "cmocka_test.h"

#include "file_machine.h"
#include <fs/cpio.h>
#include <fs/initrd.h>

#define ARCHIVE_MAX (1 << 16)

static uint8_t archive[ARCHIVE_MAX];
static uint32_t archive_bytes, released;

bool initrd_read(uint32_t offset, void *to, uint32_t bytes) {
    if (offset > archive_bytes || bytes > archive_bytes - offset) abort(); /* outside */
    if (bytes && offset < released / PAGE_SIZE * PAGE_SIZE) abort();       /* given back already */
    memcpy(to, archive + offset, bytes);
    return true;
}

void initrd_release(uint32_t offset) {
    if (offset > archive_bytes || offset < released) abort();
    released = offset;
}

/* ---- archives put together from few bytes ---- */

static const uint32_t modes[] = {S_IFREG | 0644, S_IFDIR | 0755, S_IFLNK | 0777, S_IFCHR | 0600,
                                 S_IFIFO | 0600, S_IFBLK | 0600, 0, 0170000};
static const char *const names[] = {"a", "b", "a/b", "a/c", "../a", "/a/b/", ".", "TRAILER!!!",
                                    "", "a/", "b/x", "..", "//", "a/b/c", "dd", "e"};

static void put(const void *bytes, uint32_t count) {
    if (count > ARCHIVE_MAX - archive_bytes) return;
    memcpy(archive + archive_bytes, bytes, count);
    archive_bytes += count;
}

static void align(void) {
    while (archive_bytes % 4) put("", 1);
}

/* Five bytes an entry: name, mode, size, inode, damage. */
static void put_entry(const uint8_t *say) {
    char header[111];
    uint8_t contents[256];
    const char *name = names[say[0] % 16];
    uint32_t size = (say[1] >> 4) * 16u + (say[2] & 15);

    memset(contents, say[2], sizeof contents);
    if (modes[say[1] % 8] >> 12 == S_IFLNK >> 12) {
        const char *target = names[say[2] % 16];
        size = (uint32_t)strlen(target);
        memcpy(contents, target, size);
    }
    (snprintf)(header, sizeof header, "07070%c%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
               say[4] & 1 ? '2' : '1', say[3] & 7, modes[say[1] % 8], 0, 0, say[3] >> 4, 0, size, 0, 0,
               0, 0, (unsigned)strlen(name) + 1, size * say[2]);
    if (say[4] > 0xF0) header[say[3] % 110] = (char)say[4];
    put(header, 110);
    put(name, (uint32_t)strlen(name) + 1);
    align();
    put(contents, size);
    align();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > ARCHIVE_MAX) return 0;
    archive_bytes = released = 0;
    if (data[0] & 1)
        put(data + 2, (uint32_t)size - 2);
    else
        for (size_t at = 2; at + 5 <= size; at += 5) put_entry(data + at);

    files_start();
    if (data[0] & 2) allocations_until_failure = data[1];
    cpio_unpack(archive_bytes);
    allocations_until_failure = 0;
    if (frames_in_use > archive_bytes / 110 + 1) abort(); /* no entry is shorter than its header */
    files_stop();
    return 0;
}
