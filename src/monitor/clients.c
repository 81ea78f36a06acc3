/* Clients of attach.sock. They send type (1 byte), length (4 bytes, big-endian), payload; they get stdcopy frames. */
#define _GNU_SOURCE
#include "monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HELLO = 1, STDIN_DATA = 2, STDIN_END = 3, PID = 4, DETACH = 5, DONE = 6 };
enum { HELLO_OWNER = 1, HELLO_QUIET = 2 };
enum { MAX_BODY = 1 << 20 };

struct client *clients;

void clients_accept(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
    struct client *client = calloc(1, sizeof *client);
    if (!client) {
      close(fd);
      return;
    }
    client->fd = fd;
    client->next = clients;
    clients = client;
  }
}

static void drop(struct client *client) {
  close(client->fd);
  client->fd = -1;
}

static void enqueue(struct client *client, const char *data, size_t len) {
  size_t left = client->out_len - client->out_at;
  if (client->out_at > 0) memmove(client->out, client->out + client->out_at, left);
  client->out_at = 0;
  client->out_len = left;
  if (left + len > client->out_cap) {
    char *grown = realloc(client->out, left + len);
    if (!grown) return drop(client);
    client->out = grown;
    client->out_cap = left + len;
  }
  memcpy(client->out + left, data, len);
  client->out_len += len;
}

/* Bytes taken, or -1 if the client is dead (and dropped). */
static ssize_t try_send(struct client *client, const char *data, size_t len) {
  ssize_t n;
  do n = send(client->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n >= 0) return n;
  if (errno == EAGAIN) return 0;
  drop(client);
  return -1;
}

static void transmit(struct client *client, const char *data, size_t len) {
  if (client->fd < 0) return;
  ssize_t n = client->out_len > client->out_at ? 0 : try_send(client, data, len);
  if (n >= 0 && (size_t)n < len) enqueue(client, data + n, len - (size_t)n);
}

void clients_flush(struct client *client) {
  size_t left = client->out_len - client->out_at;
  if (left > 0) {
    ssize_t n = try_send(client, client->out + client->out_at, left);
    if (n < 0) return;
    client->out_at += (size_t)n;
    left -= (size_t)n;
  }
  if (left > 0) return;
  free(client->out);
  client->out = NULL;
  client->out_at = client->out_len = client->out_cap = 0;
  if (client->closing) drop(client);
}

static void write_header(char *to, int stream, size_t len) {
  uint32_t size = htonl((uint32_t)len);
  memset(to, 0, 4);
  to[0] = (char)stream;
  memcpy(to + 4, &size, 4);
}

void clients_broadcast(int stream, char *frame, size_t len) {
  write_header(frame, stream, len);
  for (struct client *c = clients; c; c = c->next)
    if (c->ready && !c->quiet && !c->closing) transmit(c, frame, len + FRAME_HEADER);
}

void clients_control(struct client *client, int stream) {
  char frame[FRAME_HEADER];
  write_header(frame, stream, 0);
  transmit(client, frame, sizeof frame);
}

static void control(struct client *client, int type, const struct client_events *events) {
  if (type == HELLO) {
    client->owner = client->body_len > 0 && (client->body[0] & HELLO_OWNER);
    client->quiet = client->body_len > 0 && (client->body[0] & HELLO_QUIET);
    client->ready = true;
    clients_control(client, STREAM_ATTACHED);
    events->hello(client);
  } else if (type == PID && client->body_len == 4) {
    uint32_t pid;
    memcpy(&pid, client->body, 4);
    events->pid((pid_t)ntohl(pid));
    clients_control(client, STREAM_PID_KNOWN);
  } else if (type == STDIN_END) {
    events->stdin_end(client);
  } else if (type == DETACH) {
    client->owner = false;
  } else if (type == DONE) {
    client->owner = false;
    events->done();
  }
}

/* One step of the parser; returns how many of the bytes it has used. */
static size_t step(struct client *client, const char *data, size_t len, const struct client_events *events) {
  if (client->head_len < sizeof client->head) {
    client->head[client->head_len++] = (unsigned char)*data;
    if (client->head_len < sizeof client->head) return 1;
    uint32_t size;
    memcpy(&size, client->head + 1, 4);
    client->body_left = ntohl(size);
    client->body_len = 0;
    if (client->body_left > MAX_BODY) {
      drop(client);
      return len;
    }
    if (client->body_left > 0) return 1;
    client->head_len = 0;
    control(client, client->head[0], events);
    return 1;
  }
  size_t take = len < client->body_left ? len : client->body_left;
  if (client->head[0] == STDIN_DATA) {
    events->stdin_data(client, data, take);
  } else {
    for (size_t i = 0; i < take && client->body_len < sizeof client->body; i++)
      client->body[client->body_len++] = (unsigned char)data[i];
  }
  client->body_left -= take;
  if (client->body_left > 0) return take;
  client->head_len = 0;
  if (client->head[0] != STDIN_DATA) control(client, client->head[0], events);
  return take;
}

void clients_read(struct client *client, const struct client_events *events) {
  char data[8192];
  ssize_t n = recv(client->fd, data, sizeof data, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return drop(client);
  for (size_t at = 0; at < (size_t)n && client->fd >= 0;) at += step(client, data + at, (size_t)n - at, events);
}

size_t clients_backlog(void) {
  size_t most = 0;
  for (struct client *c = clients; c; c = c->next)
    if (c->fd >= 0 && c->out_len - c->out_at > most) most = c->out_len - c->out_at;
  return most;
}

int clients_owners(void) {
  int count = 0;
  for (struct client *c = clients; c; c = c->next) count += c->fd >= 0 && c->owner;
  return count;
}

void clients_sweep(void) {
  for (struct client **p = &clients; *p;) {
    struct client *c = *p;
    if (c->fd >= 0) {
      p = &c->next;
      continue;
    }
    *p = c->next;
    free(c->out);
    free(c->in);
    free(c);
  }
}

void clients_close_all(void) {
  for (struct client *c = clients; c; c = c->next)
    if (c->fd >= 0) drop(c);
  clients_sweep();
}

void clients_linger(void) {
  for (;;) {
    struct client *slow = NULL;
    for (struct client *c = clients; c; c = c->next) {
      if (c->fd < 0) continue;
      c->closing = true;
      clients_flush(c);
      if (c->fd >= 0) slow = c;
    }
    if (!slow) _exit(0);
    struct pollfd wait = {.fd = slow->fd, .events = POLLOUT};
    if (poll(&wait, 1, -1) < 0 && errno != EINTR) _exit(0);
  }
}
