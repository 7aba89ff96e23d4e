/*
 * line_discipline.h: what a terminal does between its keys and the program: it edits lines, echoes,
 * and makes signals of keys such as Ctrl+C (termios(3)). It knows neither tasks nor devices: what
 * goes out it hands to tty_put(), signals to tty_signal().
 *
 * Keys come from interrupt handlers, so all of these are called with interrupts off.
 */
#ifndef DEV_LINE_DISCIPLINE_H
#define DEV_LINE_DISCIPLINE_H

#include <dev/termios.h>
#include <stdbool.h>

#define INPUT_SIZE 4096u /* bytes that may wait to be read, as in Linux */
#define INPUT_EOF 0x100u    /* in an entry: the end of a file was typed, no byte */
#define INPUT_END 0x200u    /* the end of a line, which can be read now */

/* Counted since the start: read <= complete <= typed. What lies behind `complete` is a line that is
 * still being edited. */
struct line_discipline {
    struct termios termios;
    uint32_t read, complete, typed;
    uint32_t lines;      /* ends of lines between read and complete */
    uint32_t column;     /* of the cursor, as far as output goes */
    uint32_t line_column; /* where the line that is being edited began */
    bool stopped;        /* by Ctrl+S */
    bool literal;        /* Ctrl+V: the next key is only a byte */
    uint16_t input[INPUT_SIZE];
};

void line_init(struct line_discipline *line);

/* A byte that was typed. */
void line_receive(struct line_discipline *line, uint8_t byte);

/* Sends a byte of a program, as oflag says. */
void line_output(struct line_discipline *line, uint8_t byte);

/* Bytes that can be read now; of all lines, in canonical mode. */
uint32_t line_readable(const struct line_discipline *line);
/* Is there a line, or in raw mode a byte? */
bool line_ready(const struct line_discipline *line);

/* Takes up to `bytes`, one line at most in canonical mode; answers how many. `end`: the line, or the
 * file, ends with them. */
uint32_t line_take(struct line_discipline *line, uint8_t *to, uint32_t bytes, bool *end);

/* Forgets what was typed. */
void line_flush(struct line_discipline *line);

/* New settings; what was typed stays. */
void line_set(struct line_discipline *line, const struct termios *termios);

/* Who has the line discipline provides these: where bytes go, and signals. */
void tty_put(struct line_discipline *line, uint8_t byte);
void tty_signal(struct line_discipline *line, unsigned signal);

#endif
