/*
 * fault.h: faults on purpose. fault.c has the table, provoke_*.c the code that does it.
 *
 * Each function provokes what its row of the table names. Most never come back: the fault report
 * ends in a halt. One that does come back was not stopped by this machine.
 */
#ifndef MONITOR_FAULT_H
#define MONITOR_FAULT_H

/* Exceptions of instructions: provoke_exception.c. */
void provoke_de(void);
void provoke_db(void);
void provoke_bp(void);
void provoke_of(void);
void provoke_br(void);
void provoke_ud(void);
void provoke_nm(void);
void provoke_mf(void);

/* Faults of segments, gates and tasks: provoke_segment.c. */
void provoke_df(void);
void provoke_ts(void);
void provoke_np(void);
void provoke_ss(void);
void provoke_gp(void);
void provoke_gate(void);
void provoke_null_selector(void);
void provoke_limit(void);

/* Page faults: provoke_page.c. */
void provoke_pf_read(void);
void provoke_pf_write(void);
void provoke_pf_exec(void);
void provoke_pf_jump(void);
void provoke_pf_null(void);
void provoke_pf_reserved(void);
void provoke_wp(void);
void provoke_text(void);
void provoke_vmalloc(void);
void provoke_stack_overflow(void);
void provoke_task_stack(void);

/* The kernel's own end. */
void provoke_panic(void);

#endif
