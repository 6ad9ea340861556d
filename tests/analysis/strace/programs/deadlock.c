/* Two threads take two mutexes in opposite orders, until an alarm kills the process.
   With an argument the mutexes are robust. */
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t left, right;

static void *both(pthread_mutex_t *first, pthread_mutex_t *second, const char *name) {
    pthread_setname_np(pthread_self(), name);
    pthread_mutex_lock(first);
    usleep(100000);
    pthread_mutex_lock(second);
    return NULL;
}

static void *anna(void *unused) { return both(&left, &right, "anna"); }
static void *ben(void *unused) { return both(&right, &left, "ben"); }

int main(int argc, char **argv) {
    pthread_t threads[2];
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    if (argc > 1)
        pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&left, &kind);
    pthread_mutex_init(&right, &kind);
    alarm(1);
    pthread_create(&threads[0], NULL, anna, NULL);
    pthread_create(&threads[1], NULL, ben, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
