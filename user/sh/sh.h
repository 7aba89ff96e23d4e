/*
 * sh.h: a small shell. A line goes through it in this order:
 *
 *   main.c    reads lines: from a terminal, a file or an argument
 *   words.c   cuts a line into words and operators; quotes, $NAME and $?
 *   parse.c   makes commands and pipelines of them
 *   run.c     fork, pipes, redirection, execve, wait
 *   jobs.c    groups of processes: Ctrl+C, Ctrl+Z, fg, bg
 *   builtin.c what has to happen in the shell itself: cd, exit, export ...
 *
 * Not here: patterns (*), functions, if, while, here-documents.
 */
#ifndef SH_H
#define SH_H

#include "lib.h"

#define LINE_MAX 4096
#define WORDS_MAX 256
#define COMMANDS_MAX 8
#define JOBS_MAX 16

enum word_kind { WORD, PIPE, AND, OR, SEMICOLON, AMPERSAND, LESS, GREATER, APPEND, END };

struct word {
    enum word_kind kind;
    int fd;     /* of a redirection: 0 of <, 1 of >, or the digit before it */
    char *text; /* of a WORD */
};

struct redirection {
    enum word_kind kind; /* LESS, GREATER, APPEND */
    int fd;
    char *target; /* a path; "&1": the same as descriptor 1 */
};

struct command {
    char *words[WORDS_MAX]; /* with a null pointer behind the last */
    int count;
    struct redirection redirections[COMMANDS_MAX];
    int redirection_count;
};

struct pipeline {
    struct command commands[COMMANDS_MAX];
    int count;
    enum word_kind behind; /* SEMICOLON, AMPERSAND, AND or OR */
    char *text;            /* as typed, for jobs */
};

extern bool interactive; /* lines come from a terminal, which we hand to the jobs */
extern int last_status;  /* $? */

/* words.c: the words of one pipeline; the last one is what is behind it. Where the rest of the line
 * begins; a null pointer if a quote is not closed, or there is too much. What the words point to is
 * valid until the next call. */
const char *split_words(const char *line, struct word words[WORDS_MAX]);

/* parse.c: false: a syntax error. */
bool parse_pipeline(const struct word *words, struct pipeline *pipeline);

/* run.c */
void run_line(const char *line);
bool redirect(const struct command *command);

/* builtin.c: false if it is none; else last_status is its status. */
bool run_builtin(const struct command *command);
bool set_variable(const char *assignment); /* NAME=value */

/* jobs.c */
void jobs_start(void);
void job_child_start(int32_t group, bool background);
void job_parent_start(int32_t pid, int32_t *group);
int job_wait(int32_t group, int32_t last, int processes, const char *text);
void job_background(int32_t group, int processes, const char *text);
void jobs_report(void);
void jobs_list(void);
int job_continue(const char *which, bool foreground);

#endif
