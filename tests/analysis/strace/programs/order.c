/* Two threads take two locks in opposite orders, one after the other, and wait for each of them:
   somebody holds it until it is waited for. It passes. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER, right = PTHREAD_MUTEX_INITIALIZER;
static atomic_int turn, held;

static void *hold(void *given) {
    pthread_mutex_t *lock = given;
    pthread_mutex_lock(lock);
    held++;
    while (lock->__data.__lock != 2)
        usleep(10000);
    pthread_mutex_unlock(lock);
    return NULL;
}

static void both(int mine, pthread_mutex_t *first, pthread_mutex_t *second) {
    while (turn != mine)
        usleep(10000);
    pthread_mutex_lock(first);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void *anna(void *unused) { both(1, &left, &right); return unused; }
static void *ben(void *unused) { both(2, &right, &left); return unused; }

int main(void) {
    pthread_t takers[2], holders[2];
    pthread_create(&takers[0], NULL, anna, NULL);
    pthread_create(&takers[1], NULL, ben, NULL);
    for (int i = 1; i <= 2; i++) {
        held = 0;
        pthread_create(&holders[0], NULL, hold, &left);
        pthread_create(&holders[1], NULL, hold, &right);
        while (held < 2)
            usleep(10000);
        turn = i;
        pthread_join(holders[0], NULL);
        pthread_join(holders[1], NULL);
    }
    pthread_join(takers[0], NULL);
    pthread_join(takers[1], NULL);
    return 0;
}
