/*
 * words.c: a line as words and operators, one pipeline at a time, so that $? is that of the one
 * before. Quotes go, $NAME, ${NAME}, $? and $$ become their values; what comes of them is not cut
 * again.
 */
#include "sh.h"

static char text[2 * LINE_MAX]; /* what the words are made of */
static size_t used;

static void add(char c) {
    if (used < sizeof text - 1) text[used++] = c;
}

static void add_string(const char *s) {
    while (*s) add(*s++);
}

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The value of what is behind a $; where it ends. */
static const char *expand(const char *at) {
    char name[64], number[16];
    size_t length = 0;
    if (*at == '?' || *at == '$') {
        format(number, sizeof number, "%d", *at == '?' ? last_status : getpid());
        add_string(number);
        return at + 1;
    }
    bool braces = *at == '{';
    if (braces) at++;
    while (is_name(*at) && length < sizeof name - 1) name[length++] = *at++;
    name[length] = 0;
    if (braces && *at == '}') at++;
    if (!length && !braces) add('$');
    const char *value = length ? getenv(name) : NULL;
    if (value) add_string(value);
    return at;
}

/* One word from `at` on; where it ends, or a null pointer if a quote is not closed. */
static const char *take_word(const char *at) {
    char quote = 0;
    for (; *at; at++) {
        if (quote ? *at == quote : *at == '\'' || *at == '"') {
            quote = quote ? 0 : *at;
        } else if (*at == '\\' && quote != '\'' && at[1]) {
            add(*++at);
        } else if (*at == '$' && quote != '\'') {
            at = expand(at + 1) - 1;
        } else if (!quote && strchr(" \t|&;<>", *at)) {
            break;
        } else {
            add(*at);
        }
    }
    add(0);
    return quote ? NULL : at;
}

/* An operator at `at`, if there is one: how many characters it has. */
static int take_operator(const char *at, struct word *word) {
    static const struct {
        const char *text;
        enum word_kind kind;
    } operators[] = {{"&&", AND},      {"||", OR},       {">>", APPEND}, {"|", PIPE},
                     {"&", AMPERSAND}, {";", SEMICOLON}, {"<", LESS},    {">", GREATER}};
    int digit = *at >= '0' && *at <= '9' && (at[1] == '<' || at[1] == '>');
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i].text);
        if (strncmp(at + digit, operators[i].text, length) != 0) continue;
        word->kind = operators[i].kind;
        word->fd = digit ? *at - '0' : word->kind != LESS;
        return digit + (int)length;
    }
    return 0;
}

static bool ends_pipeline(enum word_kind kind) {
    return kind == SEMICOLON || kind == AMPERSAND || kind == AND || kind == OR;
}

const char *split_words(const char *line, struct word words[WORDS_MAX]) {
    const char *at = line;
    used = 0;
    for (int count = 0; count < WORDS_MAX - 2;) {
        while (*at == ' ' || *at == '\t') at++;
        struct word *word = &words[count++];
        if (!*at || *at == '#') {
            word->kind = END;
            return at + strlen(at);
        }
        int length = take_operator(at, word);
        at += length;
        if (ends_pipeline(word->kind) && length) return at;
        if (length && !(*at == '&' && word->kind != PIPE)) continue;
        if (length) word = &words[count++]; /* 2>&1: the & belongs to the word */
        word->kind = WORD;
        word->text = text + used;
        if (length) add(*at++);
        at = take_word(at);
        if (!at) return NULL;
    }
    return NULL;
}
