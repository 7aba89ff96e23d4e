/*
 * failalloc.c: which call fails: one by its number, or one from a place where none has failed yet.
 */
#include <boot/boot.h>
#include <cpu/stack.h>
#include <lib/irq.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/failalloc.h>
#include <mm/slab_debug.h>

#define DEPTH 12    /* calls that make a place */
#define PLACES 1024 /* a power of two */

unsigned failalloc_armed;

static uint32_t left;  /* calls until one fails; 0: look at places */
static bool all_after; /* one has failed: so do the others */
static bool has_failed;

static struct place {
    uint32_t number; /* 0: none */
    uint32_t run;    /* in which `calls` were counted */
    unsigned calls, failed;
} places[PLACES];
static uint32_t run;

static void start(uint32_t n, bool all) {
    left = n;
    all_after = all;
    has_failed = false;
    run++;
    failalloc_armed = 1;
    slab_watched = true;
}

void failalloc_nth(uint32_t n, bool all) {
    start(n, all);
}

void failalloc_new_place(bool all) {
    start(0, all);
}

void failalloc_forget_places(void) {
    memset(places, 0, sizeof places);
}

bool failalloc_stop(void) {
    failalloc_armed = 0;
    slab_watched = slab_debug;
    return has_failed;
}

void failalloc_init(void) {
    char value[16];
    uint64_t n = 0; /* the option has room for 15 digits */
    if (!cmdline_option("failalloc", value, sizeof value)) return;

    const char *digit = value;
    for (; *digit >= '0' && *digit <= '9'; digit++) n = n * 10 + (uint64_t)(*digit - '0');
    if (n > UINT32_MAX) pr_warn("failalloc: there are no %llu calls: refused\n", n);
    else if (n) failalloc_nth((uint32_t)n, *digit == '+');
}

/* The callers of this function's caller as one number: FNV-1a over their return addresses. */
static uint32_t number_of_place(void) {
    const uint32_t *frame = __builtin_frame_address(0); /* [0]: the caller's, [1]: return address */
    uint32_t number = 2166136261u;

    for (unsigned i = 0; i < DEPTH && stack_of((uint32_t)frame); i++) {
        number = (number ^ frame[1]) * 16777619u;
        frame = (const uint32_t *)frame[0];
    }
    return number ? number : 1;
}

/* The entry of this place, or a new one; a null pointer if the table is full. */
static struct place *find_place(uint32_t number) {
    for (uint32_t i = 0; i < PLACES; i++) {
        struct place *place = &places[(number + i) % PLACES];
        if (place->number == 0) *place = (struct place){.number = number, .run = run};
        if (place->number == number) return place;
    }
    return NULL;
}

static bool is_new_place(void) {
    struct place *place = find_place(number_of_place());
    if (!place) return false;

    if (place->run != run) place->calls = 0;
    place->run = run;
    place->calls++;
    if (place->failed == FAILALLOC_TIMES || place->calls <= place->failed) return false;
    place->failed++;
    return true;
}

bool failalloc(void) {
    uint32_t eflags = irq_save();
    bool fails = false;
    if (has_failed)
        fails = all_after;
    else
        fails = has_failed = left ? --left == 0 : is_new_place();
    irq_restore(eflags);
    return fails;
}
