/*
 * Notices that the kernel kills a process of the container for memory, and says so in the file `oom`. Somebody has to
 * while it happens: systemd removes the cgroup, and the kernel's counters with it, as soon as the last process is gone.
 */
#define _GNU_SOURCE
#include "monitor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int oom_fd = -1;

bool oom_events_of(pid_t pid, char *path, size_t size) {
  char file[32], text[4096];
  snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = 0;
  /* The line of cgroup v2, which is the last. With v1 the counters outlive the processes: no need to watch. */
  char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
  if (!line) return false;
  char *cgroup = strchr(line, '/');
  if (!cgroup) return false;
  cgroup[strcspn(cgroup, "\n")] = 0;
  return snprintf(path, size, "/sys/fs/cgroup%s/memory.events", cgroup) < (int)size;
}

/* -1 if it cannot be read. Each reading from the start also makes poll() wait for the next change. */
static int64_t kills_in(int fd) {
  char text[512];
  ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
  text[n > 0 ? n : 0] = 0;
  char *count = strstr(text, "oom_kill ");
  return count ? strtoll(count + strlen("oom_kill "), NULL, 10) : -1;
}

/* The kills in the cgroup that this one is in, which include its own. */
static int64_t kills_around(const char *events) {
  char path[1024];
  size_t len = strlen(events);
  memcpy(path, events, len + 1);
  for (int i = 0; i < 2; i++)
    while (len > 0 && path[--len] != '/') {
    }
  memcpy(path + len, "/memory.events", sizeof "/memory.events");
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  int64_t kills = kills_in(fd);
  if (fd >= 0) close(fd);
  return kills;
}

static void note(const char *text) {
  int fd = open(OOM_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (write(fd, text, strlen(text)) < 0) unlink(OOM_FILE);
  close(fd);
}

void oom_watch(struct shared *shared) {
  if (oom_fd >= 0 || !shared->memory_events[0]) return;
  oom_fd = open(shared->memory_events, O_RDONLY | O_CLOEXEC);
  oom_check(shared);
}

void oom_check(struct shared *shared) {
  if (oom_fd < 0) return;
  int64_t kills = kills_in(oom_fd);
  if (kills == 0) {
    shared->kills_around = kills_around(shared->memory_events);
    return;
  }
  if (kills > 0) note("seen\n");
  /* Too late. A kill nearby, since it was last known to be somebody else's, is most likely the one that was missed. */
  else if (shared->kills_around >= 0 && kills_around(shared->memory_events) > shared->kills_around) note("likely\n");
  /* What is known need not be watched, and what has been removed would keep poll() awake. */
  close(oom_fd);
  oom_fd = -1;
}
