/*
 * script.c: "#!interpreter argument" in the first line (execve(2), "Interpreter scripts"). The rest of
 * the line is one argument, blanks and all, as in Linux.
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <proc/exec.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static char *skip_blanks(char *at) {
    while (is_blank(*at)) at++;
    return at;
}

/* Ends the first line, without blanks behind it. False: it has no end, and its first word neither. */
static bool cut_line(char *line) {
    char *end = strchr(line, '\n');

    if (!end) {
        char *word = skip_blanks(line);
        while (*word && !is_blank(*word)) word++;
        if (!*word) return false;
        end = line + strlen(line);
    }
    while (end > line && is_blank(end[-1])) end--;
    *end = 0;
    return true;
}

int32_t script_load(struct exec *exec, char *interpreter, uint32_t bytes) {
    char line[EXEC_HEAD_BYTES + 1];
    struct strings argv = {0};

    if (exec->head[0] != '#' || exec->head[1] != '!') return 0;
    memcpy(line, exec->head + 2, EXEC_HEAD_BYTES - 2);
    line[EXEC_HEAD_BYTES - 2] = 0;
    if (!cut_line(line)) return -ENOEXEC;
    char *name = skip_blanks(line), *argument = name;
    while (*argument && !is_blank(*argument)) argument++;
    if (*argument) *argument++ = 0;
    argument = skip_blanks(argument);
    if (!*name || strlcpy(interpreter, name, bytes) >= bytes) return -ENOEXEC;

    int error = strings_add(&argv, interpreter);
    if (!error && *argument) error = strings_add(&argv, argument);
    if (!error) error = strings_add(&argv, exec->path);
    if (!error) error = strings_add_rest(&argv, &exec->argv);
    if (error) {
        strings_free(&argv);
        return error;
    }
    strings_free(&exec->argv);
    exec->argv = argv;
    return 1;
}
