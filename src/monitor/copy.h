/* What the parts of `nerdctl-monitor copy` share. docs/monitor.md describes its requests. */
#ifndef NERDCTL_COPY_H
#define NERDCTL_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* copy.c: frames for the command line. */
void copy_answer(const char *id, int error, const char *text, const char *value);
/* Remembers the sentence of what has failed first, `WHAT PATH: reason`, for the answer; returns -1. */
int copy_failed(const char *what, const char *path);
int copy_refused(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A file that is left out; the copy goes on. */
void copy_warn(const char *what, const char *path);
void copy_progress(uint64_t bytes);

/* view.c: a container's files as docker shows them, in a mount namespace that ends with this process. */
int view_open(char **args, int count);
/* With every link followed, as far as there is something. */
int view_evaluate(const char *path, char *result, size_t size);

/* tar-pack.c */
struct ids {
  /* Who owns what root owns in the user namespace, outside of it; -1 = this is no such namespace. */
  long uid, gid;
};
struct bytes_out {
  int fd;
  uint64_t total;
  bool broken; /* nobody reads any more; errno of the write is in `error` */
  int error;
  size_t length;
  char buffer[1 << 16];
};
void put_bytes(struct bytes_out *out, const void *data, size_t length);
void put_end(struct bytes_out *out);
/* Packs `name` of the directory, or the directory itself ("."), under the name `top`. */
int tar_pack(const char *dir, const char *name, const char *top, struct ids ids, struct bytes_out *out);

/* tar-header.c */
struct entry {
  char type; /* a typeflag of ustar: '0' file, '1' hard link, '2' symbolic link, '3', '4', '5' directory, '6' */
  mode_t mode;
  uid_t uid;
  gid_t gid;
  int64_t size, seconds;
  long nanoseconds;
  unsigned major, minor;
  const char *name, *link;
  /* security.capability when packing; `key=value` records of extended attributes, by length, when unpacking */
  const char *xattrs;
  size_t xattrs_length;
};
void put_header(struct bytes_out *out, const struct entry *entry);

struct bytes_in {
  int fd;
  size_t at, length;
  char buffer[1 << 16];
};
/* How many bytes were there, up to `length`; -1 = errno. */
ssize_t get_bytes(struct bytes_in *in, void *data, size_t length);
/* 1 = an entry, 0 = the end, -1 = copy_refused() says why. What the entry points to lives until the next call. */
int get_header(struct bytes_in *in, struct entry *entry);
int skip_bytes(struct bytes_in *in, uint64_t length);
static inline uint64_t tar_padding(uint64_t size) { return (512 - size % 512) % 512; }

/* tar-unpack.c */
enum ownership { OWNER_CALLER, OWNER_ARCHIVE, OWNER_GIVEN };
struct unpack_rules {
  enum ownership ownership;
  uid_t uid;
  gid_t gid;
  bool skip_devices; /* in a user namespace nobody makes them */
};
int tar_unpack(const char *dir, struct unpack_rules rules, struct bytes_in *in);

#endif
