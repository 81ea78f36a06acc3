#define _GNU_SOURCE
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void close_from(int first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
  for (int fd = first; fd < 1024; fd++) close(fd);
}

/* What a program may expect of its environment, although the shim's may be empty. */
static void prepare_environment(const struct conf *conf) {
  setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
  setenv("HOME", getuid() == 0 ? "/root" : "/", 0);
  for (char **p = conf->env; p && *p; p++) putenv(*p);
}

pid_t action_start(const struct conf *conf) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  prepare_environment(conf);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; null >= 0 && fd < 3; fd++) dup2(null, fd);
  close_from(3);
  /* Our own directory is the container's, which the command may remove. */
  if (chdir("/") < 0) _exit(126);
  execvp(conf->action[0], conf->action);
  _exit(errno == ENOENT ? 127 : 126);
}
