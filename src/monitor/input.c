/* The container's stdin: a FIFO that the shim reads, fed by the attached clients. */
#define _GNU_SOURCE
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int input_fd = -1;
static struct shared *shared;

void input_open(const char *path, struct shared *state) {
  shared = state;
  if (path && !shared->stdin_closed) input_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

void input_forget(void) { input_fd = -1; }

static void close_input(struct client *client) {
  if (input_fd >= 0) close(input_fd);
  input_fd = -1;
  shared->stdin_closed = true;
  clients_control(client, STREAM_STDIN_CLOSED);
}

void input_write(struct client *client, const char *data, size_t len) {
  ssize_t n = 0;
  if (input_fd < 0) return;
  if (client->in_len == 0) n = write(input_fd, data, len);
  if (n < 0) n = 0;
  len -= (size_t)n;
  if (len == 0) return;
  char *grown = realloc(client->in, client->in_len + len);
  if (!grown) return;
  memcpy(grown + client->in_len, data + n, len);
  client->in = grown;
  client->in_len += len;
}

void input_end(struct client *client) {
  if (client->in_len == 0) close_input(client);
  else client->stdin_ends = true;
}

void input_flush(struct client *client) {
  while (input_fd >= 0 && client->in_at < client->in_len) {
    ssize_t n = write(input_fd, client->in + client->in_at, client->in_len - client->in_at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    client->in_at += (size_t)n;
  }
  free(client->in);
  client->in = NULL;
  client->in_at = client->in_len = 0;
  if (client->stdin_ends) close_input(client);
  client->stdin_ends = false;
}
