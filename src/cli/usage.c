#include "cli/usage.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Of /proc/PID/status, see proc(5). */
struct status {
    uint64_t peak;  /* VmHWM, bytes */
    uint64_t files; /* RssFile, bytes */
    unsigned threads;
    long parent;
};

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

void cli_times_read(struct cli_times *times)
{
    static const int who[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
    *times = (struct cli_times){0};
    for (size_t i = 0; i < 2; i++) {
        struct rusage r;
        if (getrusage(who[i], &r) == 0) {
            times->user += seconds(r.ru_utime);
            times->system += seconds(r.ru_stime);
            times->voluntary += (double)r.ru_nvcsw;
            times->involuntary += (double)r.ru_nivcsw;
        }
    }
}

static void take_line(struct status *s, const char *line)
{
    unsigned long long n;
    if (sscanf(line, "VmHWM: %llu kB", &n) == 1) {
        s->peak = n * 1024;
    } else if (sscanf(line, "RssFile: %llu kB", &n) == 1) {
        s->files = n * 1024;
    } else if (sscanf(line, "Threads: %llu", &n) == 1) {
        s->threads = (unsigned)n;
    } else if (sscanf(line, "PPid: %llu", &n) == 1) {
        s->parent = (long)n;
    }
}

static bool read_status(const char *pid, struct status *s)
{
    char path[64];
    char line[256];
    *s = (struct status){0};
    snprintf(path, sizeof(path), "/proc/%.20s/status", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        take_line(s, line);
    }
    fclose(file);
    return true;
}

unsigned cli_threads_read(void)
{
    struct status s;
    read_status("self", &s);
    return s.threads;
}

static void add_children(struct cli_space *space)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        struct status s;
        bool process = entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
        if (process && read_status(entry->d_name, &s) && s.parent == (long)getpid()) {
            space->memory += s.peak > s.files ? s.peak - s.files : 0;
            space->threads += s.threads;
        }
    }
    if (proc != NULL) {
        closedir(proc);
    }
}

void cli_space_read(struct cli_space *space)
{
    struct status s;
    read_status("self", &s);
    *space = (struct cli_space){s.peak, s.threads};
    add_children(space);
}

void cli_space_reset(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");
    if (file != NULL) {
        fputs("5", file);
        fclose(file);
    }
}
