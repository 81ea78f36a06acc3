/* Unpacks an archive below a directory, which no link in it leads out of. */
#define _GNU_SOURCE
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { NR_OPENAT2 = 437, RESOLVE_IN_ROOT = 0x10 };
struct how {
  uint64_t flags, mode, resolve;
};
enum { SPLICE = 1 << 20, WORTH_SPLICING = 1 << 16 };

/* Directories get their owners, modes and times when everything is in them. */
struct later {
  struct later *next;
  struct entry entry;
  char name[];
};

static const char *top;
static int root;
static struct unpack_rules rules;
static struct later *directories;
/* The directory of the entry before: most have the same. */
static char parent_name[PATH_MAX];
static int parent = -1;

/* Links are followed as by a process whose root is the directory; before Linux 5.6 not at all. */
static int open_below(const char *path, int flags) {
  struct how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT};
  if (path[0] == 0) path = ".";
  int fd = (int)syscall(NR_OPENAT2, root, path, &how, sizeof how);
  if (fd >= 0 || errno != ENOSYS) return fd;
  char parts[PATH_MAX], *rest = parts;
  snprintf(parts, sizeof parts, "%s", path);
  int at = dup(root);
  for (char *part; at >= 0 && (part = strsep(&rest, "/"));) {
    int next = openat(at, part, (rest ? O_PATH | O_DIRECTORY : flags) | O_NOFOLLOW | O_CLOEXEC), error = errno;
    close(at);
    errno = error;
    at = next;
  }
  return at;
}

static int make_directories(const char *path) {
  char made[PATH_MAX];
  snprintf(made, sizeof made, "%s", path);
  for (char *slash = made;; slash++) {
    slash = strchr(slash, '/');
    if (slash) *slash = 0;
    char *base = strrchr(made, '/');
    int below = root;
    if (base) {
      *base = 0;
      below = open_below(made, O_PATH | O_DIRECTORY);
      *base = '/';
    }
    if (below < 0) return -1;
    int result = mkdirat(below, base ? base + 1 : made, 0777), error = errno;
    if (below != root) close(below);
    errno = error;
    if (result < 0 && errno != EEXIST) return -1;
    if (!slash) return 0;
    *slash = '/';
  }
}

/* The directory of an entry, made where it is missing, and the entry's name in it. */
static int open_parent(const char *path, const char **base) {
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) : 0;
  *base = slash ? slash + 1 : path;
  if (parent >= 0 && strlen(parent_name) == length && memcmp(parent_name, path, length) == 0) return parent;
  if (length >= sizeof parent_name) return errno = ENAMETOOLONG, -1;
  if (parent >= 0) close(parent);
  memcpy(parent_name, path, length);
  parent_name[length] = 0;
  parent = open_below(parent_name, O_PATH | O_DIRECTORY);
  if (parent < 0 && errno == ENOENT && make_directories(parent_name) == 0)
    parent = open_below(parent_name, O_PATH | O_DIRECTORY);
  return parent;
}

/* Without `.`, `..`, leading and double slashes; false where it leads out. */
static bool clean(const char *name, char *path) {
  size_t length = 0;
  if (strlen(name) >= PATH_MAX) return false;
  for (const char *part = name; *part;) {
    part += strspn(part, "/");
    size_t size = strcspn(part, "/");
    if (size == 2 && memcmp(part, "..", 2) == 0) {
      if (length == 0 && name[0] != '/') return false;
      while (length > 0 && path[--length] != '/') {
      }
    } else if (size > 0 && !(size == 1 && *part == '.')) {
      if (length > 0) path[length++] = '/';
      memcpy(path + length, part, size);
      length += size;
    }
    part += size;
  }
  path[length] = 0;
  return true;
}

static int set_owner(int fd, const char *base, const struct entry *entry, int flags) {
  if (rules.ownership == OWNER_CALLER) return 0;
  bool given = rules.ownership == OWNER_GIVEN;
  return fchownat(fd, base, given ? rules.uid : entry->uid, given ? rules.gid : entry->gid, flags);
}

