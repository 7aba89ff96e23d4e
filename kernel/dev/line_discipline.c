/*
 * line_discipline.c: edits lines, echoes, and makes signals of keys (termios(3)).
 */
#include <dev/line_discipline.h>
#include <lib/string.h>
#include <proc/task.h>

#define CONTROL(letter) ((letter) & 0x1F)
#define DELETE 0x7F
#define TAB 8
#define BELL 7

void line_init(struct line_discipline *line) {
    *line = (struct line_discipline){0};
    line->termios = (struct termios){
        .iflag = ICRNL | IXON,
        .oflag = OPOST | ONLCR,
        .cflag = B38400 | CS8 | CREAD | HUPCL | CLOCAL,
        .lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
        .cc = {[VINTR] = CONTROL('c'), [VQUIT] = CONTROL('\\'), [VERASE] = DELETE,
               [VKILL] = CONTROL('u'), [VEOF] = CONTROL('d'), [VMIN] = 1,
               [VSTART] = CONTROL('q'), [VSTOP] = CONTROL('s'), [VSUSP] = CONTROL('z'),
               [VREPRINT] = CONTROL('r'), [VDISCARD] = CONTROL('o'), [VWERASE] = CONTROL('w'),
               [VLNEXT] = CONTROL('v')}};
}

static uint16_t *at(struct line_discipline *line, uint32_t position) {
    return &line->input[position % INPUT_SIZE];
}

static bool local(const struct line_discipline *line, uint32_t flag) {
    return line->termios.lflag & flag;
}

/* Is this the key that `which` names? Those that are 0 name none. */
static bool is_key(const struct line_discipline *line, unsigned which, uint8_t byte) {
    return byte && line->termios.cc[which] == byte;
}

/* ---- output ---- */

static void put_tab(struct line_discipline *line) {
    uint32_t blanks = TAB - line->column % TAB;

    line->column += blanks;
    if ((line->termios.oflag & XTABS) != XTABS) {
        tty_put(line, '\t');
        return;
    }
    while (blanks--) tty_put(line, ' ');
}

void line_output(struct line_discipline *line, uint8_t byte) {
    uint32_t flags = line->termios.oflag;

    if (!(flags & OPOST)) {
        tty_put(line, byte);
        return;
    }
    if (byte == '\r' && flags & OCRNL) byte = '\n';
    if (byte == '\r' && flags & ONOCR && line->column == 0) return;
    switch (byte) {
    case '\n':
        if (flags & ONLCR) tty_put(line, '\r');
        if (flags & (ONLCR | ONLRET)) line->column = 0;
        break;
    case '\r': line->column = 0; break;
    case '\b':
        if (line->column) line->column--;
        break;
    case '\t': put_tab(line); return;
    default:
        if (byte >= ' ' && (byte & 0xC0) != 0x80) line->column++; /* UTF-8: once a character */
    }
    tty_put(line, byte);
}

/* ---- echo ---- */

static bool is_control(const struct line_discipline *line, uint8_t byte) {
    return (byte < ' ' || byte == DELETE) && byte != '\t' && byte != '\n' && local(line, ECHOCTL);
}

static void echo(struct line_discipline *line, uint8_t byte) {
    if (!local(line, ECHO) && !(byte == '\n' && local(line, ECHONL))) return;
    if (is_control(line, byte)) {
        line_output(line, '^');
        line_output(line, byte ^ 0x40);
    } else {
        line_output(line, byte);
    }
}

/* ---- editing the last line ---- */

/* Where the cursor would be behind the line that is being edited. */
static uint32_t end_column(struct line_discipline *line) {
    uint32_t column = line->line_column;

    for (uint32_t i = line->complete; i != line->typed; i++) {
        uint8_t byte = (uint8_t)*at(line, i);
        if (byte == '\t')
            column += TAB - column % TAB;
        else if (is_control(line, byte))
            column += 2;
        else if (byte >= ' ' && (byte & 0xC0) != 0x80)
            column++;
    }
    return column;
}

/* Takes the last character off, on the screen too; all bytes of it, under IUTF8. */
static void erase_one(struct line_discipline *line) {
    if (line->typed == line->complete) return;
    uint32_t before = end_column(line);
    bool more;
    do {
        line->typed--;
        more = line->termios.iflag & IUTF8 && (*at(line, line->typed) & 0xC0) == 0x80;
    } while (more && line->typed != line->complete);
    if (!local(line, ECHO)) return;
    if (!local(line, ECHOE)) {
        echo(line, line->termios.cc[VERASE]);
        return;
    }
    for (uint32_t width = before - end_column(line); width; width--) {
        line_output(line, '\b');
        line_output(line, ' ');
        line_output(line, '\b');
    }
}

static bool ends_in_word(struct line_discipline *line) {
    if (line->typed == line->complete) return false;
    uint8_t byte = (uint8_t)*at(line, line->typed - 1);
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
           byte == '_' || byte >= 0x80;
}

static void erase_word(struct line_discipline *line) {
    while (line->typed != line->complete && !ends_in_word(line)) erase_one(line);
    while (ends_in_word(line)) erase_one(line);
}

static void erase_line(struct line_discipline *line) {
    if (local(line, ECHO) && !(local(line, ECHOE) && local(line, ECHOKE))) {
        line->typed = line->complete;
        echo(line, line->termios.cc[VKILL]);
        if (local(line, ECHOK)) line_output(line, '\n');
        return;
    }
    while (line->typed != line->complete) erase_one(line);
}

/* Ctrl+R: shows the line again. */
static void reprint(struct line_discipline *line) {
    echo(line, line->termios.cc[VREPRINT]);
    line_output(line, '\n');
    line->line_column = line->column;
    for (uint32_t i = line->complete; i != line->typed; i++) echo(line, (uint8_t)*at(line, i));
}

