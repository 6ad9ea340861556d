/* A thread takes signals that it was sent, and more in their handler; another blocks them. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t taken;

static void inner(int signal) { taken++; }

static void outer(int signal, siginfo_t *info, void *context) {
    raise(SIGUSR2);
    taken++;
}

static void *work(void *unused) {
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    struct timespec while_ = {.tv_nsec = 20000000};
    sigaltstack(&stack, NULL);
    while (taken < 4)
        nanosleep(&while_, NULL);
    return unused;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = outer,
                               .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    pthread_t thread;
    sigset_t blocked;
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGUSR2, inner);
    pthread_create(&thread, NULL, work, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    usleep(30000);
    pthread_kill(thread, SIGUSR1);
    usleep(30000);
    kill(getpid(), SIGUSR1);
    pthread_join(thread, NULL);
    return 0;
}