static void times_of(const struct entry *entry, struct timespec times[2]) {
  times[0] = times[1] = (struct timespec){.tv_sec = entry->seconds, .tv_nsec = entry->nanoseconds};
}

/* Those that the file system or the caller cannot have are left out. */
static int set_xattrs(int fd, const struct entry *entry) {
  for (const char *p = entry->xattrs; p && p < entry->xattrs + entry->xattrs_length;) {
    size_t length;
    memcpy(&length, p, sizeof length);
    const char *record = p + sizeof length, *equals = memchr(record, '=', length);
    char key[256];
    p = record + length;
    if (!equals || snprintf(key, sizeof key, "%.*s", (int)(equals - record), record) >= (int)sizeof key) continue;
    if (fsetxattr(fd, key, equals + 1, length - (size_t)(equals + 1 - record), 0) < 0 && errno != ENOTSUP && errno != EPERM)
      return -1;
  }
  return 0;
}

static int take_content(struct bytes_in *in, int fd, int64_t size, const char *path) {
  static char buffer[1 << 17];
  int64_t done = 0;
  while (done < size) {
    if (in->at == in->length && size - done >= WORTH_SPLICING) {
      ssize_t n = splice(in->fd, NULL, fd, NULL, size - done < SPLICE ? (size_t)(size - done) : SPLICE, SPLICE_F_MOVE);
      if (n < 0 && errno == EINTR) continue;
      if (n == 0) return copy_refused("unexpected EOF");
      if (n > 0) {
        done += n;
        continue;
      }
      /* No pipe, or a file system that cannot. */
      if (errno != EINVAL) return copy_failed("write", path);
    }
    ssize_t n = get_bytes(in, buffer, size - done < (int64_t)sizeof buffer ? (size_t)(size - done) : sizeof buffer);
    if (n < 0) return copy_failed("read", "the archive");
    if (n == 0) return copy_refused("unexpected EOF");
    for (ssize_t written = 0; written < n;) {
      ssize_t more = write(fd, buffer + written, (size_t)(n - written));
      if (more < 0 && errno == EINTR) continue;
      if (more < 0) return copy_failed("write", path);
      written += more;
    }
    done += n;
  }
  return skip_bytes(in, tar_padding((uint64_t)size));
}

