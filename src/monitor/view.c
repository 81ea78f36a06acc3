/*
 * The files of a container in a mount namespace of our own: its root filesystem with its volumes and other mounts in their
 * places, and neither /proc nor /dev. Once there, this process can name nothing else, whatever links the container has.
 */
#define _GNU_SOURCE
#include "copy.h"
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not in every C library: https://man7.org/linux/man-pages/man2/open_tree.2.html and so on. */
enum { NR_OPEN_TREE = 428, NR_MOVE_MOUNT = 429, NR_MOUNT_SETATTR = 442 };
enum { TREE_CLONE = 1, TREE_CLOEXEC = O_CLOEXEC, TREE_RECURSIVE = 0x8000, FROM_EMPTY_PATH = 4, EMPTY_PATH = 0x1000 };
enum { ATTR_RDONLY = 1, ATTR_NODEV = 4 };
struct attributes {
  uint64_t set, clear, propagation, user_namespace;
};

/* Any directory that is sure to be there: nobody else sees what is mounted on it. */
static const char meeting_point[] = "/proc";

static int clone_mount(const char *path, int recursive) {
  return (int)syscall(NR_OPEN_TREE, AT_FDCWD, path, TREE_CLONE | TREE_CLOEXEC | recursive);
}

static int attach(int tree, const char *path) {
  return (int)syscall(NR_MOVE_MOUNT, tree, "", AT_FDCWD, path, FROM_EMPTY_PATH);
}

/*
 * A container may put a device where we are about to open a file. Linux before 5.12 cannot say so of a whole tree; there
 * the second look at what was opened has to do.
 */
static int restrict_tree(int tree, uint64_t attributes) {
  struct attributes change = {.set = attributes};
  int result = (int)syscall(NR_MOUNT_SETATTR, tree, "", EMPTY_PATH | TREE_RECURSIVE, &change, sizeof change);
  return result < 0 && errno == ENOSYS && attributes == ATTR_NODEV ? 0 : result;
}

static int private_namespace(void) {
  if (unshare(CLONE_NEWNS) < 0) return copy_failed("unshare", "the mounts");
  if (mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0) return copy_failed("make private", "/");
  return 0;
}

struct place {
  const char *path;
  int tree;
};

/* A running container's own mounts: what is there now, whatever became of their sources. */
static int clone_running(const char *pid, struct place *places, int count) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/mnt", pid);
  int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), its = open(path, O_RDONLY | O_CLOEXEC);
  if (own < 0 || its < 0) return copy_failed("open", path);
  struct stat here, there;
  /* The number is containerd's: in a PID namespace of our own it is somebody else's, who would share our files. */
  if (fstat(own, &here) == 0 && fstat(its, &there) == 0 && here.st_ino == there.st_ino)
    return copy_refused("the container's process %s is not among those that are seen here", pid);
  if (setns(its, CLONE_NEWNS) < 0) return copy_failed("enter", path);
  int base = clone_mount("/", 0), error = errno;
  for (int i = 0; i < count; i++) places[i].tree = clone_mount(places[i].path, TREE_RECURSIVE);
  if (setns(own, CLONE_NEWNS) < 0) return copy_failed("leave", path);
  errno = error;
  if (base < 0) return copy_failed("open", "the container's root filesystem");
  if (private_namespace() < 0) return -1;
  if (attach(base, meeting_point) < 0) return copy_failed("mount", "the container's root filesystem");
  return base;
}

/* type, source, flags, data and directory of a mount. */
enum { MOUNT_WORDS = 5 };

static int mount_on(const char *target, char **words) {
  char none[] = "0";
  char *call[] = {(char *)target, words[0], words[1], words[2], words[3], words[4], none};
  return do_mount(call);
}

/* What a stopped container would have in one place; what has no source any more is left out. */
static int open_source(char **words) {
  if (strcmp(words[0], "bind") != 0) {
    if (mount_on(meeting_point, words) < 0) return -1;
    int tree = clone_mount(meeting_point, 0);
    umount2(meeting_point, MNT_DETACH);
    return tree;
  }
  int tree = clone_mount(words[1], TREE_RECURSIVE);
  bool read_only = strtoul(words[2], NULL, 10) & MS_RDONLY;
  if (tree >= 0 && read_only && restrict_tree(tree, ATTR_RDONLY) < 0) return -1;
  return tree;
}

