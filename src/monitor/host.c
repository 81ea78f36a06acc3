/*
 * `nerdctl-monitor host`: makes the system calls that JavaScript runtimes have no binding for.
 *
 * Frames on stdin and stdout: 4 bytes of big-endian length, then NUL-terminated strings. A request is
 * id, operation, arguments…; its answer is id, errno (0 = done), text of the error, value. Answers come
 * in the order in which things end, so a lock that waits holds up nobody.
 */
#define _GNU_SOURCE
#include "monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_FRAME = 1 << 20, MAX_ARGS = 256 };

/* A held or awaited lock, or a forked operation; `waiter` is the child that works on it. */
struct job {
  struct job *next;
  pid_t waiter;
  int fd;
  char id[24];
};

static struct job *jobs;
static sigset_t original_mask;

static void write_all(const void *data, size_t len) {
  const char *p = data;
  while (len > 0) {
    ssize_t n = write(1, p, len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) exit(0); /* the program that we served is gone */
    p += n;
    len -= (size_t)n;
  }
}

static void answer(const char *id, int error, const char *value) {
  char frame[512];
  int len = snprintf(frame + 4, sizeof frame - 4, "%s%c%d%c%s%c%s%c", id, 0, error, 0, error ? strerror(error) : "", 0,
                     value ? value : "", 0);
  uint32_t size = htonl((uint32_t)len);
  memcpy(frame, &size, 4);
  write_all(frame, (size_t)len + 4);
}

static struct job *add_job(const char *id, int fd, pid_t waiter) {
  struct job *job = calloc(1, sizeof *job);
  if (!job) return NULL;
  snprintf(job->id, sizeof job->id, "%s", id);
  job->fd = fd;
  job->waiter = waiter;
  job->next = jobs;
  jobs = job;
  return job;
}

static void drop_job(struct job *job) {
  for (struct job **p = &jobs; *p; p = &(*p)->next) {
    if (*p != job) continue;
    *p = job->next;
    if (job->fd >= 0) close(job->fd);
    free(job);
    return;
  }
}

static struct job *find_job(const char *id) {
  for (struct job *job = jobs; job; job = job->next)
    if (strcmp(job->id, id) == 0) return job;
  return NULL;
}

/* A child that dies with us; its exit status is an errno. */
static pid_t fork_child(void) {
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    sigprocmask(SIG_SETMASK, &original_mask, NULL);
  }
  return pid;
}

/* Runs `work` in a child, because it changes what the whole process sees (its namespace, its directory). */
static void run_forked(const char *id, int (*work)(char **), char **args) {
  pid_t pid = fork_child();
  if (pid == 0) _exit(work(args) == 0 ? 0 : errno);
  if (pid < 0 || !add_job(id, -1, pid)) answer(id, errno, NULL);
}

/* flock() belongs to the open file, which a child shares: the child waits, and then the lock is ours too. */
static void lock(const char *id, char **args) {
  int how = strcmp(args[1], "shared") == 0 ? LOCK_SH : LOCK_EX;
  int fd = open(args[0], O_RDONLY | O_CLOEXEC);
  if (fd < 0) return answer(id, errno, NULL);
  if (flock(fd, how | LOCK_NB) == 0) {
    if (!add_job(id, fd, 0)) {
      close(fd);
      return answer(id, ENOMEM, NULL);
    }
    return answer(id, 0, NULL);
  }
  if (errno != EWOULDBLOCK) {
    int error = errno;
    close(fd);
    return answer(id, error, NULL);
  }
  pid_t pid = fork_child();
  if (pid == 0) {
    for (struct job *other = jobs; other; other = other->next)
      if (other->fd >= 0) close(other->fd);
    while (flock(fd, how) < 0)
      if (errno != EINTR) _exit(errno);
    _exit(0);
  }
  if (pid < 0 || !add_job(id, fd, pid)) {
    close(fd);
    answer(id, errno, NULL);
  }
}

