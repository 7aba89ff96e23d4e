/*
 * div64.c: division of 64-bit numbers, which the compiler calls by these names (libgcc's own expects
 * its arguments on the stack). DIV divides 64 bits by 32 (SDM 2A); by more, the divisor is known to
 * have more than 32 bits, so the quotient has less, and is found bit by bit.
 */
#include <stdint.h>

uint64_t __udivdi3(uint64_t number, uint64_t by);
uint64_t __umoddi3(uint64_t number, uint64_t by);
uint64_t __udivmoddi4(uint64_t number, uint64_t by, uint64_t *rest);
int64_t __divdi3(int64_t number, int64_t by);
int64_t __moddi3(int64_t number, int64_t by);

/* high:low / by, where high < by, so that the quotient has 32 bits. */
static uint32_t divide(uint32_t high, uint32_t low, uint32_t by, uint32_t *rest) {
    uint32_t quotient;
    __asm__("divl %4" : "=a"(quotient), "=d"(*rest) : "0"(low), "1"(high), "rm"(by));
    return quotient;
}

static uint64_t divide_by_word(uint64_t number, uint32_t by, uint64_t *rest) {
    uint32_t high = (uint32_t)(number >> 32), left;
    uint32_t quotient_high = high / by;
    uint32_t quotient_low = divide(high % by, (uint32_t)number, by, &left);

    *rest = left;
    return (uint64_t)quotient_high << 32 | quotient_low;
}

static uint64_t divide_by_more(uint64_t number, uint64_t by, uint64_t *rest) {
    uint64_t quotient = 0;
    unsigned shift = (unsigned)__builtin_clz((uint32_t)(by >> 32));

    for (by <<= shift;; by >>= 1) {
        quotient <<= 1;
        if (number >= by) {
            number -= by;
            quotient |= 1;
        }
        if (shift-- == 0) break;
    }
    *rest = number;
    return quotient;
}

uint64_t __udivmoddi4(uint64_t number, uint64_t by, uint64_t *rest) {
    if (by >> 32) return divide_by_more(number, by, rest);
    return divide_by_word(number, (uint32_t)by, rest);
}

uint64_t __udivdi3(uint64_t number, uint64_t by) {
    uint64_t rest;
    return __udivmoddi4(number, by, &rest);
}

uint64_t __umoddi3(uint64_t number, uint64_t by) {
    uint64_t rest;
    __udivmoddi4(number, by, &rest);
    return rest;
}

static uint64_t magnitude(int64_t number) {
    return number < 0 ? -(uint64_t)number : (uint64_t)number;
}

int64_t __divdi3(int64_t number, int64_t by) {
    uint64_t quotient = __udivdi3(magnitude(number), magnitude(by));
    return (int64_t)((number < 0) == (by < 0) ? quotient : -quotient);
}

int64_t __moddi3(int64_t number, int64_t by) {
    uint64_t rest = __umoddi3(magnitude(number), magnitude(by));
    return (int64_t)(number < 0 ? -rest : rest);
}
