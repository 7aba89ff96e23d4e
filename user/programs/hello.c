/*
 * hello.c: the smallest program that says something.
 */
#include "lib.h"

int main(int argc, char **argv) {
    (void)argc;
    printf("hello from %s, process %d\n", argv[0], getpid());
    return 0;
}