/* ---- what was typed ---- */

/* Enters a byte; room for the end of a line is kept. */
static void enter(struct line_discipline *line, uint16_t entry) {
    uint32_t room = INPUT_SIZE - (line->typed - line->read);

    if (room == 0 || (room == 1 && local(line, ICANON) && !(entry & INPUT_END))) {
        if (line->termios.iflag & IMAXBEL) tty_put(line, BELL);
        return;
    }
    if (line->typed == line->complete) line->line_column = line->column;
    *at(line, line->typed++) = entry;
    if (!(entry & INPUT_EOF)) echo(line, (uint8_t)entry);
    if (!local(line, ICANON)) line->complete = line->typed;
    if (!(entry & INPUT_END)) return;
    line->complete = line->typed;
    line->lines++;
}

/* Keys that make signals. True: it was one. */
static bool signal_key(struct line_discipline *line, uint8_t byte) {
    unsigned signal = is_key(line, VINTR, byte)   ? SIGINT
                      : is_key(line, VQUIT, byte) ? SIGQUIT
                      : is_key(line, VSUSP, byte) ? SIGTSTP
                                                  : 0;

    if (!signal || !local(line, ISIG)) return false;
    line->stopped = false;
    if (!local(line, NOFLSH)) line_flush(line);
    echo(line, byte);
    tty_signal(line, signal);
    return true;
}

/* Ctrl+S and Ctrl+Q. True: it was one. */
static bool flow_key(struct line_discipline *line, uint8_t byte) {
    if (!(line->termios.iflag & IXON)) return false;
    if (is_key(line, VSTOP, byte)) {
        line->stopped = true;
        return true;
    }
    if (is_key(line, VSTART, byte)) {
        line->stopped = false;
        return true;
    }
    if (line->termios.iflag & IXANY) line->stopped = false;
    return false;
}

/* Keys that edit the line. True: it was one. */
static bool editing_key(struct line_discipline *line, uint8_t byte) {
    bool extended = local(line, IEXTEN);

    if (!local(line, ICANON)) return false;
    if (is_key(line, VERASE, byte))
        erase_one(line);
    else if (is_key(line, VKILL, byte))
        erase_line(line);
    else if (is_key(line, VWERASE, byte) && extended)
        erase_word(line);
    else if (is_key(line, VREPRINT, byte) && extended && local(line, ECHO))
        reprint(line);
    else if (is_key(line, VEOF, byte))
        enter(line, INPUT_EOF | INPUT_END);
    else
        return false;
    return true;
}

static bool ends_line(const struct line_discipline *line, uint8_t byte) {
    return local(line, ICANON) &&
           (byte == '\n' || is_key(line, VEOL, byte) ||
            (is_key(line, VEOL2, byte) && local(line, IEXTEN)));
}

void line_receive(struct line_discipline *line, uint8_t byte) {
    uint32_t flags = line->termios.iflag;

    if (flags & ISTRIP) byte &= 0x7F;
    if (line->literal) {
        line->literal = false;
        enter(line, byte);
        return;
    }
    if (signal_key(line, byte) || flow_key(line, byte)) return;
    if (byte == '\r' && flags & IGNCR) return;
    if (byte == '\r' && flags & ICRNL)
        byte = '\n';
    else if (byte == '\n' && flags & INLCR)
        byte = '\r';
    if (is_key(line, VLNEXT, byte) && local(line, IEXTEN) && local(line, ICANON)) {
        line->literal = true;
        return;
    }
    if (editing_key(line, byte)) return;
    enter(line, ends_line(line, byte) ? byte | INPUT_END : byte);
}

/* ---- reading ---- */

uint32_t line_readable(const struct line_discipline *line) {
    return line->complete - line->read;
}

bool line_ready(const struct line_discipline *line) {
    return local(line, ICANON) ? line->lines : line->complete != line->read;
}

uint32_t line_take(struct line_discipline *line, uint8_t *to, uint32_t bytes, bool *end) {
    uint32_t done = 0;

    *end = false;
    while (!*end && line->read != line->complete) {
        uint16_t entry = *at(line, line->read);
        if (done == bytes && !(entry & INPUT_EOF)) break;
        line->read++;
        if (entry & INPUT_END) {
            line->lines--;
            *end = true;
        }
        if (entry & INPUT_EOF) break;
        to[done++] = (uint8_t)entry;
    }
    return done;
}

void line_flush(struct line_discipline *line) {
    line->read = line->complete = line->typed;
    line->lines = 0;
}

/* Lines become bytes: a typed end of a file is the byte of its key then. */
static void forget_lines(struct line_discipline *line) {
    for (uint32_t i = line->read; i != line->typed; i++) {
        uint16_t *entry = at(line, i);
        *entry = *entry & INPUT_EOF ? line->termios.cc[VEOF] : *entry & 0xFF;
    }
    line->lines = 0;
}

/* Bytes become a line, and can be read: a shell may have taken the first ones of what was typed ahead. */
static void make_line(struct line_discipline *line) {
    if (line->read == line->typed) return;
    *at(line, line->typed - 1) |= INPUT_END;
    line->complete = line->typed;
    line->lines = 1;
}

void line_set(struct line_discipline *line, const struct termios *termios) {
    bool was_canonical = local(line, ICANON);

    if (was_canonical && !(termios->lflag & ICANON)) {
        forget_lines(line);
        line->complete = line->typed;
    }
    if (!was_canonical && termios->lflag & ICANON) make_line(line);
    if (!(termios->iflag & IXON)) line->stopped = false;
    line->termios = *termios;
}
