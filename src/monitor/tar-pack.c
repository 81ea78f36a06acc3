/*
 * Packs a file or a tree. Nothing is found by its path: a container may move its directories and put links and FIFOs in
 * their places while we read them.
 */
#define _GNU_SOURCE
#include "copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* What a file with several names was packed as. */
struct seen {
  struct seen *next;
  dev_t device;
  ino_t inode;
  char name[];
};
enum { BUCKETS = 4096, SPLICE = 1 << 20, WORTH_SPLICING = 1 << 16 };

static struct seen *known[BUCKETS];
static struct ids root_outside;
static struct bytes_out *out;

static void write_out(struct bytes_out *to, const char *data, size_t length) {
  while (length > 0 && !to->broken) {
    ssize_t n = write(to->fd, data, length);
    if (n >= 0) {
      data += n;
      length -= (size_t)n;
    } else if (errno == EAGAIN) {
      struct pollfd wait = {.fd = to->fd, .events = POLLOUT};
      poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      to->broken = true;
      to->error = errno;
    }
  }
}

static void flush(struct bytes_out *to) {
  write_out(to, to->buffer, to->length);
  to->length = 0;
  copy_progress(to->total);
}

void put_bytes(struct bytes_out *to, const void *data, size_t length) {
  to->total += length;
  for (const char *p = data; length > 0;) {
    if (to->length == sizeof to->buffer) flush(to);
    size_t part = sizeof to->buffer - to->length < length ? sizeof to->buffer - to->length : length;
    memcpy(to->buffer + to->length, p, part);
    to->length += part;
    p += part;
    length -= part;
  }
}

void put_end(struct bytes_out *to) {
  static const char zeros[1024];
  put_bytes(to, zeros, sizeof zeros);
  flush(to);
}

static void warn(const char *what, const char *name) {
  /* Gone since the directory was read. */
  if (errno == ENOENT) return;
  copy_warn(what, name);
}

/* The name under which the file is in the archive already; else it is remembered under this one. */
static const char *seen_as(const struct stat *file, const char *name) {
  struct seen **bucket = &known[(file->st_ino ^ file->st_dev) % BUCKETS];
  for (struct seen *each = *bucket; each; each = each->next)
    if (each->inode == file->st_ino && each->device == file->st_dev) return each->name;
  struct seen *added = malloc(sizeof *added + strlen(name) + 1);
  if (!added) return NULL;
  added->device = file->st_dev;
  added->inode = file->st_ino;
  added->next = *bucket;
  strcpy(added->name, name);
  *bucket = added;
  return NULL;
}

/* Root of the user namespace is the caller outside of it; the owner that it has no number for is mostly root. */
static unsigned outside(unsigned id, long root) {
  enum { NO_NUMBER = 65534 };
  if (root < 0) return id;
  return id == 0 ? (unsigned)root : id == NO_NUMBER ? 0 : id;
}

static struct entry describe(char type, const struct stat *file, const char *name, const char *link) {
  return (struct entry){.type = type,
                        .mode = file->st_mode,
                        .uid = outside(file->st_uid, root_outside.uid),
                        .gid = outside(file->st_gid, root_outside.gid),
                        .seconds = file->st_mtim.tv_sec,
                        .name = name,
                        .link = link};
}

/* Without a way through our memory, where it goes into a pipe. How much went. */
static int64_t splice_content(int fd, int64_t size) {
  int64_t done = 0;
  flush(out);
  while (done < size && !out->broken) {
    ssize_t n = splice(fd, NULL, out->fd, NULL, size - done < SPLICE ? (size_t)(size - done) : SPLICE, SPLICE_F_MOVE);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) {
      out->broken = true;
      out->error = errno;
    }
    if (n <= 0) break;
    done += n;
    out->total += (uint64_t)n;
    copy_progress(out->total);
  }
  return done;
}

static void put_content(int fd, int64_t size, const char *name) {
  static char buffer[1 << 17];
  static const char zeros[512];
  int64_t done = size >= WORTH_SPLICING ? splice_content(fd, size) : 0;
  bool ended = false;
  while (done < size && !out->broken) {
    size_t part = size - done < (int64_t)sizeof buffer ? (size_t)(size - done) : sizeof buffer;
    ssize_t n = ended ? 0 : read(fd, buffer, part);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) warn("read", name);
    if (n <= 0) {
      /* It was cut off meanwhile: the header has promised more. */
      ended = true;
      memset(buffer, 0, part);
      n = (ssize_t)part;
    }
    put_bytes(out, buffer, (size_t)n);
    done += n;
  }
  put_bytes(out, zeros, tar_padding((uint64_t)size));
}

