/*
 * test_line.c: the line discipline: what is typed, what is shown, what is read, which signals come
 * (termios(3)).
 */
#include "cmocka_test.h"

#include <stdio.h>
#include <string.h>

#include <dev/line_discipline.h>
#include <proc/task.h>

static struct line_discipline line;
static char shown[8192];
static unsigned shown_length, last_signal, signals;

void tty_put(struct line_discipline *unused, uint8_t byte) {
    (void)unused;
    if (shown_length < sizeof shown - 1) shown[shown_length++] = (char)byte;
}

void tty_signal(struct line_discipline *unused, unsigned signal) {
    (void)unused;
    last_signal = signal;
    signals++;
}

static int start(void **state) {
    (void)state;
    line_init(&line);
    memset(shown, 0, sizeof shown);
    shown_length = last_signal = signals = 0;
    return 0;
}

static void type(const char *text) {
    while (*text) line_receive(&line, (uint8_t)*text++);
}

static void output(const char *text) {
    while (*text) line_output(&line, (uint8_t)*text++);
}

/* What was shown since the last call. */
static void shows(const char *wanted) {
    shown[shown_length] = 0;
    assert_string_equal(shown, wanted);
    shown_length = 0;
}

/* One read of up to `bytes`. */
static void reads(uint32_t bytes, const char *wanted) {
    char got[8192] = "";
    bool end;
    uint32_t count = line_take(&line, (uint8_t *)got, bytes, &end);
    got[count] = 0;
    assert_string_equal(got, wanted);
}

static void set(uint32_t lflag_on, uint32_t lflag_off) {
    struct termios termios = line.termios;
    termios.lflag = (termios.lflag | lflag_on) & ~lflag_off;
    line_set(&line, &termios);
}

/* ---- canonical mode ---- */

static void lines(void **state) {
    (void)state;
    type("one");
    assert_false(line_ready(&line));
    type("\rtwo\nthr");
    shows("one\r\ntwo\r\nthr");
    assert_true(line_ready(&line));
    reads(2, "on");
    reads(100, "e\n");
    reads(100, "two\n");
    assert_false(line_ready(&line));
    reads(100, "");
    type("ee\n");
    reads(100, "three\n");
}

static void editing(void **state) {
    (void)state;
    type("abx\177c");
    shows("abx\b \bc");
    type("\177\177\177\177\177");
    shows("\b \b\b \b\b \b");
    type("a\003");
    shows("a^C");
    type("\001x\177\177"); /* a control character is two columns wide */
    shows("^Ax\b \b\b \b\b \b");
    type("foo bar_9  \027");
    shows("foo bar_9  \b \b\b \b\b \b\b \b\b \b\b \b\b \b");
    type("\027\027");
    shows("\b \b\b \b\b \b\b \b");
    type("kill me\025ok\n");
    assert_non_null(strstr(shown, "kill me\b \b"));
    reads(100, "ok\n");
}

static void tabs_are_erased_as_wide_as_they_are(void **state) {
    (void)state;
    output("$ ");
    shows("$ ");
    type("a\tb\177\177");
    shows("a\tb\b \b\b \b\b \b\b \b\b \b\b \b");
    type("\n");
    reads(100, "a\n");
}

static void utf8(void **state) {
    (void)state;
    line.termios.iflag |= IUTF8;
    type("\303\244\177");
    shows("\303\244\b \b");
    type("x\n");
    reads(100, "x\n");
}

static void end_of_file(void **state) {
    bool end;
    char byte;
    (void)state;

    type("\004");
    assert_true(line_ready(&line));
    assert_int_equal(line_take(&line, (uint8_t *)&byte, 1, &end), 0);
    assert_true(end);
    assert_false(line_ready(&line));
    type("abc\004");
    reads(100, "abc");
    type("abc\004");
    reads(3, "abc"); /* all of it: the end does not make another, empty read */
    assert_false(line_ready(&line));
}

static void literal_and_reprint(void **state) {
    (void)state;
    type("\026\003\026\177x\n");
    reads(100, "\003\177x\n");
    assert_int_equal(signals, 0);
    shown_length = 0;
    type("ab\022c\n");
    shows("ab^R\r\nabc\r\n");
}

static void another_end_of_line(void **state) {
    (void)state;
    line.termios.cc[VEOL] = ';';
    type("a;b\n");
    reads(100, "a;");
    reads(100, "b\n");
}

static void full(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2 * INPUT_SIZE; i++) line_receive(&line, 'x');
    line_receive(&line, '\n'); /* there is always room for the end of a line */
    assert_int_equal(line_readable(&line), INPUT_SIZE);
    uint8_t all[INPUT_SIZE];
    bool end;
    assert_int_equal(line_take(&line, all, sizeof all, &end), INPUT_SIZE);
    assert_int_equal(all[INPUT_SIZE - 1], '\n');
}

/* ---- signals, flow ---- */

