/*
 * The process that containerd's shim knows. It holds the read ends of the container's pipes and the listening socket,
 * and starts the worker again whenever something kills it: without a reader the container would get SIGPIPE.
 */
#define _GNU_SOURCE
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SHIM_STDOUT = 3, SHIM_STDERR = 4, SHIM_READY = 5 };

/* Relative to the state directory, whose path may be longer than a socket's address can be. */
static int listen_here(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "attach.sock"};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  unlink(address.sun_path);
  mode_t mask = umask(0177);
  int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
  umask(mask);
  if (bound == 0 && listen(fd, 64) == 0) return fd;
  close(fd);
  return -1;
}

static int open_fifo(const char *path) {
  return path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
}

static pid_t start_worker(struct holding *holding) {
  holding->shared->holder = getpid();
  pid_t pid = fork();
  if (pid == 0) worker_main(holding);
  return pid;
}

static void pause_ms(long ms) {
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

void hold(struct holding *holding, pid_t worker) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigaddset(&mask, SIGTERM);
  int64_t started = now_ms();
  long back_off = 0;
  for (;;) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid != worker) continue;
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) exit(0);
      worker = -1;
    }
    if (worker < 0) {
      /* Only a worker that cannot live at all is made to wait. */
      back_off = now_ms() - started > 1000 ? 0 : back_off < 1000 ? back_off * 2 + 10 : 1000;
      if (back_off > 10) pause_ms(back_off);
      started = now_ms();
      worker = start_worker(holding);
      continue;
    }
    if (sigwaitinfo(&mask, NULL) == SIGTERM) {
      holding->shared->terminating = true;
      kill(worker, SIGTERM);
    }
  }
}

static void block_signals(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigaddset(&mask, SIGTERM);
  sigaddset(&mask, SIGINT);
  sigaddset(&mask, SIGHUP);
  sigaddset(&mask, SIGQUIT);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  signal(SIGPIPE, SIG_IGN);
}

static void complain(const char *what) { fprintf(stderr, "nerdctl-monitor: %s: %s\n", what, strerror(errno)); }

/* Opens the FIFOs and goes to the background; the process that was started ends when clients can connect. */
static bool become_daemon(struct holding *holding, int ready[2]) {
  struct conf conf = {0};
  if (!conf_load(&conf, "monitor.conf")) {
    complain("monitor.conf");
    return false;
  }
  holding->output[0] = open_fifo(conf.out);
  holding->output[1] = open_fifo(conf.err);
  if (holding->output[0] < 0 || (conf.err && holding->output[1] < 0)) {
    complain(holding->output[0] < 0 ? "stdout" : "stderr");
    return false;
  }
  conf_free(&conf);
  if (pipe2(ready, O_CLOEXEC) < 0) return false;
  pid_t pid = fork();
  if (pid < 0) return false;
  if (pid > 0) {
    char byte;
    close(ready[1]);
    _exit(read(ready[0], &byte, 1) == 1 ? 0 : 1);
  }
  close(ready[0]);
  setsid();
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; null >= 0 && fd < 3; fd++) dup2(null, fd);
  if (null > 2) close(null);
  return true;
}

int holder_main(const char *state_dir, bool fifo_mode) {
  struct holding holding = {.output = {SHIM_STDOUT, SHIM_STDERR}, .listener = -1, .fifo_mode = fifo_mode};
  int ready[2] = {-1, SHIM_READY};
  block_signals();
  if (chdir(state_dir) < 0) {
    complain(state_dir);
    return 1;
  }
  unlink(OOM_FILE);
  if (fifo_mode) {
    if (!become_daemon(&holding, ready)) return 1;
  } else {
    for (int i = 0; i < 2; i++) {
      int flags = fcntl(holding.output[i], F_GETFL);
      if (flags < 0) holding.output[i] = -1;
      else fcntl(holding.output[i], F_SETFL, flags | O_NONBLOCK);
    }
  }
  holding.shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (holding.shared == MAP_FAILED) return 1;
  holding.listener = listen_here();
  /* The worker must not keep it open: containerd's shim waits for it. */
  fcntl(ready[1], F_SETFD, FD_CLOEXEC);
  if (fifo_mode && write(ready[1], "", 1) < 0) return 1;
  close(ready[1]);
  hold(&holding, start_worker(&holding));
}