/* Releases a lock, or gives up waiting for it: then its own request is answered too. */
static void unlock(const char *id, char **args) {
  struct job *job = find_job(args[0]);
  if (!job) return answer(id, 0, NULL);
  if (job->waiter > 0) {
    kill(job->waiter, SIGKILL);
    waitpid(job->waiter, NULL, 0);
    answer(job->id, ECANCELED, NULL);
  }
  drop_job(job);
  answer(id, 0, NULL);
}

/* As iproute2 does it: the directory is a shared mount of its own, so namespaces are seen in every mount namespace. */
static int share_parent(const char *path) {
  char dir[4096];
  const char *slash = strrchr(path, '/');
  if (!slash || slash == path || (size_t)(slash - path) >= sizeof dir) return 0;
  memcpy(dir, path, (size_t)(slash - path));
  dir[slash - path] = 0;
  if (mkdir(dir, 0755) < 0 && errno != EEXIST) return -1;
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -1;
  if (flock(fd, LOCK_EX) < 0) return -1;
  if (mount("", dir, "none", MS_SHARED | MS_REC, NULL) < 0) {
    if (errno != EINVAL) return -1;
    if (mount(dir, dir, "none", MS_BIND | MS_REC, NULL) < 0) return -1;
    if (mount("", dir, "none", MS_SHARED | MS_REC, NULL) < 0) return -1;
  }
  close(fd);
  return 0;
}

static int loopback_up(void) {
  struct ifreq request = {.ifr_name = "lo"};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) return -1;
  request.ifr_flags |= IFF_UP;
  return ioctl(fd, SIOCSIFFLAGS, &request);
}

static int create_netns(char **args) {
  const char *path = args[0];
  if (share_parent(path) < 0) return -1;
  int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  if (fd < 0) return -1;
  close(fd);
  if (unshare(CLONE_NEWNET) == 0 && loopback_up() == 0 && mount("/proc/self/ns/net", path, "none", MS_BIND, NULL) == 0)
    return 0;
  int error = errno;
  unlink(path);
  errno = error;
  return -1;
}

/* EINVAL: no mount there; EPERM is what a user namespace gives for somebody else's. */
static int detach(const char *path) {
  while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
  return errno == EINVAL || errno == ENOENT ? 0 : -1;
}

static int remove_netns(const char *path) {
  if (detach(path) < 0) return -1;
  return unlink(path) == 0 || errno == ENOENT ? 0 : -1;
}

/* target, type, source, flags, data, directory to be in, propagation flags (0 = leave). */
int do_mount(char **args) {
  unsigned long flags = strtoul(args[3], NULL, 10);
  unsigned long propagation = strtoul(args[6], NULL, 10);
  const unsigned long bind_only = MS_BIND | MS_REC;
  if (args[5][0] && chdir(args[5]) < 0) return -1;
  if (mount(args[2], args[0], args[1], flags, args[4]) < 0) return -1;
  bool failed = false;
  /* The kernel ignores every other flag in the call that binds. */
  if ((flags & MS_BIND) && (flags & ~bind_only))
    failed = mount("", args[0], "", (flags & ~(unsigned long)MS_REC) | MS_REMOUNT, NULL) < 0;
  if (!failed && propagation) failed = mount("", args[0], "", propagation, NULL) < 0;
  if (!failed) return 0;
  int error = errno;
  umount2(args[0], MNT_DETACH);
  errno = error;
  return -1;
}

/* path, mode, major, minor. */
static int make_node(char **args) {
  mode_t mode = (mode_t)strtoul(args[1], NULL, 8);
  dev_t device = makedev((unsigned)strtoul(args[2], NULL, 10), (unsigned)strtoul(args[3], NULL, 10));
  return mknod(args[0], mode, device);
}

