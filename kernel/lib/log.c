/*
 * log.c: a ring: the newest character takes the place of the oldest.
 */
#include <lib/log.h>

static char kept[LOG_BYTES];
static uint32_t written; /* so far */

void log_putc(char c) {
    kept[written++ % LOG_BYTES] = c;
}

uint32_t log_length(void) {
    return written < LOG_BYTES ? written : LOG_BYTES;
}

char log_at(uint32_t index) {
    return kept[(written - log_length() + index) % LOG_BYTES];
}
