/*
 * fuzz_config.c: any bytes as BOOT.CFG.
 */
#include <stddef.h>

#include "config.h"
#include "no_disk.h"

static void warn(uint32_t line) {
    (void)line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    config_parse((const char *)data, (uint32_t)size, warn);
    return 0;
}