static void pack_file(int dir, const char *base, struct stat file, const char *name) {
  char capability[XATTR_SIZE_MAX > 256 ? 256 : XATTR_SIZE_MAX];
  const char *first = file.st_nlink > 1 ? seen_as(&file, name) : NULL;
  if (first) {
    struct entry link = describe('1', &file, name, first);
    return put_header(out, &link);
  }
  /* Not to hang where it has become a FIFO. */
  int fd = openat(dir, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return warn("open", name);
  if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode)) {
    struct entry entry = describe('0', &file, name, "");
    ssize_t length = fgetxattr(fd, "security.capability", capability, sizeof capability);
    if (length > 0) {
      entry.xattrs = capability;
      entry.xattrs_length = (size_t)length;
    }
    entry.size = file.st_size;
    put_header(out, &entry);
    put_content(fd, file.st_size, name);
  }
  close(fd);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Sorted, as docker has them; NULL-terminated. */
static char **names_in(int fd) {
  size_t count = 0, room = 64;
  char **names = malloc(room * sizeof *names);
  int copy = dup(fd);
  DIR *entries = copy < 0 ? NULL : fdopendir(copy);
  for (struct dirent *entry; names && entries && (entry = readdir(entries));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (count + 1 == room) {
      char **grown = realloc(names, (room *= 2) * sizeof *names);
      if (!grown) break;
      names = grown;
    }
    names[count++] = strdup(entry->d_name);
  }
  if (!entries && copy >= 0) close(copy);
  if (entries) closedir(entries);
  if (!names) return NULL;
  qsort(names, count, sizeof *names, by_name);
  names[count] = NULL;
  return names;
}

static void pack_entry(int dir, const char *base, const char *name);

/* Closes the directory. */
static void pack_directory(int fd, const char *name) {
  struct stat found;
  bool slash = name[0] && name[strlen(name) - 1] == '/';
  char *path;
  if (fstat(fd, &found) == 0 && asprintf(&path, "%s%s", name, slash ? "" : "/") >= 0) {
    struct entry entry = describe('5', &found, path, "");
    put_header(out, &entry);
    char **names = names_in(fd);
    for (char **each = names; each && *each; each++) {
      char *below;
      if (!out->broken && asprintf(&below, "%s%s", path, *each) >= 0) {
        pack_entry(fd, *each, below);
        free(below);
      }
      free(*each);
    }
    free(names);
    free(path);
  }
  close(fd);
}

static void pack_entry(int dir, const char *base, const char *name) {
  struct stat found;
  char target[PATH_MAX];
  if (fstatat(dir, base, &found, AT_SYMLINK_NOFOLLOW) < 0) return warn("lstat", name);
  if (S_ISREG(found.st_mode)) return pack_file(dir, base, found, name);
  if (S_ISDIR(found.st_mode)) {
    int fd = openat(dir, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? warn("open", name) : pack_directory(fd, name);
  }
  struct entry entry = describe('6', &found, name, "");
  if (S_ISLNK(found.st_mode)) {
    ssize_t length = readlinkat(dir, base, target, sizeof target - 1);
    if (length < 0) return warn("readlink", name);
    target[length] = 0;
    entry.type = '2';
    entry.link = target;
  } else if (S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode)) {
    entry.type = S_ISCHR(found.st_mode) ? '3' : '4';
    entry.major = major(found.st_rdev);
    entry.minor = minor(found.st_rdev);
  } else if (S_ISSOCK(found.st_mode)) {
    /* No archive has them. */
    return;
  }
  put_header(out, &entry);
}

int tar_pack(const char *dir, const char *name, const char *top, struct ids ids, struct bytes_out *to) {
  int fd = open(dir, (strcmp(name, ".") == 0 ? O_RDONLY : O_PATH) | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return copy_failed("open", dir);
  root_outside = ids;
  out = to;
  if (strcmp(name, ".") == 0) {
    pack_directory(fd, top);
  } else {
    pack_entry(fd, name, top);
    close(fd);
  }
  put_end(to);
  return 0;
}