static int mount_stopped(char **base_words, int bases, char **words, struct place *places, int count) {
  if (private_namespace() < 0) return -1;
  for (int i = 0; i < count; i++) {
    places[i].tree = open_source(words + i * (MOUNT_WORDS + 1) + 1);
    if (places[i].tree < 0 && errno != ENOENT) return copy_failed("mount", words[i * (MOUNT_WORDS + 1) + 2]);
  }
  for (int i = 0; i < bases; i++)
    if (mount_on(meeting_point, base_words + i * MOUNT_WORDS) < 0) return copy_failed("mount", "the container's snapshot");
  int base = open(meeting_point, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return base < 0 ? copy_failed("open", "the container's snapshot") : base;
}

/* Where the container has never been started its runtime has not made them yet. */
static int make_mount_point(const char *path, bool directory) {
  char made[PATH_MAX];
  struct stat found;
  if (stat(path, &found) == 0) return 0;
  if (snprintf(made, sizeof made, "%s", path) >= (int)sizeof made) return -1;
  for (char *slash = strchr(made + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(made, 0755) < 0 && errno != EEXIST) return -1;
    *slash = '/';
  }
  if (directory) return mkdir(made, 0755) < 0 && errno != EEXIST ? -1 : 0;
  int fd = open(made, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0755);
  if (fd >= 0) close(fd);
  return fd < 0 ? -1 : 0;
}

static int put_in_place(struct place place) {
  struct stat source;
  if (place.tree < 0) return 0;
  if (restrict_tree(place.tree, ATTR_NODEV) < 0 || fstat(place.tree, &source) < 0) return -1;
  if (make_mount_point(place.path, S_ISDIR(source.st_mode)) < 0) return -1;
  int result = attach(place.tree, place.path);
  close(place.tree);
  return result;
}

/*
 * `running` PID, or `stopped` and the number of mounts that are its root filesystem, and these; then the places of the others,
 * parents first: where it is, and the mount. Of a running container's only the place counts.
 */
int view_open(char **args, int count) {
  bool running = count >= 2 && strcmp(args[0], "running") == 0;
  int bases = running || count < 2 ? 0 : atoi(args[1]);
  char **words = args + 2 + bases * MOUNT_WORDS;
  int n = (count - 2 - bases * MOUNT_WORDS) / (MOUNT_WORDS + 1);
  if (n < 0) return copy_refused("too few words");
  struct place *places = calloc((size_t)n + 1, sizeof *places);
  if (!places) return copy_failed("allocate", "mounts");
  for (int i = 0; i < n; i++) places[i] = (struct place){words[i * (MOUNT_WORDS + 1)], -1};
  int base = running ? clone_running(args[1], places, n) : mount_stopped(args + 2, bases, words, places, n);
  if (base < 0) return -1;
  if (fchdir(base) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
    return copy_failed("change to", "the container's root filesystem");
  close(base);
  int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0 || restrict_tree(root, ATTR_NODEV) < 0) return copy_failed("restrict", "the container's root filesystem");
  close(root);
  for (int i = 0; i < n; i++)
    if (put_in_place(places[i]) < 0) return copy_failed("mount", places[i].path);
  free(places);
  return 0;
}

int view_evaluate(const char *path, char *result, size_t size) {
  enum { MOST_LINKS = 255 };
  char pending[2 * PATH_MAX], next[2 * PATH_MAX], target[PATH_MAX];
  size_t length = 0;
  int links = 0;
  if (snprintf(pending, sizeof pending, "%s", path) >= PATH_MAX) return errno = ENAMETOOLONG, -1;
  result[0] = 0;
  while (pending[0]) {
    char *part = pending + strspn(pending, "/");
    size_t part_length = strcspn(part, "/");
    snprintf(next, sizeof next, "%s", part + part_length);
    part[part_length] = 0;
    if (strcmp(part, "..") == 0) {
      char *slash = strrchr(result, '/');
      length = slash ? (size_t)(slash - result) : 0;
      result[length] = 0;
    } else if (part_length > 0 && strcmp(part, ".") != 0) {
      if (length + part_length + 2 > size) return errno = ENAMETOOLONG, -1;
      snprintf(result + length, size - length, "/%s", part);
      ssize_t n = readlink(result, target, sizeof target - 1);
      if (n < 0) {
        length += part_length + 1;
      } else {
        target[n] = 0;
        if (++links > MOST_LINKS) return errno = ELOOP, -1;
        if (target[0] == '/') length = 0;
        result[length] = 0;
        char rest[2 * PATH_MAX];
        if (snprintf(rest, sizeof rest, "%s/%s", target, next) >= (int)sizeof rest) return errno = ENAMETOOLONG, -1;
        snprintf(next, sizeof next, "%s", rest);
      }
    }
    memcpy(pending, next, strlen(next) + 1);
  }
  if (length == 0) snprintf(result, size, "/");
  return 0;
}
