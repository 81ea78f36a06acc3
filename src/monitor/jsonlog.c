/*
 * Docker's json-file: one object per line, lines longer than 16 KB in pieces without the newline, the escapes of
 * its encoder, times in UTC with the zeros at the end of the fraction left out, rotation to .1, .2 …
 */
#define _GNU_SOURCE
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  LINE = 16384,
  WRITE_AT = 64 * 1024,
  ENTRY = 6 * LINE + 128, /* the longest entry: every byte as \u00XX */
  PAGE = 4096,
};

/* Only a complete entry goes from here to the file, so a full disk never leaves half of one. */
static _Alignas(PAGE) char pending[WRITE_AT + ENTRY];
static size_t pending_len;

static _Alignas(PAGE) char lines[2][LINE];
static size_t line_len[2];
static struct {
  bool set;
  struct timespec at;
} first_piece[2]; /* all pieces of a line carry the time of the first */

static int fd = -1;
static char *file_path;
static int64_t size, size_limit;
static int file_limit;

static void open_file(int flags) {
  struct stat st;
  fd = open(file_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0640);
  size = fd >= 0 && fstat(fd, &st) == 0 ? st.st_size : 0;
}

void jsonlog_open(const char *path, int64_t max_size, int max_file) {
  file_path = strdup(path);
  size_limit = max_size;
  file_limit = max_file;
  if (file_path) open_file(0);
}

static void rotate(void) {
  char from[4160], to[4160];
  if (fd >= 0) close(fd);
  fd = -1;
  for (int i = file_limit - 1; i > 0; i--) {
    snprintf(to, sizeof to, "%s.%d", file_path, i);
    if (i > 1) snprintf(from, sizeof from, "%s.%d", file_path, i - 1);
    else snprintf(from, sizeof from, "%s", file_path);
    rename(from, to);
  }
  open_file(O_TRUNC);
}

