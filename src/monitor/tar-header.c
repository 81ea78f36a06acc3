/* Headers of tar archives, POSIX.1-2001 (pax); GNU's long names are read too. */
#define _GNU_SOURCE
#include "copy.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
struct block {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], chksum[8], typeflag, linkname[100], magic[6], version[2],
      uname[32], gname[32], devmajor[8], devminor[8], prefix[155], rest[12];
};
enum { MAX_RECORDS = 1 << 20 };
static const int64_t most_in_12 = 077777777777, most_in_8 = 07777777;
static const char xattr_key[] = "SCHILY.xattr.";

static void put_number(char *field, size_t size, uint64_t value) {
  char digits[32];
  snprintf(digits, sizeof digits, "%0*llo", (int)size - 1, (unsigned long long)value);
  memcpy(field, digits, size - 1);
}

static void put_text(char *field, size_t size, const char *text) { memcpy(field, text, strnlen(text, size)); }

static void put_block(struct bytes_out *out, struct block *block) {
  unsigned sum = 0;
  memset(block->chksum, ' ', sizeof block->chksum);
  for (const unsigned char *p = (unsigned char *)block; p < (unsigned char *)(block + 1); p++) sum += *p;
  put_number(block->chksum, 7, sum);
  block->chksum[6] = 0;
  put_bytes(out, block, sizeof *block);
}

static void begin(struct block *block, char type) {
  memset(block, 0, sizeof *block);
  block->typeflag = type;
  memcpy(block->magic, "ustar", 6);
  memcpy(block->version, "00", 2);
}

/* `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
static void add_record(FILE *records, const char *key, const char *value, size_t length) {
  size_t rest = strlen(key) + length + 3, total = rest + 1;
  char digits[24];
  for (size_t before = 0; before != total;) {
    before = total;
    total = rest + (size_t)snprintf(digits, sizeof digits, "%zu", total);
  }
  fprintf(records, "%zu %s=", total, key);
  fwrite(value, 1, length, records);
  fputc('\n', records);
}

static void add_number(FILE *records, const char *key, int64_t value) {
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%lld", (long long)value);
  add_record(records, key, digits, (size_t)length);
}

static bool fits(const char *text) {
  size_t length = 0;
  for (; text[length]; length++)
    if ((unsigned char)text[length] >= 0x80) return false;
  return length <= 100;
}

static void put_records(struct bytes_out *out, const char *name, const char *records, size_t length) {
  static const char zeros[512];
  struct block block;
  char path[100];
  begin(&block, 'x');
  const char *slash = strrchr(name, '/');
  snprintf(path, sizeof path, "PaxHeaders.0/%.80s", slash && slash[1] ? slash + 1 : "entry");
  put_text(block.name, sizeof block.name, path);
  put_number(block.mode, sizeof block.mode, 0);
  put_number(block.uid, sizeof block.uid, 0);
  put_number(block.gid, sizeof block.gid, 0);
  put_number(block.size, sizeof block.size, length);
  put_number(block.mtime, sizeof block.mtime, 0);
  put_block(out, &block);
  put_bytes(out, records, length);
  put_bytes(out, zeros, tar_padding(length));
}

void put_header(struct bytes_out *out, const struct entry *entry) {
  struct block block;
  char *text = NULL;
  size_t length = 0;
  FILE *records = open_memstream(&text, &length);
  if (!records) {
    out->broken = true;
    out->error = ENOMEM;
    return;
  }
  bool big = entry->size > most_in_12, old = entry->seconds < 0 || entry->seconds > most_in_12;
  if (!fits(entry->name)) add_record(records, "path", entry->name, strlen(entry->name));
  if (!fits(entry->link)) add_record(records, "linkpath", entry->link, strlen(entry->link));
  if (big) add_number(records, "size", entry->size);
  if (old) add_number(records, "mtime", entry->seconds);
  if (entry->uid > most_in_8) add_number(records, "uid", entry->uid);
  if (entry->gid > most_in_8) add_number(records, "gid", entry->gid);
  if (entry->xattrs) add_record(records, "SCHILY.xattr.security.capability", entry->xattrs, entry->xattrs_length);
  fclose(records);
  if (length > 0) put_records(out, entry->name, text, length);
  free(text);
  begin(&block, entry->type);
  put_text(block.name, sizeof block.name, entry->name);
  put_text(block.linkname, sizeof block.linkname, entry->link);
  put_number(block.mode, sizeof block.mode, entry->mode & 07777);
  put_number(block.uid, sizeof block.uid, entry->uid > most_in_8 ? 0 : entry->uid);
  put_number(block.gid, sizeof block.gid, entry->gid > most_in_8 ? 0 : entry->gid);
  put_number(block.size, sizeof block.size, big ? 0 : (uint64_t)entry->size);
  put_number(block.mtime, sizeof block.mtime, old ? 0 : (uint64_t)entry->seconds);
  put_number(block.devmajor, sizeof block.devmajor, entry->major);
  put_number(block.devminor, sizeof block.devminor, entry->minor);
  put_block(out, &block);
}

ssize_t get_bytes(struct bytes_in *in, void *data, size_t length) {
  size_t had = 0;
  while (had < length) {
    if (in->at == in->length) {
      ssize_t n = read(in->fd, in->buffer, sizeof in->buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return -1;
      if (n == 0) break;
      in->at = 0;
      in->length = (size_t)n;
    }
    size_t part = in->length - in->at < length - had ? in->length - in->at : length - had;
    memcpy((char *)data + had, in->buffer + in->at, part);
    in->at += part;
    had += part;
  }
  return (ssize_t)had;
}

static int require_bytes(struct bytes_in *in, void *data, size_t length) {
  ssize_t n = get_bytes(in, data, length);
  if (n < 0) return copy_failed("read", "the archive");
  return (size_t)n == length ? 0 : copy_refused("unexpected EOF");
}

int skip_bytes(struct bytes_in *in, uint64_t length) {
  char waste[4096];
  while (length > 0) {
    size_t part = length < sizeof waste ? (size_t)length : sizeof waste;
    if (require_bytes(in, waste, part) < 0) return -1;
    length -= part;
  }
  return 0;
}

/* Octal digits, or GNU's binary numbers with the first bit set. -1 = neither. */
static int64_t number_in(const char *field, size_t size) {
  if (field[0] & 0x80) {
    int64_t value = field[0] & 0x40 ? -1 : 0;
    for (size_t i = 0; i < size; i++) {
      unsigned char byte = (unsigned char)field[i];
      if (i == 0) byte = (unsigned char)(value < 0 ? byte | 0x80 : byte & 0x7f);
      value = (int64_t)((uint64_t)value << 8 | byte);
    }
    return value;
  }
  char digits[16] = "", *end;
  memcpy(digits, field, size);
  digits[size] = 0;
  char *start = digits + strspn(digits, " ");
  int64_t value = (int64_t)strtoull(start, &end, 8);
  return *end == 0 || *end == ' ' ? value : -1;
}

