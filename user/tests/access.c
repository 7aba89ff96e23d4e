/*
 * access.c: what ring 3 must not do: each ends in the signal, code and address that Linux gives.
 */
#include "test.h"

static const int constant = 3;

void test_null_read(void) {
    SAME(try_read(0), MAPERR);
    SAME(last_signal.address, 0);
    SAME(last_registers.trapno, 14);
    SAME(last_registers.error, 4); /* not present, read, from ring 3 */
}

void test_null_write(void) {
    SAME(try_write(12), MAPERR);
    SAME(last_signal.address, 12);
    SAME(last_registers.error, 6);
    SAME(last_registers.cr2, 12);
}

void test_null_call(void) {
    SAME(try_call(0), MAPERR);
    SAME(last_registers.eip, 0);
}

void test_unmapped_read(void) {
    SAME(try_read(0x10000000), MAPERR);
    SAME(last_signal.address, 0x10000000);
}

void test_kernel_read(void) {
    for (uint32_t at = kernel_start(); at >= kernel_start(); at += 0x00ABC000)
        SAME(try_read(at), MAPERR); /* as if nothing were there */
    SAME(try_read(0xFFFFFFFF), MAPERR);
}

void test_kernel_write(void) {
    SAME(try_write(kernel_start()), MAPERR);
    SAME(try_write(kernel_start() + 0x1000), MAPERR);
    SAME(last_signal.address, kernel_start() + 0x1000);
    SAME(try_write(0xFFFFFFFF), MAPERR);
}

void test_kernel_call(void) {
    SAME(try_call(kernel_start() + 0x100), MAPERR);
    SAME(last_registers.eip, kernel_start() + 0x100);
}

void test_word_across_kernel_start(void) {
    uint32_t last = kernel_start() - 2;
    CHECK(try_read(last) == MAPERR || try_read(last) == NO_FAULT);
    int32_t child = WORKS(fork());
    if (!child) {
        handle(SIGSEGV, SIG_DFL, 0);
        (void)*words_at(last);
        _exit(0);
    }
    SAME(ended(child), KILLED(SIGSEGV));
}

void test_write_to_code(void) {
    SAME(try_write((uint32_t)test_write_to_code), ACCERR);
    SAME(last_signal.address, (uint32_t)test_write_to_code);
    SAME(last_registers.error, 7); /* present, write, from ring 3 */
}

void test_write_to_constant(void) {
    SAME(try_write((uint32_t)&constant), ACCERR);
}

void test_execute_data(void) {
    if (!has_nx()) skip("this machine cannot forbid execution");
    static uint8_t ret[1] = {0xC3};
    SAME(try_call((uint32_t)ret), ACCERR);
    SAME(last_signal.address, (uint32_t)ret);
}

void test_execute_stack(void) {
    if (!has_nx()) skip("this machine cannot forbid execution");
    volatile uint8_t ret[1] = {0xC3};
    SAME(try_call((uint32_t)ret), ACCERR);
}

#define CODE(name, text)        \
    static void name(void) {    \
        __asm__ volatile(text); \
    }
CODE(do_hlt, "hlt")
CODE(do_cli, "cli")
CODE(do_in, "in $0x60, %al")
CODE(do_out, "out %al, $0x80")
CODE(do_cr0, "mov %cr0, %eax")
CODE(do_cr3, "mov %eax, %cr3")
CODE(do_lgdt, "lgdt 0")
CODE(do_int14, "int $14")
CODE(do_int13, "int $13")
CODE(do_segment, "mov $0xfffb, %eax\n mov %eax, %fs")
CODE(do_far_jump, "ljmp $8, $1f\n 1:")
CODE(do_divide, "xor %edx, %edx\n mov $1, %eax\n xor %ecx, %ecx\n div %ecx")
CODE(do_ud2, "ud2")
CODE(do_int3, "int3")
CODE(do_wrmsr, "wrmsr")
CODE(do_invlpg, "invlpg 0")

static volatile uint32_t selector;
static void do_selector(void) {
    __asm__ volatile("mov %0, %%fs" ::"r"(selector));
}

void test_privileged_instructions(void) {
    SAME(try_code(do_hlt), GENERAL);
    SAME(try_code(do_cli), GENERAL);
    SAME(try_code(do_cr0), GENERAL);
    SAME(try_code(do_cr3), GENERAL);
    SAME(try_code(do_lgdt), GENERAL);
    SAME(try_code(do_wrmsr), GENERAL);
    SAME(try_code(do_invlpg), GENERAL);
    SAME(last_registers.trapno, 13);
}

