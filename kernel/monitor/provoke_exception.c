/*
 * provoke_exception.c: exceptions that single instructions raise. SDM 3A §6.15.
 */
#include <cpu/control.h>
#include <monitor/fault.h>
#include <stdint.h>

/* DIV by zero. */
void provoke_de(void) {
    __asm__ volatile("xorl %%edx, %%edx\n\t"
                     "xorl %%ecx, %%ecx\n\t"
                     "divl %%ecx" ::: "eax", "ecx", "edx", "cc");
}

/* With TF set, the processor traps after the next instruction. */
void provoke_db(void) {
    __asm__ volatile("pushfl\n\t"
                     "orl $0x100, (%%esp)\n\t"
                     "popfl\n\t"
                     "nop" ::: "memory", "cc");
}

void provoke_bp(void) {
    __asm__ volatile("int3");
}

/* 7FFFFFFF + 1 overflows; INTO looks at OF. */
void provoke_of(void) {
    __asm__ volatile("movl $0x7fffffff, %%eax\n\t"
                     "addl $1, %%eax\n\t"
                     "into" ::: "eax", "cc");
}

/* Index 5 in an array with the bounds 0 and 3. */
void provoke_br(void) {
    static const int32_t bounds[2] = {0, 3};
    __asm__ volatile("boundl %0, %1" : : "r"(5), "m"(bounds));
}

void provoke_ud(void) {
    __asm__ volatile("ud2");
}

/* CR0.TS says that the x87 registers belong to another task. */
void provoke_nm(void) {
    write_cr0(read_cr0() | CR0_TS);
    __asm__ volatile("fnop");
}

/* Unmask the zero-divide exception, divide 1 by 0; it is reported at the next x87 instruction. */
void provoke_mf(void) {
    uint16_t control = 0x037F & ~0x0004;
    write_cr0((read_cr0() & ~(CR0_TS | CR0_EM)) | CR0_NE);
    __asm__ volatile("fninit\n\t"
                     "fldcw %0\n\t"
                     "fld1\n\t"
                     "fldz\n\t"
                     "fdivrp\n\t"
                     "fwait" : : "m"(control));
}
