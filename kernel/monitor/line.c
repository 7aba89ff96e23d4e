/*
 * line.c: the line editor of the monitor. The screen is kept in step with nothing but printed
 * characters and backspaces, so that VGA and a serial terminal show the same.
 */
#include <dev/console.h>
#include <dev/input.h>
#include <lib/string.h>
#include <monitor/line.h>

#define CONTROL(letter) ((letter) & 0x1F)
#define DELETE_CHAR 0x7F /* what most terminals send for backspace */
#define HISTORY_LINES 16

struct editor {
    char *text;      /* always NUL-terminated */
    unsigned length; /* characters in it */
    unsigned cursor; /* index in it, and so the column behind the prompt */
    unsigned recall; /* lines back in history; 0 is the line being typed */
};

static char history[HISTORY_LINES][LINE_MAX];
static unsigned history_count; /* lines ever entered; line n is at n % HISTORY_LINES */

static void edit(struct editor *ed, int key);
static void insert(struct editor *ed, char c);
static void erase(struct editor *ed, unsigned from, unsigned to);
static void move(struct editor *ed, unsigned to);
static void recall(struct editor *ed, int back);
static void remember(const char *line);

void line_read(char line[LINE_MAX]) {
    struct editor ed = {.text = line};
    line[0] = 0;

    for (;;) {
        int key = input_key();
        if (key == '\r' || key == '\n') {
            console_putc('\n');
            remember(line);
            return;
        }
        if (key == CONTROL('c')) {
            console_write("^C\n");
            line[0] = 0;
            return;
        }
        edit(&ed, key);
    }
}

static void edit(struct editor *ed, int key) {
    unsigned left = ed->cursor ? ed->cursor - 1 : 0;
    unsigned right = ed->cursor < ed->length ? ed->cursor + 1 : ed->length;

    switch (key) {
    case KEY_LEFT:
    case CONTROL('b'): move(ed, left); break;
    case KEY_RIGHT:
    case CONTROL('f'): move(ed, right); break;
    case KEY_HOME:
    case CONTROL('a'): move(ed, 0); break;
    case KEY_END:
    case CONTROL('e'): move(ed, ed->length); break;
    case KEY_UP:
    case CONTROL('p'): recall(ed, 1); break;
    case KEY_DOWN:
    case CONTROL('n'): recall(ed, -1); break;
    case '\b':
    case DELETE_CHAR: erase(ed, left, ed->cursor); break;
    case KEY_DELETE:
    case CONTROL('d'): erase(ed, ed->cursor, right); break;
    case CONTROL('k'): erase(ed, ed->cursor, ed->length); break;
    case CONTROL('u'): erase(ed, 0, ed->cursor); break;
    default:
        if (key >= ' ' && key < DELETE_CHAR) insert(ed, (char)key);
    }
}

/* Prints the text from the cursor on, blanks over `stale` characters that were behind it, and
 * brings the cursor back. */
static void redraw(const struct editor *ed, unsigned stale) {
    unsigned printed = ed->length - ed->cursor + stale;
    console_write(ed->text + ed->cursor);
    while (stale--) console_putc(' ');
    while (printed--) console_putc('\b');
}

static void insert(struct editor *ed, char c) {
    if (ed->length == LINE_MAX - 1) return;
    memmove(ed->text + ed->cursor + 1, ed->text + ed->cursor, ed->length - ed->cursor + 1);
    ed->text[ed->cursor] = c;
    ed->length++;
    console_putc(c);
    ed->cursor++;
    redraw(ed, 0);
}

/* Removes the characters [from, to). */
static void erase(struct editor *ed, unsigned from, unsigned to) {
    memmove(ed->text + from, ed->text + to, ed->length - to + 1);
    move(ed, from);
    ed->length -= to - from;
    redraw(ed, to - from);
}

static void move(struct editor *ed, unsigned to) {
    for (; ed->cursor > to; ed->cursor--) console_putc('\b');
    for (; ed->cursor < to; ed->cursor++) console_putc(ed->text[ed->cursor]);
}

/* Replaces the line by an older (back = 1) or newer (-1) one; past the newest comes an empty one. */
static void recall(struct editor *ed, int back) {
    unsigned oldest = history_count < HISTORY_LINES ? history_count : HISTORY_LINES;
    if (back > 0 ? ed->recall == oldest : ed->recall == 0) return;
    ed->recall += (unsigned)back;

    move(ed, ed->length);
    erase(ed, 0, ed->length);
    if (ed->recall)
        strlcpy(ed->text, history[(history_count - ed->recall) % HISTORY_LINES], LINE_MAX);
    ed->length = (unsigned)strlen(ed->text);
    console_write(ed->text);
    ed->cursor = ed->length;
}

/* Empty lines and repetitions of the last line are not kept. */
static void remember(const char *line) {
    const char *last = history[(history_count + HISTORY_LINES - 1) % HISTORY_LINES];
    if (!line[0] || (history_count && strcmp(line, last) == 0)) return;
    strlcpy(history[history_count++ % HISTORY_LINES], line, LINE_MAX);
}