static bool is_sound(const struct block *block) {
  const unsigned char *bytes = (const unsigned char *)block;
  unsigned sum = 0;
  int with_sign = 0;
  for (size_t i = 0; i < sizeof *block; i++) {
    bool own = i >= offsetof(struct block, chksum) && i < offsetof(struct block, typeflag);
    sum += own ? ' ' : bytes[i];
    with_sign += own ? ' ' : (signed char)bytes[i];
  }
  int64_t said = number_in(block->chksum, sizeof block->chksum);
  return said == (int64_t)sum || said == (int64_t)with_sign;
}

/* What the headers before an entry say of it. */
static struct said {
  char *path, *link, *records;
  size_t xattrs_length;
  char *xattrs;
  bool has_size, has_mtime, has_uid, has_gid;
  int64_t size, seconds, uid, gid;
  long nanoseconds;
} said;

static void forget(void) {
  free(said.path);
  free(said.link);
  free(said.records);
  free(said.xattrs);
  memset(&said, 0, sizeof said);
}

/* Seconds with a fraction; nanoseconds are never negative. */
static void read_time(const char *value) {
  char *end;
  said.has_mtime = true;
  said.seconds = strtoll(value, &end, 10);
  said.nanoseconds = 0;
  if (*end != '.') return;
  long unit = 100000000;
  for (end++; *end >= '0' && *end <= '9' && unit > 0; end++, unit /= 10) said.nanoseconds += (*end - '0') * unit;
  if (value[0] == '-' && said.nanoseconds > 0) {
    said.seconds--;
    said.nanoseconds = 1000000000 - said.nanoseconds;
  }
}

static int keep(char **place, const char *value) {
  free(*place);
  *place = strdup(value);
  return *place ? 0 : copy_refused("out of memory");
}

/* `key=value`, as long as the length before it says. */
static int keep_xattr(const char *record, size_t length) {
  size_t head = sizeof length;
  char *grown = realloc(said.xattrs, said.xattrs_length + head + length);
  if (!grown) return copy_refused("out of memory");
  memcpy(grown + said.xattrs_length, &length, head);
  memcpy(grown + said.xattrs_length + head, record, length);
  said.xattrs = grown;
  said.xattrs_length += head + length;
  return 0;
}

