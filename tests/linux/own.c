/*
 * own.c: a program as anybody writes it, against a C library: what it needs of the kernel at its start
 * and while it runs. tests/boot/test_processes.py builds it static and dynamic, with glibc and musl.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static __thread int per_thread = 5;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int total;
static volatile sig_atomic_t signals;
static sigjmp_buf back;

static void *add(void *argument) {
    per_thread += (int)(long)argument;
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        total++;
        pthread_mutex_unlock(&lock);
    }
    return (void *)(long)per_thread;
}

static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static void note(int signal) {
    (void)signal;
    signals++;
}

static void jump(int signal) {
    (void)signal;
    siglongjmp(back, 1);
}

int main(int argc, char **argv) {
    printf("arguments: %d, %s\n", argc, argc > 1 ? argv[1] : "none");

    pthread_t threads[4];
    long sum = 0;
    for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, add, (void *)i);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        sum += (long)result;
    }
    printf("threads: %d, %ld, %d\n", total, sum, per_thread);

    int *numbers = malloc(100000 * sizeof *numbers);
    srand(1);
    for (int i = 0; i < 100000; i++) numbers[i] = (int)((unsigned)i * 2654435761u >> 8);
    qsort(numbers, 100000, sizeof *numbers, compare);
    int sorted = 1;
    for (int i = 1; i < 100000; i++) sorted &= numbers[i - 1] <= numbers[i];
    char *large = calloc(1, 20 << 20);
    printf("memory: %d %d %d\n", sorted, large[15 << 20], large != NULL);
    free(large);
    free(numbers);

    printf("floating point: %.6f %.3e %s\n", sin(1.0), exp(10.0), 0.1 + 0.2 == 0.3 ? "equal" : "not equal");

    struct tm tm;
    time_t billion = 1000000000;
    char text[64];
    gmtime_r(&billion, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    printf("time: %s, %d\n", text, time(NULL) > billion);

    FILE *file = fopen("/tmp/own", "w+");
    for (int i = 0; i < 1000; i++) fprintf(file, "line %d\n", i);
    rewind(file);
    int lines = 0;
    while (fgets(text, sizeof text, file)) lines++;
    fclose(file);
    unlink("/tmp/own");
    printf("files: %d, %s\n", lines, fopen("/nope", "r") ? "?" : errno == ENOENT ? "ENOENT" : "another error");

    signal(SIGUSR1, note);
    raise(SIGUSR1);
    signal(SIGSEGV, jump);
    if (!sigsetjmp(back, 1)) *(volatile int *)8 = 1;
    printf("signals: %d, came back from a fault\n", (int)signals);

    FILE *pipe = popen("echo from a shell", "r");
    fgets(text, sizeof text, pipe);
    printf("popen: %s", text);
    pclose(pipe);
    fflush(stdout);

    pid_t child = fork();
    if (!child) _exit(7);
    int status;
    waitpid(child, &status, 0);
    printf("child: %d\n", WEXITSTATUS(status));
    return system("exit 3") == 3 << 8 ? 0 : 1;
}