static int unpack_file(struct bytes_in *in, int dir, const char *base, const struct entry *entry, const char *path) {
  struct timespec times[2];
  times_of(entry, times);
  int fd = openat(dir, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return copy_failed("open", path);
  int result = take_content(in, fd, entry->size, path);
  /* The mode last: a new owner takes the set-user-ID bit away. */
  if (result == 0 && set_owner(fd, "", entry, AT_EMPTY_PATH) < 0) result = copy_failed("lchown", path);
  if (result == 0 && set_xattrs(fd, entry) < 0) result = copy_failed("setxattr", path);
  if (result == 0 && (fchmod(fd, entry->mode) < 0 || futimens(fd, times) < 0)) result = copy_failed("chmod", path);
  if (close(fd) < 0 && result == 0) result = copy_failed("close", path);
  return result;
}

static int unpack_link(int dir, const char *base, const struct entry *entry, const char *path) {
  char target[PATH_MAX];
  if (!clean(entry->link, target)) return copy_refused("invalid hardlink \"%s\" -> \"%s\"", path, entry->link);
  char *slash = strrchr(target, '/');
  if (slash) *slash = 0;
  int from = open_below(slash ? target : "", O_PATH | O_DIRECTORY);
  int result = from < 0 ? -1 : linkat(from, slash ? slash + 1 : target, dir, base, 0), error = errno;
  if (from >= 0) close(from);
  errno = error;
  return result < 0 ? copy_failed("link", path) : 0;
}

static int keep_directory(const struct entry *entry, const char *path) {
  struct later *added = malloc(sizeof *added + strlen(path) + 1);
  if (!added) return copy_refused("out of memory");
  added->entry = *entry;
  strcpy(added->name, path);
  added->next = directories;
  directories = added;
  return 0;
}

static int unpack_node(int dir, const char *base, const struct entry *entry, const char *path) {
  struct timespec times[2];
  times_of(entry, times);
  if (entry->type == '2') {
    if (symlinkat(entry->link, dir, base) < 0) return copy_failed("symlink", path);
    if (set_owner(dir, base, entry, AT_SYMLINK_NOFOLLOW) < 0) return copy_failed("lchown", path);
  } else {
    bool fifo = entry->type == '6';
    if (!fifo && rules.skip_devices) return 0;
    mode_t type = fifo ? S_IFIFO : entry->type == '3' ? S_IFCHR : S_IFBLK;
    if (mknodat(dir, base, type | entry->mode, makedev(entry->major, entry->minor)) < 0) return copy_failed("mknod", path);
    if (set_owner(dir, base, entry, AT_SYMLINK_NOFOLLOW) < 0) return copy_failed("lchown", path);
    /* Besides the owner's, whose change took bits away. */
    if (entry->mode & 07000 && fchmodat(dir, base, entry->mode, 0) < 0) return copy_failed("chmod", path);
  }
  return utimensat(dir, base, times, AT_SYMLINK_NOFOLLOW) < 0 ? copy_failed("chtimes", path) : 0;
}

static int unpack_entry(struct bytes_in *in, const struct entry *entry) {
  char path[PATH_MAX], shown[2 * PATH_MAX];
  const char *base;
  struct stat there;
  bool directory = entry->type == '5';
  if (!strchr("0123456", entry->type)) return copy_refused("unhandled tar header type %d", entry->type);
  if (!clean(entry->name, path)) return copy_refused("invalid entry name \"%s\"", entry->name);
  if (path[0] == 0) return 0;
  snprintf(shown, sizeof shown, "%s/%s", top, path);
  int dir = open_parent(path, &base);
  if (dir < 0) return copy_failed("open", shown);
  if (fstatat(dir, base, &there, AT_SYMLINK_NOFOLLOW) == 0) {
    if (S_ISDIR(there.st_mode) && !directory)
      return copy_refused("cannot overwrite directory \"%s\" with non-directory \"%s\"", shown, top);
    if (!S_ISDIR(there.st_mode) && directory)
      return copy_refused("cannot overwrite non-directory \"%s\" with directory \"%s\"", shown, top);
    if (!directory && unlinkat(dir, base, 0) < 0) return copy_failed("RemoveAll", shown);
  } else if (directory && mkdirat(dir, base, 0700) < 0) {
    return copy_failed("mkdir", shown);
  }
  if (directory) return keep_directory(entry, path);
  if (entry->type == '0') return unpack_file(in, dir, base, entry, shown);
  if (entry->type == '1') return unpack_link(dir, base, entry, shown);
  return unpack_node(dir, base, entry, shown);
}

/* Those within come before those around them, whose mode may let nobody in. */
static int finish_directories(void) {
  int result = 0;
  for (struct later *each = directories; each; each = each->next) {
    const char *base;
    struct timespec times[2];
    times_of(&each->entry, times);
    int dir = open_parent(each->name, &base);
    if (dir < 0 || set_owner(dir, base, &each->entry, AT_SYMLINK_NOFOLLOW) < 0) result = copy_failed("lchown", each->name);
    else if (fchmodat(dir, base, each->entry.mode, 0) < 0) result = copy_failed("chmod", each->name);
    else if (utimensat(dir, base, times, AT_SYMLINK_NOFOLLOW) < 0) result = copy_failed("chtimes", each->name);
  }
  return result;
}

int tar_unpack(const char *dir, struct unpack_rules given, struct bytes_in *in) {
  struct entry entry;
  int more;
  top = strcmp(dir, "/") == 0 ? "" : dir;
  rules = given;
  root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return copy_failed("open", dir);
  while ((more = get_header(in, &entry)) == 1)
    if (unpack_entry(in, &entry) < 0) break;
  /* Also what there is of half an archive. */
  int finished = finish_directories();
  return more == 0 ? finished : -1;
}