static int read_record(char *record, size_t length) {
  char *equals = memchr(record, '=', length);
  if (!equals) return copy_refused("archive/tar: invalid tar header");
  *equals = 0;
  char *value = equals + 1;
  if (strncmp(record, xattr_key, sizeof xattr_key - 1) == 0) {
    *equals = '=';
    record += sizeof xattr_key - 1;
    return keep_xattr(record, length - (sizeof xattr_key - 1));
  }
  if (strcmp(record, "path") == 0) return keep(&said.path, value);
  if (strcmp(record, "linkpath") == 0) return keep(&said.link, value);
  if (strcmp(record, "size") == 0) said.has_size = true, said.size = strtoll(value, NULL, 10);
  if (strcmp(record, "uid") == 0) said.has_uid = true, said.uid = strtoll(value, NULL, 10);
  if (strcmp(record, "gid") == 0) said.has_gid = true, said.gid = strtoll(value, NULL, 10);
  if (strcmp(record, "mtime") == 0) read_time(value);
  if (strncmp(record, "GNU.sparse.", 11) == 0) return copy_refused("the archive has sparse files, which are not supported");
  return 0;
}

static int read_records(char *records, size_t length) {
  for (char *p = records, *end; p < records + length; p = end) {
    char *word;
    unsigned long size = strtoul(p, &word, 10);
    end = p + size;
    if (*word != ' ' || size == 0 || end > records + length || word + 1 >= end || end[-1] != '\n')
      return copy_refused("archive/tar: invalid tar header");
    end[-1] = 0;
    if (read_record(word + 1, (size_t)(end - 1 - (word + 1))) < 0) return -1;
  }
  return 0;
}

/* The content of a header that is about the next entry, with a NUL behind it. */
static char *read_content(struct bytes_in *in, int64_t size) {
  if (size < 0 || size > MAX_RECORDS) {
    copy_refused("archive/tar: invalid tar header");
    return NULL;
  }
  char *content = malloc((size_t)size + 1);
  if (!content) copy_refused("out of memory");
  else if (require_bytes(in, content, (size_t)size) == 0 && skip_bytes(in, tar_padding((uint64_t)size)) == 0) {
    content[size] = 0;
    return content;
  }
  free(content);
  return NULL;
}

static int fill(const struct block *block, struct entry *entry) {
  static char name[sizeof block->prefix + sizeof block->name + 2], link[sizeof block->linkname + 1];
  bool posix = memcmp(block->magic, "ustar", 6) == 0;
  if (posix && block->prefix[0]) snprintf(name, sizeof name, "%.155s/%.100s", block->prefix, block->name);
  else snprintf(name, sizeof name, "%.100s", block->name);
  snprintf(link, sizeof link, "%.100s", block->linkname);
  entry->name = said.path ? said.path : name;
  entry->link = said.link ? said.link : link;
  entry->type = block->typeflag ? block->typeflag : '0';
  entry->mode = (mode_t)number_in(block->mode, sizeof block->mode) & 07777;
  entry->uid = (uid_t)(said.has_uid ? said.uid : number_in(block->uid, sizeof block->uid));
  entry->gid = (gid_t)(said.has_gid ? said.gid : number_in(block->gid, sizeof block->gid));
  entry->size = said.has_size ? said.size : number_in(block->size, sizeof block->size);
  entry->seconds = said.has_mtime ? said.seconds : number_in(block->mtime, sizeof block->mtime);
  entry->nanoseconds = said.nanoseconds;
  entry->major = (unsigned)number_in(block->devmajor, sizeof block->devmajor);
  entry->minor = (unsigned)number_in(block->devminor, sizeof block->devminor);
  entry->xattrs = said.xattrs;
  entry->xattrs_length = said.xattrs_length;
  if (entry->size < 0) return copy_refused("archive/tar: invalid tar header");
  if (entry->type == '7') entry->type = '0';
  /* As old programs wrote directories. */
  if (entry->type == '0' && entry->name[0] && entry->name[strlen(entry->name) - 1] == '/') entry->type = '5';
  if (entry->type != '0') entry->size = 0;
  return 1;
}

int get_header(struct bytes_in *in, struct entry *entry) {
  static const struct block zeros;
  struct block block;
  forget();
  for (;;) {
    ssize_t n = get_bytes(in, &block, sizeof block);
    if (n < 0) return copy_failed("read", "the archive");
    if (n == 0) return 0;
    if (n < (ssize_t)sizeof block) return copy_refused("unexpected EOF");
    if (memcmp(&block, &zeros, sizeof block) == 0) {
      /* What comes after the end is read so that the writer does not fail. */
      while (get_bytes(in, &block, sizeof block) > 0) {
      }
      return 0;
    }
    if (!is_sound(&block)) return copy_refused("archive/tar: invalid tar header");
    if (!strchr("xgLK", block.typeflag) || !block.typeflag) return fill(&block, entry);
    char *content = read_content(in, number_in(block.size, sizeof block.size));
    int64_t size = number_in(block.size, sizeof block.size);
    if (!content) return -1;
    int result = 0;
    if (block.typeflag == 'L') result = keep(&said.path, content);
    if (block.typeflag == 'K') result = keep(&said.link, content);
    if (block.typeflag == 'x') result = read_records(content, (size_t)size);
    free(content);
    if (result < 0) return -1;
  }
}
