/*
 * line.h: one line from the keyboard or COM1, with editing and history.
 */
#ifndef MONITOR_LINE_H
#define MONITOR_LINE_H

/* With the prompt in front, a line never reaches column 80: nothing wraps, so moving the cursor
 * needs nothing but backspaces, which VGA and every terminal understand alike. */
#define LINE_MAX 69 /* bytes, with the final NUL */

/*
 * Reads a line into `line`, echoing it. Enter ends it; control-C answers an empty line.
 * Keys: left, right, home, end, backspace, delete, up and down for history; control-A, -E, -B, -F
 * (start, end, left, right), -D (delete), -H, -K (cut to the end), -U (cut to the start),
 * -P, -N (history).
 */
void line_read(char line[LINE_MAX]);

#endif
