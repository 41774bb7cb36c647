/* The tests' name server as a program, for benchmarks. It says "listening on 127.0.0.1:PORT",
 * and at SIGTERM, SIGINT or the end of standard input how many names it was asked for and how
 * often: "names N questions N tcp N". */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "dnsd.h"

/* Blocked before the server's thread starts, so that the signals come here. */
static int signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC) : -1;
}

static void wait_for_end(int signal_fd)
{
    struct pollfd polls[] = {{.fd = signal_fd, .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN}};
    char bytes[256];

    while (poll(polls, 2, -1) >= 0 && polls[0].revents == 0)
        if (polls[1].revents != 0 && read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0)
            return;
}

int main(void)
{
    int fd = signals(), err;
    struct dnsd *d;

    if (fd < 0) {
        perror("dnsd");
        return 1;
    }
    err = dnsd_start(&d);
    if (err != 0) {
        fprintf(stderr, "dnsd: %s\n", strerror(-err));
        return 1;
    }
    printf("listening on 127.0.0.1:%u\n", dnsd_port(d));
    fflush(stdout);
    wait_for_end(fd);
    printf("names %zu questions %u tcp %u\n", dnsd_names(d), dnsd_total(d), dnsd_by_tcp(d));
    dnsd_stop(d);
    return 0;
}
