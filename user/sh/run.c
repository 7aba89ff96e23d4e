/*
 * run.c: runs what was parsed. The heart of every shell: a child for each command, its descriptors
 * arranged before it becomes another program.
 */
#include "sh.h"

bool redirect(const struct command *command) {
    static const uint32_t flags[] = {[LESS] = O_RDONLY,
                                     [GREATER] = O_WRONLY | O_CREAT | O_TRUNC,
                                     [APPEND] = O_WRONLY | O_CREAT | O_APPEND};
    for (int i = 0; i < command->redirection_count; i++) {
        const struct redirection *it = &command->redirections[i];
        int32_t fd = it->target[0] == '&' ? dup((int)parse_number(it->target + 1, 10))
                                          : open(it->target, flags[it->kind], 0666);
        if (fd < 0) {
            complain("sh: %s: %s\n", it->target, error_name(fd));
            return false;
        }
        if (fd == it->fd) continue;
        dup2(fd, it->fd);
        close(fd);
    }
    return true;
}

/* execve() in each folder of $PATH; comes back only if there is none with this program. */
static int32_t execute(char *const words[]) {
    char path[512];
    if (strchr(words[0], '/')) return execve(words[0], words, environ);
    const char *folders = getenv("PATH");
    int32_t error = -ENOENT;
    for (const char *at = folders ? folders : "/bin"; *at;) {
        size_t length = 0;
        while (at[length] && at[length] != ':') length++;
        if (length + strlen(words[0]) + 2 < sizeof path) {
            memcpy(path, at, length);
            format(path + length, sizeof path - length, "/%s", words[0]);
            int32_t this_error = execve(path, words, environ);
            if (this_error != -ENOENT) error = this_error;
        }
        at += length + (at[length] == ':');
    }
    return error;
}

static void become(const struct command *command) {
    if (!redirect(command)) _exit(1);
    if (!command->count || run_builtin(command)) _exit(command->count ? last_status : 0);
    int32_t error = execute(command->words);
    complain("sh: %s: %s\n", command->words[0],
             error == -ENOENT ? "no such command" : error_name(error));
    _exit(error == -ENOENT ? 127 : 126);
}

static void move(int from, int to) {
    if (from == to) return;
    dup2(from, to);
    close(from);
}

/*
 * Each command reads what the one before it writes:
 *
 *    input=0 -> [first] -> pipe -> [second] -> pipe -> [last] -> 1
 */
static void run_pipeline(const struct pipeline *pipeline) {
    bool background = pipeline->behind == AMPERSAND;
    int input = 0, started = 0;
    int32_t group = 0, last = 0;
    for (int i = 0; i < pipeline->count; i++) {
        int ends[2] = {0, 1};
        bool more = i + 1 < pipeline->count;
        if (more && pipe2(ends, O_CLOEXEC)) break;
        int32_t pid = fork();
        if (!pid) {
            job_child_start(group, background);
            move(input, 0);
            if (more) move(ends[1], 1);
            become(&pipeline->commands[i]);
        }
        if (input) close(input);
        if (more) close(ends[1]);
        input = ends[0];
        if (pid < 0) {
            complain("sh: fork: %s\n", error_name(pid));
            last_status = 254;
            break;
        }
        job_parent_start(pid, &group);
        last = pid;
        started++;
    }
    if (input) close(input);
    if (!started) return;
    if (background)
        job_background(group, started, pipeline->text);
    else
        last_status = job_wait(group, last, started, pipeline->text);
}

/* A builtin that stands alone runs here; its redirections last as long as it. */
static bool run_alone(const struct command *command) {
    if (!command->count || command->redirection_count) return false;
    return run_builtin(command);
}

static bool is_empty(const char *line) {
    while (*line == ' ' || *line == '\t') line++;
    return !*line || *line == '#';
}

/* a && b || c: whether b runs depends on a, whether c does on what ran last. */
static bool is_left_out(enum word_kind before) {
    return (before == AND && last_status) || (before == OR && !last_status);
}

void run_line(const char *line) {
    static struct word words[WORDS_MAX];
    static struct pipeline pipeline;
    enum word_kind before = SEMICOLON;
    while (!is_empty(line) || before == AND || before == OR) {
        line = split_words(line, words);
        if (!line || !parse_pipeline(words, &pipeline)) {
            complain("sh: syntax error\n");
            last_status = 2;
            return;
        }
        if (is_left_out(before)) {
            before = pipeline.behind;
            continue;
        }
        before = pipeline.behind;
        bool alone = pipeline.count == 1 && before != AMPERSAND;
        if (!alone || !run_alone(&pipeline.commands[0])) run_pipeline(&pipeline);
    }
}
