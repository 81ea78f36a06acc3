/*
 * `nerdctl-monitor copy`: copies between a container and this machine. Two processes of it do so: one is in the container's
 * files and can reach nothing else, the other stays outside; a tar archive goes from one to the other through a pipe.
 *
 * Frames as those of `nerdctl-monitor host`. A request is id, side (`inside`, `outside`), operation, arguments…. Each side
 * packs or unpacks once. Descriptor 3 is the other end of an archive that the caller gives or gets.
 */
#define _GNU_SOURCE
#include "copy.h"
#include "monitor.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FRAME = 1 << 20, MAX_WORDS = 4096, ARCHIVE_FD = 3, PIPE_SIZE = 1 << 20 };

static char failure[PATH_MAX + 256];
static int failure_code;
/* The archive's way between the two. */
static int archive[2];

static bool read_fully(int fd, void *data, size_t length) {
  for (char *p = data; length > 0;) {
    ssize_t n = read(fd, p, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    p += n;
    length -= (size_t)n;
  }
  return true;
}

static void write_frame(int fd, const char *body, size_t length) {
  uint32_t size = htonl((uint32_t)length);
  struct iovec parts[2] = {{&size, sizeof size}, {(void *)body, length}};
  /* One call: both processes answer, and what is no longer than a pipe's buffer is not mixed. */
  while (writev(fd, parts, 2) < 0)
    if (errno != EINTR) _exit(0);
}

void copy_answer(const char *id, int error, const char *text, const char *value) {
  char body[PIPE_BUF - 4];
  int length = snprintf(body, sizeof body - 1, "%s%c%d%c%.2000s%c%.1500s", id, 0, error, 0, text, 0, value);
  body[length] = 0;
  write_frame(1, body, (size_t)length + 1);
}

/* Go's sentences begin with a small letter. */
static const char *reason(void) {
  static char text[128];
  snprintf(text, sizeof text, "%s", strerror(errno));
  text[0] = (char)tolower((unsigned char)text[0]);
  return text;
}

int copy_failed(const char *what, const char *path) {
  if (failure_code) return -1;
  failure_code = errno ? errno : EIO;
  snprintf(failure, sizeof failure, "%s %s: %s", what, path, reason());
  return -1;
}

int copy_refused(const char *format, ...) {
  va_list values;
  if (failure_code) return -1;
  va_start(values, format);
  failure_code = EINVAL;
  vsnprintf(failure, sizeof failure, format, values);
  va_end(values);
  return -1;
}

void copy_warn(const char *what, const char *path) {
  char text[PATH_MAX + 256];
  snprintf(text, sizeof text, "%s %s: %s", what, path, reason());
  copy_answer("warning", 0, text, "");
}

static void tell_bytes(const char *id, uint64_t bytes) {
  char text[24];
  snprintf(text, sizeof text, "%llu", (unsigned long long)bytes);
  copy_answer(id, 0, "", text);
}

/* As often as a person sees. */
void copy_progress(uint64_t bytes) {
  enum { INTERVAL_MS = 75 };
  static int64_t last;
  int64_t now = now_ms();
  if (last == 0) last = now;
  if (now - last < INTERVAL_MS) return;
  last = now;
  tell_bytes("progress", bytes);
}

/* `given`, or what is left of the pipe between the two when the end that is not ours is closed. */
static int archive_end(const char *which, int end) {
  if (strcmp(which, "given") == 0) return ARCHIVE_FD;
  close(archive[1 - end]);
  return archive[end];
}

/* directory, entry in it, its name in the archive, where to, user and group of root outside of a user namespace */
static int pack(const char *id, char **args) {
  struct bytes_out *out = calloc(1, sizeof *out);
  if (!out) return copy_failed("allocate", "a buffer");
  struct ids ids = {strtol(args[4], NULL, 10), strtol(args[5], NULL, 10)};
  out->fd = archive_end(args[3], 1);
  if (tar_pack(args[0], args[1], args[2], ids, out) < 0) return -1;
  if (out->broken) {
    errno = out->error;
    return copy_failed("write", "the archive");
  }
  tell_bytes(id, out->total);
  return 0;
}

/* directory, where from, owners: caller, archive or UID:GID, whether devices are left out */
static int unpack(const char *id, char **args) {
  struct bytes_in *in = calloc(1, sizeof *in);
  if (!in) return copy_failed("allocate", "a buffer");
  struct unpack_rules rules = {.skip_devices = strcmp(args[3], "skip-devices") == 0};
  char *colon = strchr(args[2], ':');
  if (colon) {
    rules.ownership = OWNER_GIVEN;
    rules.uid = (uid_t)strtoul(args[2], NULL, 10);
    rules.gid = (gid_t)strtoul(colon + 1, NULL, 10);
  } else {
    rules.ownership = strcmp(args[2], "archive") == 0 ? OWNER_ARCHIVE : OWNER_CALLER;
  }
  in->fd = archive_end(args[1], 0);
  if (tar_unpack(args[0], rules, in) < 0) return -1;
  copy_answer(id, 0, "", "");
  return 0;
}

/* The mode, and where a link leads. */
static int look_at(const char *id, const char *path) {
  struct stat found;
  char value[PATH_MAX + 16], target[PATH_MAX] = "";
  if (lstat(path, &found) < 0) return copy_failed("lstat", path);
  if (S_ISLNK(found.st_mode) && view_evaluate(path, target, sizeof target) < 0) return copy_failed("lstat", path);
  snprintf(value, sizeof value, "%o %s", found.st_mode, target);
  copy_answer(id, 0, "", value);
  return 0;
}

static int find_real(const char *id, const char *path) {
  char real[PATH_MAX];
  if (!realpath(path, real)) return copy_failed("lstat", path);
  copy_answer(id, 0, "", real);
  return 0;
}

static int open_view(const char *id, char **args, int count) {
  if (view_open(args, count) < 0) return -1;
  copy_answer(id, 0, "", "");
  return 0;
}

static void work(const char *id, char **words, int count) {
  const char *op = words[0];
  char **args = words + 1;
  int n = count - 1, done = -1;
  bool last = false;
  failure_code = 0;
  if (strcmp(op, "view") == 0) done = open_view(id, args, n);
  if (strcmp(op, "stat") == 0 && n == 1) done = look_at(id, args[0]);
  if (strcmp(op, "real") == 0 && n == 1) done = find_real(id, args[0]);
  if (strcmp(op, "pack") == 0 && n == 6) last = true, done = pack(id, args);
  if (strcmp(op, "unpack") == 0 && n == 4) last = true, done = unpack(id, args);
  if (done < 0 && !failure_code) copy_refused("no operation %s", op);
  if (done < 0) copy_answer(id, failure_code, failure, "");
  if (!last) return;
  /* The other side sees the end of the archive, or that nobody reads it. */
  close(archive[0]);
  close(archive[1]);
  close(ARCHIVE_FD);
}

/* Without the other side nothing can be answered in its place. */
static void other_side_gone(int signal) {
  (void)signal;
  _exit(1);
}

/* Serves the requests on `from`; those of the other side are handed on. */
static int serve(int from, const char *side, int other) {
  char *frame = malloc(MAX_FRAME);
  char **words = calloc(MAX_WORDS, sizeof *words);
  uint32_t size;
  if (!frame || !words) return 1;
  while (read_fully(from, &size, sizeof size)) {
    size = ntohl(size);
    if (size == 0 || size > MAX_FRAME || !read_fully(from, frame, size) || frame[size - 1] != 0) return 2;
    int count = 0;
    for (char *p = frame; p < frame + size && count < MAX_WORDS; p += strlen(p) + 1) words[count++] = p;
    if (count < 3) return 2;
    if (strcmp(words[1], side) == 0) work(words[0], words + 2, count - 2);
    else if (other >= 0) write_frame(other, frame, size);
  }
  return 0;
}

int copy_main(void) {
  int requests[2];
  struct rlimit files;
  /* A view must not outlive the command that asked for it. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  umask(0);
  /* One for each level of a tree. */
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  /* Nothing else may get this number. */
  if (fcntl(ARCHIVE_FD, F_GETFD) < 0 && dup2(open("/dev/null", O_RDWR | O_CLOEXEC), ARCHIVE_FD) < 0) return 1;
  if (pipe2(requests, O_CLOEXEC) < 0 || pipe2(archive, O_CLOEXEC) < 0) return 1;
  fcntl(archive[1], F_SETPIPE_SZ, PIPE_SIZE);
  pid_t parent = getpid();
  signal(SIGCHLD, other_side_gone);
  pid_t inside = fork();
  if (inside < 0) return 1;
  if (inside == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) return 0;
    close(requests[1]);
    return serve(requests[0], "inside", -1);
  }
  close(requests[0]);
  close(ARCHIVE_FD);
  return serve(0, "outside", requests[1]);
}
