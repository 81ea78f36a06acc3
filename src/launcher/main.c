/*
 * The beginning of the single executable: a static program that needs nothing of the machine, with the runtime and our
 * bundle behind it in the same file. Started as `nerdctl-monitor`, or with a word that means it, it is the monitor.
 */
#define _GNU_SOURCE
#include "launcher.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int monitor_main(int argc, char **argv);
int holder_main(const char *state_dir, bool fifo_mode);
void enter_engine(void);

static int open_self(struct contents *contents);
static int logger_main(int self, const struct contents *contents, char **argv, const Elf64_auxv_t *auxv);
static bool is_for_engine(char **words);

int main(int argc, char **argv, char **envp) {
  if (argc < 1) return 1;
  const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
  if (strcmp(name, "nerdctl-monitor") == 0) return monitor_main(argc, argv);
  if (argc > 1 && strcmp(argv[1], "_NERDCTL_INTERNAL_MONITOR") == 0) return monitor_main(argc - 1, argv + 1);

  struct contents contents;
  int self = open_self(&contents);
  if (self < 0) {
    fputs("nerdctl: the executable cannot be read as a whole (is /proc mounted?)\n", stderr);
    return 1;
  }
  char **end = envp;
  while (*end) end++;
  const Elf64_auxv_t *auxv = (const Elf64_auxv_t *)(end + 1);
  if (argc == 3 && strcmp(argv[1], "_NERDCTL_INTERNAL_LOGGING") == 0)
    return logger_main(self, &contents, argv, auxv);
  /* As scripts/launcher.sh does, which says why. */
  setenv("NERDCTL_NAME", name, 1);
  struct stat top;
  if (stat("/", &top) == 0 && top.st_uid != geteuid() && is_for_engine(argv + 1)) enter_engine();
  launch(self, &contents, argv, environ, auxv);
  return 1;
}

static bool is_for_engine(char **words) {
  const char *last = "";
  for (; *words; last = *words++) {
    if (strcmp(*words, "login") == 0 || strcmp(*words, "logout") == 0) return false;
    if (strcmp(last, "system") == 0 &&
        (strcmp(*words, "start") == 0 || strcmp(*words, "stop") == 0 || strcmp(*words, "status") == 0))
      return false;
  }
  return true;
}

static int open_self(struct contents *contents) {
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self < 0) return -1;
  off_t at = lseek(self, -(off_t)sizeof *contents, SEEK_END);
  if (at > 0 && pread(self, contents, sizeof *contents, at) == (ssize_t)sizeof *contents &&
      memcmp(contents->magic, "nerdctl-contents", sizeof contents->magic) == 0)
    return self;
  close(self);
  return -1;
}

/* What Go nerdctl's containers have as their logger: the monitor takes over the pipes of containerd's shim. */
static int logger_main(int self, const struct contents *contents, char **argv, const Elf64_auxv_t *auxv) {
  pid_t child = fork();
  if (child == 0) {
    char *prepare[] = {argv[0], "internal", "logger", argv[2], NULL};
    launch(self, contents, prepare, environ, auxv);
    _exit(1);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) return 1;
  close(self);
  const char *namespace = getenv("CONTAINER_NAMESPACE"), *id = getenv("CONTAINER_ID");
  char *dir;
  if (!namespace || !id || asprintf(&dir, "%s/containers/%s/%s", argv[2], namespace, id) < 0) return 1;
  return holder_main(dir, false);
}

void launch(int self, const struct contents *contents, char **argv, char **envp, const Elf64_auxv_t *auxv) {
  int loader_file = has_c_library() ? open(LOADER, O_RDONLY | O_CLOEXEC) : -1;
  uint64_t loader_at = 0;
  char *preload = NULL;
  if (loader_file < 0) {
    loader_file = self;
    loader_at = contents->loader.offset;
    preload = carried_c_library(self, contents);
  }
  struct image program, loader;
  const char *failed = loader_at && !preload ? "nerdctl: making files in memory" : NULL;
  if (!failed) failed = map_image(self, contents->program.offset, &program);
  if (!failed) failed = map_image(loader_file, loader_at, &loader);
  char **environment = failed ? NULL : safe_environment(envp, preload);
  if (!environment) {
    perror(failed ? failed : "nerdctl: environment");
    return;
  }
  if (loader_file != self) close(loader_file);
  close(self);
  enter(&program, &loader, argv, environment, auxv);
}
