/* Extended attributes, as text: JavaScript runtimes have no calls for them. */
#define _GNU_SOURCE
#include "monitor.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

struct text {
  char *bytes;
  size_t length, room;
};

static bool reserve(struct text *text, size_t more) {
  if (text->length + more <= text->room) return true;
  size_t room = (text->length + more) * 2;
  char *grown = realloc(text->bytes, room);
  if (!grown) return false;
  text->bytes = grown;
  text->room = room;
  return true;
}

/* The bytes in hexadecimal digits, and one character. */
static bool append(struct text *text, const char *bytes, size_t length, char end) {
  static const char digits[] = "0123456789abcdef";
  if (!reserve(text, 2 * length + 1)) return false;
  for (size_t i = 0; i < length; i++) {
    text->bytes[text->length++] = digits[(unsigned char)bytes[i] >> 4];
    text->bytes[text->length++] = digits[bytes[i] & 15];
  }
  text->bytes[text->length++] = end;
  return true;
}

/* What cannot be read, or is gone meanwhile, is left out. */
static void append_entry(struct text *text, const char *path, const char *name) {
  static char keys[XATTR_LIST_MAX], value[XATTR_SIZE_MAX];
  ssize_t size = llistxattr(path, keys, sizeof keys);
  for (char *key = keys; size > 0 && key < keys + size; key += strlen(key) + 1) {
    ssize_t length = lgetxattr(path, key, value, sizeof value);
    if (length < 0) continue;
    size_t before = text->length;
    if (!append(text, name, strlen(name), ' ') || !append(text, key, strlen(key), ' ') ||
        !append(text, value, (size_t)length, '\n'))
      text->length = before;
  }
}

/*
 * Those of all entries of a directory, a line each: name, attribute and value in hexadecimal digits. Counts the NUL at
 * the end. NULL: errno says why.
 */
char *xattrs_in(const char *dir, size_t *length) {
  DIR *entries = opendir(dir);
  if (!entries) return NULL;
  struct text text = {0};
  char path[PATH_MAX];
  for (struct dirent *entry; (entry = readdir(entries));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) >= (int)sizeof path) continue;
    append_entry(&text, path, entry->d_name);
  }
  closedir(entries);
  if (!reserve(&text, 1)) {
    free(text.bytes);
    return NULL;
  }
  text.bytes[text.length++] = 0;
  *length = text.length;
  return text.bytes;
}

/* `digits` is the value in hexadecimal. */
int set_xattr(const char *path, const char *name, const char *digits) {
  static char value[XATTR_SIZE_MAX];
  size_t length = strlen(digits) / 2;
  if (length > sizeof value) {
    errno = E2BIG;
    return -1;
  }
  for (size_t i = 0; i < length; i++) {
    char byte[3] = {digits[2 * i], digits[2 * i + 1], 0};
    value[i] = (char)strtoul(byte, NULL, 16);
  }
  return lsetxattr(path, name, value, length, 0);
}
