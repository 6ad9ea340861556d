/* Two threads meet on a lock of every kind, and on a barrier, a condition and a read-write lock. */
#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t inherit, robust, recursive, plain;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static int ready;

static void hold(pthread_mutex_t *lock) {
    for (int i = 0; i < 3; i++) {
        pthread_mutex_lock(lock);
        usleep(20000);
        pthread_mutex_unlock(lock);
    }
}

static void *work(void *unused) {
    pthread_barrier_wait(&barrier);
    hold(&inherit);
    pthread_barrier_wait(&barrier);
    hold(&robust);
    pthread_barrier_wait(&barrier);
    hold(&recursive);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 2; i++) {
        pthread_rwlock_rdlock(&shared);
        usleep(1000);
        pthread_rwlock_unlock(&shared);
        pthread_rwlock_wrlock(&shared);
        usleep(1000);
        pthread_rwlock_unlock(&shared);
    }
    pthread_mutex_lock(&plain);
    while (!ready)
        pthread_cond_wait(&changed, &plain);
    pthread_mutex_unlock(&plain);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    if (pthread_mutex_timedlock(&plain, &until) == 0) {
        usleep(3000);
        pthread_mutex_unlock(&plain);
    }
    return unused;
}

static void init(pthread_mutex_t *lock, int protocol, int robustness, int type) {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setprotocol(&kind, protocol);
    pthread_mutexattr_setrobust(&kind, robustness);
    pthread_mutexattr_settype(&kind, type);
    pthread_mutex_init(lock, &kind);
}

int main(void) {
    pthread_t threads[2];
    init(&inherit, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED, PTHREAD_MUTEX_NORMAL);
    init(&robust, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST, PTHREAD_MUTEX_NORMAL);
    init(&recursive, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&plain, NULL);
    pthread_barrier_init(&barrier, NULL, 2);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    usleep(800000);
    pthread_mutex_lock(&plain);
    ready = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&plain);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