/* Path, seconds and nanoseconds, again and again: a process that sets thousands of them waits for few answers. */
static int set_times(char **args, int count) {
  for (int i = 0; i + 2 < count; i += 3) {
    struct timespec time = {.tv_sec = (time_t)strtoll(args[i + 1], NULL, 10), .tv_nsec = strtol(args[i + 2], NULL, 10)};
    struct timespec times[2] = {time, time};
    if (utimensat(AT_FDCWD, args[i], times, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  }
  return 0;
}

/* Answers with more than fits into answer(). */
static void list_xattrs(const char *id, const char *dir) {
  size_t length;
  char *lines = xattrs_in(dir, &length);
  if (!lines) return answer(id, errno, NULL);
  char head[64];
  int head_length = snprintf(head + 4, sizeof head - 4, "%s%c0%c%c", id, 0, 0, 0);
  uint32_t size = htonl((uint32_t)((size_t)head_length + length));
  memcpy(head, &size, 4);
  write_all(head, (size_t)head_length + 4);
  write_all(lines, length);
  free(lines);
}

static void simple(const char *id, int result) { answer(id, result < 0 ? errno : 0, NULL); }

static void dispatch(char **words, int count) {
  if (count < 2) return;
  const char *id = words[0], *op = words[1];
  char **args = words + 2;
  int n = count - 2;
  if (strcmp(op, "lock") == 0 && n == 2) return lock(id, args);
  if (strcmp(op, "unlock") == 0 && n == 1) return unlock(id, args);
  if (strcmp(op, "netns") == 0 && n == 1) return run_forked(id, create_netns, args);
  if (strcmp(op, "netns-remove") == 0 && n == 1) return simple(id, remove_netns(args[0]));
  if (strcmp(op, "mount") == 0 && n == 7) return run_forked(id, do_mount, args);
  if (strcmp(op, "unmount") == 0 && n == 1) return simple(id, detach(args[0]));
  if (strcmp(op, "mkfifo") == 0 && n == 2) return simple(id, mkfifo(args[0], (mode_t)strtoul(args[1], NULL, 8)));
  if (strcmp(op, "mknod") == 0 && n == 4) return simple(id, make_node(args));
  if (strcmp(op, "times") == 0) return simple(id, set_times(args, n));
  if (strcmp(op, "xattrs") == 0 && n == 1) return list_xattrs(id, args[0]);
  if (strcmp(op, "xattr-set") == 0 && n == 3) return simple(id, set_xattr(args[0], args[1], args[2]));
  answer(id, ENOSYS, NULL);
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    for (struct job *job = jobs; job; job = job->next) {
      if (job->waiter != pid) continue;
      int error = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
      job->waiter = 0;
      answer(job->id, error, NULL);
      if (error || job->fd < 0) drop_job(job);
      break;
    }
  }
}

/* Splits what has arrived into frames; returns how many bytes are left at the start of `buffer`, or -1. */
static ssize_t take_frames(char *buffer, size_t have) {
  size_t at = 0;
  while (have - at >= 4) {
    uint32_t size;
    memcpy(&size, buffer + at, 4);
    size = ntohl(size);
    if (size == 0 || size > MAX_FRAME - 4) return -1;
    if (have - at - 4 < size) break;
    char *frame = buffer + at + 4, *words[MAX_ARGS];
    int count = 0;
    if (frame[size - 1] != 0) return -1;
    for (char *p = frame; p < frame + size && count < MAX_ARGS; p += strlen(p) + 1) words[count++] = p;
    dispatch(words, count);
    at += 4 + size;
  }
  memmove(buffer, buffer + at, have - at);
  return (ssize_t)(have - at);
}

int host_main(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  /* Ctrl-C in the terminal is for the command line, which still needs us to clean up. */
  sigaddset(&mask, SIGINT);
  sigaddset(&mask, SIGHUP);
  sigaddset(&mask, SIGQUIT);
  sigaddset(&mask, SIGTERM);
  sigprocmask(SIG_BLOCK, &mask, &original_mask);
  signal(SIGPIPE, SIG_IGN);
  umask(0);
  int signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
  char *buffer = malloc(MAX_FRAME);
  size_t have = 0;
  if (signals < 0 || !buffer) return 1;
  for (;;) {
    struct pollfd fds[2] = {{.fd = 0, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return 1;
    struct signalfd_siginfo info;
    if (fds[1].revents)
      while (read(signals, &info, sizeof info) > 0)
        if (info.ssi_signo == SIGCHLD) reap();
    if (!fds[0].revents) continue;
    ssize_t n = read(0, buffer + have, MAX_FRAME - have);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return 0;
    ssize_t left = take_frames(buffer, have + (size_t)n);
    if (left < 0) return 2;
    have = (size_t)left;
  }
}