void jsonlog_flush(void) {
  if (pending_len == 0) return;
  if (fd < 0 && file_path) open_file(0);
  size_t done = 0;
  while (fd >= 0 && done < pending_len) {
    ssize_t n = write(fd, pending + done, pending_len - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += (size_t)n;
  }
  /* A full disk loses lines of the log; the container and its clients go on. */
  if (done == pending_len) size += (int64_t)done;
  else if (done > 0 && ftruncate(fd, size) < 0) size += (int64_t)done;
  pending_len = 0;
}

static void put(const char *text, size_t len) {
  memcpy(pending + pending_len, text, len);
  pending_len += len;
}

/* The length of the well-formed UTF-8 sequence at `p`; 0 if it is ill-formed, -1 if `len` cuts it off. */
static int sequence(const unsigned char *p, size_t len) {
  int need = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
  for (int i = 1; i < need; i++) {
    if ((size_t)i >= len) return -1;
    if ((p[i] & 0xc0) != 0x80) return 0;
    if (i > 1) continue;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xed && p[1] > 0x9f;
    if (overlong || surrogate || (p[0] == 0xf4 && p[1] > 0x8f)) return 0;
  }
  return need;
}

static void put_escaped(const unsigned char *p, size_t len) {
  static const char hex[] = "0123456789abcdef";
  size_t i = 0, plain = 0;
  while (i < len) {
    unsigned char c = p[i];
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&') {
      i++;
      continue;
    }
    int bytes = c < 0x80 ? 1 : sequence(p + i, len - i);
    bool separator = bytes == 3 && c == 0xe2 && p[i + 1] == 0x80 && (p[i + 2] & 0xfe) == 0xa8;
    if (bytes > 1 && !separator) {
      i += (size_t)bytes;
      continue;
    }
    put((const char *)p + plain, i - plain);
    if (separator) {
      put(p[i + 2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
    } else if (bytes <= 0) {
      bytes = 1;
      put("\\ufffd", 6);
    } else if (c == '"' || c == '\\') {
      put((char[]){'\\', (char)c}, 2);
    } else if (c == '\n' || c == '\r') {
      put(c == '\n' ? "\\n" : "\\r", 2);
    } else {
      put((char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
    i += (size_t)bytes;
    plain = i;
  }
  put((const char *)p + plain, i - plain);
}

static void digits(char *to, unsigned value, int count) {
  while (count-- > 0) {
    to[count] = (char)('0' + value % 10);
    value /= 10;
  }
}

/* By hand, because gmtime() reads /etc/localtime first. Days are counted from 1 March 0000 (proleptic). */
static size_t put_date(char *to, time_t seconds) {
  unsigned days = (unsigned)(seconds / 86400 + 719468), rest = (unsigned)(seconds % 86400);
  unsigned era = days / 146097, day = days % 146097;
  unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  day -= 365 * year + year / 4 - year / 100;
  unsigned month = (5 * day + 2) / 153;
  day -= (153 * month + 2) / 5;
  month = month < 10 ? month + 3 : month - 9;
  memcpy(to, "0000-00-00T00:00:00", 19);
  digits(to, year + era * 400 + (month <= 2), 4);
  digits(to + 5, month, 2);
  digits(to + 8, day + 1, 2);
  digits(to + 11, rest / 3600, 2);
  digits(to + 14, rest / 60 % 60, 2);
  digits(to + 17, rest % 60, 2);
  return 19;
}

static void put_time(const struct timespec *at) {
  static char date[20];
  static time_t date_of = -1;
  if (at->tv_sec != date_of) put_date(date, date_of = at->tv_sec);
  put(date, 19);
  if (at->tv_nsec == 0) return;
  char fraction[10] = ".";
  digits(fraction + 1, (unsigned)at->tv_nsec, 9);
  size_t len = 10;
  while (fraction[len - 1] == '0') len--;
  put(fraction, len);
}

/* `piece`: more of the same line follows. */
static void entry(int stream, const char *text, size_t len, bool piece) {
  if (size_limit > 0 && size + (int64_t)pending_len >= size_limit) {
    jsonlog_flush();
    if (size >= size_limit) rotate();
  }
  struct timespec now;
  if (first_piece[stream].set) now = first_piece[stream].at;
  else clock_gettime(CLOCK_REALTIME, &now);
  first_piece[stream].set = piece;
  first_piece[stream].at = now;
  put("{\"log\":\"", 8);
  put_escaped((const unsigned char *)text, len);
  put(stream == 0 ? "\",\"stream\":\"stdout\",\"time\":\"" : "\",\"stream\":\"stderr\",\"time\":\"", 28);
  put_time(&now);
  put("Z\"}\n", 4);
  if (pending_len >= WRITE_AT) jsonlog_flush();
}

/* How many bytes at the end begin a character whose rest is still to come. */
static size_t cut_character(const char *text, size_t len) {
  for (size_t back = 1; back <= 3 && back <= len; back++) {
    unsigned char c = (unsigned char)text[len - back];
    if ((c & 0xc0) == 0x80) continue;
    return c >= 0x80 && sequence((const unsigned char *)text + len - back, back) < 0 ? back : 0;
  }
  return 0;
}

void jsonlog_write(int stream, const char *data, size_t len) {
  if (!file_path) return;
  char *line = lines[stream];
  while (len > 0) {
    size_t have = line_len[stream];
    size_t window = len < LINE - have ? len : LINE - have;
    const char *newline = memchr(data, '\n', window);
    size_t take = newline ? (size_t)(newline - data) + 1 : window;
    const char *text = data;
    if (have > 0 || (!newline && take < LINE)) {
      memcpy(line + have, data, take);
      text = line;
    }
    data += take;
    len -= take;
    have += take;
    line_len[stream] = 0;
    if (newline) {
      entry(stream, text, have, false);
    } else if (have == LINE) {
      size_t cut = cut_character(text, have);
      entry(stream, text, have - cut, true);
      memmove(line, text + have - cut, cut);
      line_len[stream] = cut;
    } else {
      line_len[stream] = have;
    }
  }
}

void jsonlog_end(int stream) {
  if (line_len[stream] > 0) entry(stream, lines[stream], line_len[stream], false);
  line_len[stream] = 0;
}

void jsonlog_close(void) {
  jsonlog_flush();
  if (fd >= 0) close(fd);
  fd = -1;
}

void jsonlog_forget(void) {
  if (fd >= 0) close(fd);
  fd = -1;
  free(file_path);
  file_path = NULL;
  pending_len = line_len[0] = line_len[1] = 0;
  first_piece[0].set = first_piece[1].set = false;
  jsonlog_trim();
}

void jsonlog_trim(void) {
  if (pending_len == 0) madvise(pending, sizeof pending & ~(size_t)(PAGE - 1), MADV_DONTNEED);
  for (int i = 0; i < 2; i++)
    if (line_len[i] == 0) madvise(lines[i], sizeof lines[i], MADV_DONTNEED);
}
