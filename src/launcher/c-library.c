/* The runtime is linked with glibc. Where there is none (Alpine, a busybox image) it gets the one that we carry. */
#define _GNU_SOURCE
#include "launcher.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

static const char *const needed[] = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2"};

static int found_below(const char *dir) {
  char path[PATH_MAX];
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    snprintf(path, sizeof path, "%s/%s", dir, needed[i]);
    if (access(path, R_OK) != 0) return 0;
  }
  return 1;
}

int has_c_library(void) {
  if (access(LOADER, R_OK) != 0) return 0;
  static const char *const places[] = {"/lib/" TRIPLET, "/usr/lib/" TRIPLET, "/lib64", "/usr/lib64"};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (found_below(places[i])) return 1;
  /* Alpine has files of these names that are none. */
  return access(MUSL_LOADER, F_OK) != 0 && (found_below("/lib") || found_below("/usr/lib"));
}

static int file_in_memory(int self, const struct part *part) {
  int file = memfd_create("nerdctl-c-library", MFD_CLOEXEC);
  if (file < 0) return -1;
  /* Not in the place of a standard stream that somebody has closed. */
  int high = fcntl(file, F_DUPFD_CLOEXEC, 100);
  if (high < 0) high = fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close(file);
  off_t from = (off_t)part->offset;
  for (uint64_t left = part->size; high >= 0 && left > 0;) {
    ssize_t copied = sendfile(high, self, &from, left);
    if (copied <= 0) return -1;
    left -= (uint64_t)copied;
  }
  return high;
}

char *carried_c_library(int self, const struct contents *contents) {
  char *list = NULL;
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    int file = file_in_memory(self, &contents->libraries[i]);
    char *longer;
    if (file < 0 || asprintf(&longer, "%s%s/proc/self/fd/%d", list ? list : "", list ? ":" : "", file) < 0) return NULL;
    free(list);
    list = longer;
  }
  return list;
}
