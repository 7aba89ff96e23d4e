/*
 * fat_volume.h: small FAT volumes that are good, for the fuzzers to damage.
 */
#ifndef FAT_VOLUME_H
#define FAT_VOLUME_H

#include <stdint.h>
#include <string.h>

#define SECTORS 4000
#define SECTOR 512
#define VOLUME_BYTES 0x10000 /* of which there is content */
#define CLUSTER SECTOR
#define ROOT_SECTORS 2

static void put(uint8_t *at, uint32_t value, int bytes) {
    for (int i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> 8 * i);
}

static void put_entry(uint8_t *fat, int bits, uint32_t cluster, uint32_t next) {
    if (bits == 32) {
        put(fat + 4 * cluster, next, 4);
        return;
    }
    uint8_t *at = fat + cluster + cluster / 2;
    uint32_t both = at[0] | at[1] << 8;
    next &= 0xFFF;
    put(at, cluster & 1 ? (both & 0xF) | next << 4 : (both & 0xF000) | next, 2);
}

static void put_name(uint8_t *entry, const char *name, uint8_t attributes, uint32_t cluster,
                     uint32_t bytes) {
    memcpy(entry, name, 11);
    entry[11] = attributes;
    put(entry + 26, cluster, 2);
    put(entry + 28, bytes, 4);
}

/* The entries of a long name in ASCII, for an entry with this short name; answers how many. */
static uint32_t put_long_name(uint8_t *entries, const char *name, const char *short_name) {
    static const uint8_t place[13] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    uint32_t length = (uint32_t)strlen(name), parts = (length + 12) / 13;
    uint8_t sum = 0;

    for (int i = 0; i < 11; i++) sum = (uint8_t)((sum & 1) << 7 | sum >> 1) + (uint8_t)short_name[i];
    for (uint32_t part = 0; part < parts; part++) {
        uint8_t *entry = entries + 32 * (parts - 1 - part);
        entry[0] = (uint8_t)((part + 1) | (part + 1 == parts ? 0x40 : 0));
        entry[11] = 0x0F, entry[12] = 0, entry[13] = sum;
        put(entry + 26, 0, 2);
        for (uint32_t i = 0; i < 13; i++) {
            uint32_t at = part * 13 + i;
            put(entry + place[i], at < length ? (uint8_t)name[at] : at == length ? 0 : 0xFFFF, 2);
        }
    }
    return parts;
}

#define LONG_NAME "a long name, really.txt"

/* BOOT/ in cluster 3; BOOT.CFG in 4, 5, 8, 9, 6; A, of one cluster and a bit, in the root; in BOOT also
 * LONG_NAME, in 7, and SUB/, in 12, with B, in 13. */
static void make_volume(uint8_t *out, int bits) {
    static const uint8_t chain[] = {4, 5, 8, 9, 6};
    uint32_t fat_sectors = bits == 32 ? 32 : 12, root_sectors = bits == 32 ? 0 : ROOT_SECTORS;
    uint8_t *fat = out + SECTOR, *data = fat + (2 * fat_sectors + root_sectors) * SECTOR;
    uint8_t *root = bits == 32 ? data : fat + 2 * fat_sectors * SECTOR;

    for (uint32_t i = 0; i < VOLUME_BYTES; i++) out[i] = (uint8_t)(i * 7 + i / 256);
    memset(out, 0, (size_t)(data - out) + 2 * CLUSTER);
    out[0] = 0xEB, out[2] = 0x90, out[13] = 1, out[14] = 1, out[16] = 2, out[510] = 0x55, out[511] = 0xAA;
    put(out + 11, SECTOR, 2);
    put(out + 17, root_sectors * SECTOR / 32, 2);
    put(out + 19, SECTORS, 2);
    put(out + (bits == 32 ? 36 : 22), fat_sectors, 2);
    put(out + 44, bits == 32 ? 2 : 0, 4);
    put_entry(fat, bits, 2, 0x0FFFFFFF);
    put_entry(fat, bits, 3, 0x0FFFFFFF);
    for (unsigned i = 0; i < sizeof chain; i++)
        put_entry(fat, bits, chain[i], i + 1 < sizeof chain ? chain[i + 1] : 0x0FFFFFFF);
    put_entry(fat, bits, 10, 11);
    put_entry(fat, bits, 11, 0x0FFFFFFF);
    put_entry(fat, bits, 7, 0x0FFFFFFF);
    put_entry(fat, bits, 12, 0x0FFFFFFF);
    put_entry(fat, bits, 13, 0x0FFFFFFF);
    memcpy(fat + fat_sectors * SECTOR, fat, fat_sectors * SECTOR);
    put_name(root, "BOOT       ", 0x10, 3, 0);
    put_name(root + 32, "A          ", 0, 10, CLUSTER + 7);
    put_name(data + CLUSTER, "BOOT    CFG", 0, 4, sizeof chain * CLUSTER - 9);
    uint8_t *next = data + CLUSTER + 32;
    next += 32 * put_long_name(next, LONG_NAME, "ALONGN~1TXT");
    put_name(next, "ALONGN~1TXT", 0, 7, 300);
    put_name(next + 32, "SUB        ", 0x10, 12, 0);
    memset(data + 10 * CLUSTER, 0, CLUSTER);
    put_name(data + 10 * CLUSTER, "B          ", 0, 13, 100);
}

#endif
