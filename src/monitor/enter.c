/*
 * `nerdctl-monitor enter COMMAND…` runs a command inside the mount and user namespace of this user's RootlessKit, and in
 * the network of the caller; root, and a user whose engine does not run, get the command as they are.
 * `nerdctl-monitor in-network NAMESPACE COMMAND…` runs one in a network namespace besides.
 */
#define _GNU_SOURCE
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *set_in_environment(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

/* In /tmp anybody may have made a directory of that name. */
static bool is_own_dir(const char *path) {
  struct stat found;
  return lstat(path, &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == geteuid();
}

/* The same places in the same order as in rootless/places.sh. */
static bool find_runtime_dir(char *dir, size_t size) {
  const char *known = set_in_environment("XDG_RUNTIME_DIR"), *temporary = set_in_environment("TMPDIR");
  if (known) return snprintf(dir, size, "%s", known) < (int)size;
  snprintf(dir, size, "/run/user/%u", geteuid());
  if (!is_own_dir(dir) || access(dir, W_OK) < 0) {
    if (snprintf(dir, size, "%s/containerd-rootless-%u", temporary ? temporary : "/tmp", geteuid()) >= (int)size)
      return false;
    if (!is_own_dir(dir)) return false;
  }
  return setenv("XDG_RUNTIME_DIR", dir, 1) == 0;
}

static bool find_state_dir(char *dir, size_t size) {
  const char *named = set_in_environment("ROOTLESSKIT_STATE_DIR");
  if (!named) named = set_in_environment("CONTAINERD_ROOTLESS_ROOTLESSKIT_STATE_DIR");
  char runtime[PATH_MAX];
  bool has_runtime = find_runtime_dir(runtime, sizeof runtime);
  if (named) return snprintf(dir, size, "%s", named) < (int)size;
  return has_runtime && snprintf(dir, size, "%s/containerd-rootless", runtime) < (int)size;
}

static pid_t read_pid(const char *path) {
  char text[32] = "";
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  return length > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

static int open_namespace(pid_t pid, const char *kind) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, kind);
  return open(path, O_RDONLY | O_CLOEXEC);
}

/* A file left by a RootlessKit that has ended names nobody, or a process whose user namespace is ours already (EINVAL). */
static bool join_engine(const char *state_dir) {
  char path[PATH_MAX + 32];
  snprintf(path, sizeof path, "%s/child_pid", state_dir);
  pid_t pid = read_pid(path);
  if (pid <= 0) return false;
  int user = open_namespace(pid, "user"), mount = open_namespace(pid, "mnt");
  bool joined = user >= 0 && mount >= 0 && setns(user, CLONE_NEWUSER) == 0;
  if (joined && setns(mount, CLONE_NEWNS) < 0) {
    perror("nerdctl: cannot enter the mount namespace of RootlessKit");
    exit(1);
  }
  close(user);
  close(mount);
  if (!joined) return false;
  /* Its network is not ours, but its resolv.conf is what we see now, unless the network was detached. */
  snprintf(path, sizeof path, "%s/netns", state_dir);
  if (access(path, F_OK) == 0) return true;
  snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
  setenv("NERDCTL_RESOLVE_IN", path, 1);
  return true;
}

static void set_number(const char *name, unsigned number) {
  char text[16];
  snprintf(text, sizeof text, "%u", number);
  setenv(name, text, 1);
}

static int run(char **command) {
  execvp(command[0], command);
  int error = errno;
  fprintf(stderr, "nerdctl: %s: %s\n", command[0], strerror(error));
  return error == ENOENT ? 127 : 126;
}

void enter_engine(void) {
  char state_dir[PATH_MAX], cwd[PATH_MAX];
  unsigned user = geteuid(), group = getegid();
  if (user == 0) return;
  /* The command need not try by itself. */
  setenv("NERDCTL_ENTERED", "no", 1);
  if (!find_state_dir(state_dir, sizeof state_dir)) return;
  bool has_cwd = getcwd(cwd, sizeof cwd) != NULL;
  if (!join_engine(state_dir)) return;
  unsetenv("NERDCTL_ENTERED");
  if (!has_cwd || chdir(cwd) < 0)
    if (chdir("/") < 0) exit(1);
  /* Links to what root's nerdctl keeps there, left by RootlessKit's copy of /run: ours are made in their place. */
  unlink("/run/netns");
  unlink("/run/nerdctl");
  setenv("ROOTLESSKIT_STATE_DIR", state_dir, 1);
  set_number("ROOTLESSKIT_PARENT_EUID", user);
  set_number("ROOTLESSKIT_PARENT_EGID", group);
}

int enter_main(char **command) {
  enter_engine();
  return run(command);
}

int in_network_main(const char *namespace, char **command) {
  int fd = open(namespace, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && setns(fd, CLONE_NEWNET) == 0) return run(command);
  /* RootlessKit made none of its own, and this user may not change that of the machine. */
  const char *reason = errno == EPERM ? "it is the machine's (CONTAINERD_ROOTLESS_ROOTLESSKIT_NET=host), "
                                        "where a user has only --network host and none"
                                      : strerror(errno);
  fprintf(stderr, "nerdctl: cannot enter the network namespace %s: %s\n", namespace, reason);
  return 125;
}
