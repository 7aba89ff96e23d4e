/*
 * builtin.c: commands that would have no effect in a child: they change the shell itself.
 */
#include "sh.h"

static int change_folder(const struct command *command) {
    const char *to = command->count > 1 ? command->words[1] : getenv("HOME");
    int32_t error = chdir(to ? to : "/");
    if (error) complain("cd: %s: %s\n", to, error_name(error));
    return error != 0;
}

/* The environment of what is started from now on: pointers to NAME=value. */
bool set_variable(const char *assignment) {
    static char *variables[128], store[8192];
    static size_t stored;
    const char *equals = strchr(assignment, '=');
    size_t name = equals ? (size_t)(equals - assignment) + 1 : 0, length = strlen(assignment) + 1;
    if (name < 2 || stored + length > sizeof store) return false;
    memcpy(store + stored, assignment, length);
    int count = 0;
    if (environ != variables)
        for (; count < 126 && environ[count]; count++) variables[count] = environ[count];
    environ = variables;
    count = 0;
    while (variables[count] && strncmp(variables[count], assignment, name) != 0) count++;
    if (count >= 126) return false;
    variables[count] = store + stored;
    stored += length;
    return true;
}

static int export(const struct command *command) {
    if (command->count == 1)
        for (char **at = environ; *at; at++) printf("%s\n", *at);
    for (int i = 1; i < command->count; i++)
        if (!set_variable(command->words[i])) return 1;
    return 0;
}

static int send_signal(const struct command *command) {
    int signal = SIGTERM, i = 1;
    if (i < command->count && command->words[i][0] == '-')
        signal = (int)parse_number(command->words[i++] + 1, 10);
    int status = i == command->count;
    for (; i < command->count; i++) {
        bool group = command->words[i][0] == '-';
        int32_t pid = (int32_t)parse_number(command->words[i] + group, 10);
        int32_t error = kill(group ? -pid : pid, signal);
        if (error) complain("kill: %s: %s\n", command->words[i], error_name(error));
        status |= error != 0;
    }
    return status;
}

static int wait_all(void) {
    while (waitpid(-1, NULL, 0) > 0) continue;
    return 0;
}

static int help(void) {
    printf("a | b    a && b    a || b    a ; b    a &    < file  > file  >> file  2>&1\n"
           "cd  exit  export NAME=value  kill [-signal] pid  wait  jobs  fg  bg  true  false\n"
           "$NAME  $?  $$  'as it is'  \"with $NAME\"  \\c  # comment\n"
           "ls /bin shows what else there is\n");
    return 0;
}

bool run_builtin(const struct command *command) {
    const char *name = command->words[0], *argument = command->words[1];
    if (!strcmp(name, "cd"))
        last_status = change_folder(command);
    else if (!strcmp(name, "exit"))
        _exit(argument ? (int)parse_number(argument, 10) : last_status);
    else if (!strcmp(name, "export"))
        last_status = export(command);
    else if (!strcmp(name, "kill"))
        last_status = send_signal(command);
    else if (!strcmp(name, "wait"))
        last_status = wait_all();
    else if (!strcmp(name, "jobs"))
        jobs_list(), last_status = 0;
    else if (!strcmp(name, "fg"))
        last_status = job_continue(argument, true);
    else if (!strcmp(name, "bg"))
        last_status = job_continue(argument, false);
    else if (!strcmp(name, "true"))
        last_status = 0;
    else if (!strcmp(name, "false"))
        last_status = 1;
    else if (!strcmp(name, "help"))
        last_status = help();
    else if (command->count == 1 && strchr(name, '='))
        last_status = !set_variable(name);
    else
        return false;
    return true;
}