void test_ports(void) {
    SAME(try_code(do_in), GENERAL);
    SAME(try_code(do_out), GENERAL);
}

void test_software_interrupts(void) {
    SAME(try_code(do_int14), GENERAL); /* not a page fault: the gate is not for ring 3 */
    SAME(try_code(do_int13), GENERAL);
}

void test_bad_segment(void) {
    SAME(try_code(do_segment), GENERAL);
}

/* Data of ring 0 is 10h here, 68h on Linux; the other one is no segment. RPL 0 gives no rights. */
void test_kernel_data_segment(void) {
    static const uint32_t selectors[] = {0x10, 0x13, 0x68, 0x6B};
    for (uint32_t i = 0; i < sizeof selectors / sizeof selectors[0]; i++) {
        selector = selectors[i];
        SAME(try_code(do_selector), GENERAL);
        SAME(last_registers.error, selectors[i] & ~3u);
    }
}

/* Not a far return: QEMU 7.2 reads its stack as ring 0 does, which with SMAP faults for ever. */
void test_kernel_code_segment(void) {
    SAME(try_code(do_far_jump), GENERAL);
    SAME(last_registers.error, 8);
}

void test_divide_by_zero(void) {
    SAME(try_code(do_divide), FAULT(SIGFPE, FPE_INTDIV));
    SAME(last_signal.address, last_registers.eip);
    SAME(last_registers.trapno, 0);
}

void test_undefined_instruction(void) {
    SAME(try_code(do_ud2), FAULT(SIGILL, ILL_ILLOPN));
    SAME(last_signal.address, last_registers.eip);
}

void test_breakpoint(void) {
    SAME(try_code(do_int3), FAULT(SIGTRAP, SI_KERNEL));
    SAME(*bytes_at(last_registers.eip - 1), 0xCC); /* a trap: EIP is behind it */
}

static void single_step(void) {
    __asm__ volatile("pushf\n orl $0x100, (%%esp)\n popf\n nop\n nop" ::: "memory", "cc");
}

void test_single_step(void) {
    SAME(try_code(single_step), FAULT(SIGTRAP, 2)); /* TRAP_TRACE */
}

/* Without a handler: the end of the process. */
static void read_null(void) {
    (void)*words_at(0);
}
static void write_code(void) {
    *words_at((uint32_t)write_code) = 0;
}
static void read_kernel(void) {
    (void)*words_at(kernel_start());
}

void test_ends_by_signal(void) {
    SAME(end_of(read_null), KILLED(SIGSEGV));
    SAME(end_of(write_code), KILLED(SIGSEGV));
    SAME(end_of(read_kernel), KILLED(SIGSEGV));
    SAME(end_of(do_hlt), KILLED(SIGSEGV));
    SAME(end_of(do_divide), KILLED(SIGFPE));
    SAME(end_of(do_ud2), KILLED(SIGILL));
    SAME(end_of(do_int3), KILLED(SIGTRAP));
}

void test_flags_are_clean(void) {
    /* Direction and alignment flags of a program do not disturb the kernel. */
    char text[8] = "abcdefg";
    int fd = make_file("/tmp/flags", 0);
    __asm__ volatile("std");
    int32_t wrote = write(fd, text, 7);
    __asm__ volatile("cld");
    SAME(wrote, 7);
    SAME(pread(fd, text, 7, 0), 7);
    CHECK(!memcmp(text, "abcdefg", 7));
    WORKS(unlink("/tmp/flags"));
}

void test_fault_keeps_registers(void) {
    /* A page comes in behind the program's back: nothing else changes. */
    uint32_t at = map_pages(1), b = 0x11111111, c = 0x22222222, d = 0x33333333, flags_before, flags;
    __asm__ volatile("stc\n pushf\n pop %3\n movl $5, (%5)\n pushf\n pop %4"
                     : "+b"(b), "+c"(c), "+d"(d), "=&S"(flags_before), "=&a"(flags)
                     : "D"(at)
                     : "memory", "cc");
    SAME(b, 0x11111111);
    SAME(c, 0x22222222);
    SAME(d, 0x33333333);
    SAME(flags, flags_before);
    SAME(*words_at(at), 5);
}
