/*
 * test.h: what the cases of the suite share. A case is a function test_<name>(), with a line in
 * cases.def. It runs in a process of its own; the first check that does not hold says what it saw,
 * and ends that process.
 */
#ifndef TEST_H
#define TEST_H

#include "lib.h"

/* Holds `condition`? */
#define CHECK(condition) test_check((condition), #condition, __FILE__, __LINE__)

/* Is `got` the same number as `want`? Says both if not. */
#define SAME(got, want) test_same((int64_t)(got), (int64_t)(want), #got, #want, __FILE__, __LINE__)

/* A system call that has to fail with this error. */
#define FAILS(call, error) \
    test_same((int32_t)(call), -(error), #call, "-" #error, __FILE__, __LINE__)

/* One that must not fail; its answer. */
#define WORKS(call) test_works((int32_t)(call), #call, __FILE__, __LINE__)

void test_check(bool holds, const char *text, const char *file, int line);
void test_same(int64_t got, int64_t want, const char *got_text, const char *want_text,
               const char *file, int line);
int32_t test_works(int32_t answer, const char *text, const char *file, int line);

/* ---- children ---- */

/* How a child ended: EXITED(status) or KILLED(signal). Waits for it. */
#define EXITED(status) ((status) << 8)
#define KILLED(signal) (signal)
int ended(int32_t pid);

/* How a child that runs `body` ends. */
int end_of(void (*body)(void));

/* Runs this program again, as "tests --role argument": roles.c. How that ended. */
int end_of_role(const char *role, const char *argument);
int role(int argc, char **argv);
extern const char *self; /* the path of this program */

/* ---- memory ---- */

/* Private, anonymous, readable and writable. */
uint32_t map_pages(uint32_t pages);

/* What comes of touching an address: 0, or the signal and its si_code. */
#define NO_FAULT 0
#define FAULT(signal, code) ((signal) << 8 | (code))
#define MAPERR FAULT(SIGSEGV, SEGV_MAPERR) /* nothing is there */
#define ACCERR FAULT(SIGSEGV, SEGV_ACCERR) /* something is there, but not for this access */
#define BUSERR FAULT(SIGBUS, BUS_ADRERR)   /* the file ends before this page */
#define GENERAL FAULT(SIGSEGV, SI_KERNEL)  /* #GP */
int try_read(uint32_t address);
int try_write(uint32_t address);
int try_call(uint32_t address); /* there has to be a RET */
int try_code(void (*code)(void));
extern volatile struct siginfo last_signal; /* of the last of these that faulted */
extern volatile struct sigcontext last_registers;

volatile uint8_t *bytes_at(uint32_t address);
volatile uint32_t *words_at(uint32_t address);
bool is_resident(uint32_t address); /* mincore() */
uint32_t minor_faults(void);        /* getrusage() */
uint32_t kernel_start(void);        /* the first address that is not a program's */
bool has_nx(void);                  /* can memory be readable and not executable here? */

/* The line of /proc/self/maps that has this address: its rights ("rw-p"), or "" if there is none;
 * `start` and `end` may be null pointers. */
const char *area_of(uint32_t address, uint32_t *start, uint32_t *end);
uint32_t count_areas(uint32_t start, uint32_t end); /* lines that lie in this range */

/* ---- files ---- */

#define PATTERN(offset) ((uint8_t)((offset)*7 + ((offset) >> 8) + 1))
int make_file(const char *path, uint32_t bytes); /* of PATTERN; open for reading and writing */

/* ---- signals ---- */

extern volatile int caught;      /* how often note_signal() was called */
extern volatile int last_caught; /* with which signal */
void note_signal(int signal);

/* This case cannot be tried here: ends it, and says why. */
void skip(const char *why);

#endif
