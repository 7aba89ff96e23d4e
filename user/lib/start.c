/*
 * start.c: from the stack that execve() made to main(). What lies there, from ESP upwards:
 *
 *   argc | argv[0] ... argv[argc-1] | 0 | environment ... | 0 | auxiliary vector: pairs ... AT_NULL
 */
#include "lib.h"

char **environ;
const struct aux *auxiliary;

int main(int argc, char **argv);
void start(uint32_t *stack);

void start(uint32_t *stack) {
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    environ = argv + argc + 1;
    char **at = environ;
    while (*at) at++;
    auxiliary = (const struct aux *)(at + 1);
    _exit(main(argc, argv));
}

uint32_t aux_value(uint32_t type) {
    for (const struct aux *entry = auxiliary; entry->type != AT_NULL; entry++)
        if (entry->type == type) return entry->value;
    return 0;
}

const char *getenv(const char *name) {
    size_t length = strlen(name);
    for (char **at = environ; *at; at++)
        if (!strncmp(*at, name, length) && (*at)[length] == '=') return *at + length + 1;
    return NULL;
}