static void signal_keys(void **state) {
    (void)state;
    type("lost\003");
    assert_int_equal(last_signal, SIGINT);
    type("\032");
    assert_int_equal(last_signal, SIGTSTP);
    type("\034");
    assert_int_equal(last_signal, SIGQUIT);
    type("x\n");
    reads(100, "x\n");
    set(NOFLSH, 0);
    type("kept\003\n");
    reads(100, "kept\n");
    set(0, ISIG);
    signals = 0;
    type("\003\n");
    assert_int_equal(signals, 0);
    reads(100, "\003\n");
}

static void flow(void **state) {
    (void)state;
    type("\023");
    assert_true(line.stopped);
    type("a"); /* is kept, and does not start it again */
    assert_true(line.stopped);
    type("\021");
    assert_false(line.stopped);
    type("\023\003"); /* a signal does */
    assert_false(line.stopped);
    line.termios.iflag |= IXANY;
    type("\023z");
    assert_false(line.stopped);
    struct termios off = line.termios;
    type("\023");
    off.iflag &= ~IXON;
    line_set(&line, &off);
    assert_false(line.stopped);
    type("\023\n");
}

/* ---- raw mode, and the way there and back ---- */

static void raw(void **state) {
    (void)state;
    set(0, ICANON | ECHO | ISIG);
    line.termios.iflag &= ~(ICRNL | IXON);
    type("a\r\004\003\177\023");
    shows("");
    assert_int_equal(line_readable(&line), 6);
    reads(3, "a\r\004");
    reads(100, "\003\177\023");
    assert_false(line_ready(&line));
}

static void to_raw_and_back(void **state) {
    (void)state;
    type("line\nrest\004x");
    set(0, ICANON);
    assert_int_equal(line_readable(&line), 11);
    reads(7, "line\nre");
    reads(100, "st\004x");
    type("typed");
    set(ICANON, 0);
    reads(100, "typed"); /* as in Linux, a line, though no key has ended it */
    type("D\177d\n");
    reads(100, "d\n");
    assert_false(line_ready(&line));
}

static void random_switches(void **state) {
    (void)state;
    uint32_t seed = 1;
    uint8_t got[64];
    bool end;

    for (unsigned round = 0; round < 300000; round++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t what = seed >> 24;
        if (what < 8) set(what & 1 ? ICANON : 0, what & 1 ? 0 : ICANON);
        else if (what < 60) line_take(&line, got, what % sizeof got, &end);
        else if (what < 62) line_flush(&line);
        else line_receive(&line, (uint8_t)(seed >> 16));
        shown_length = 0;
        assert_true(line.typed - line.read <= INPUT_SIZE);
        assert_true(line.complete - line.read <= line.typed - line.read);
        assert_true(line.lines <= line.complete - line.read);
    }
}

/* ---- output, echo ---- */

static void output_flags(void **state) {
    (void)state;
    output("a\nb\tc\r");
    shows("a\r\nb\tc\r");
    line.termios.oflag = OPOST | ONLCR | XTABS;
    output("b\tc");
    shows("b       c");
    line.termios.oflag = OPOST | OCRNL | ONOCR;
    output("\r");
    shows("\n");
    line.termios.oflag = OPOST | ONOCR;
    line.column = 0;
    output("\rx\r");
    shows("x\r");
    line.termios.oflag = ONLCR;
    output("\n\r");
    shows("\n\r");
}

static void input_flags(void **state) {
    (void)state;
    line.termios.iflag = IGNCR | INLCR | ISTRIP;
    set(0, ICANON | ECHO);
    type("\ra\n\341");
    reads(100, "a\ra");
}

static void echo_flags(void **state) {
    (void)state;
    set(0, ECHO);
    type("secret\n");
    shows("");
    set(ECHONL, 0);
    type("secret\n");
    shows("\r\n");
    set(ECHO, ECHOE | ECHOCTL);
    type("a\177");
    shows("a\177");
    set(ECHOCTL, ECHOKE);
    type("b\025");
    shows("b^U\r\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lines, start),
        cmocka_unit_test_setup(editing, start),
        cmocka_unit_test_setup(tabs_are_erased_as_wide_as_they_are, start),
        cmocka_unit_test_setup(utf8, start),
        cmocka_unit_test_setup(end_of_file, start),
        cmocka_unit_test_setup(literal_and_reprint, start),
        cmocka_unit_test_setup(another_end_of_line, start),
        cmocka_unit_test_setup(full, start),
        cmocka_unit_test_setup(signal_keys, start),
        cmocka_unit_test_setup(flow, start),
        cmocka_unit_test_setup(raw, start),
        cmocka_unit_test_setup(to_raw_and_back, start),
        cmocka_unit_test_setup(random_switches, start),
        cmocka_unit_test_setup(output_flags, start),
        cmocka_unit_test_setup(input_flags, start),
        cmocka_unit_test_setup(echo_flags, start),
    };
    return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
