/* What the parts of nerdctl-monitor share. docs/monitor.md describes the program and its protocols. */
#ifndef NERDCTL_MONITOR_H
#define NERDCTL_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* host.c: system calls on behalf of the command line, one child per program run. */
int host_main(void);
int do_mount(char **args);

/* copy.c: copies between containers and this machine */
int copy_main(void);

/* conf.c: monitor.conf, `key=value` lines with \n and \\ escaped. Numbers that are absent are -1. */
struct conf {
  bool json_file;
  bool tty;
  char *log;
  int64_t max_size;
  int max_file;
  char *in, *out, *err; /* FIFOs */
  int64_t restart_delay_ms, restart_reset_after_ms, restart_first_delay_ms;
  char **action; /* argv of `exec=`, NULL-terminated; NULL if there is none */
  char **env;    /* `env=` lines, NULL-terminated */
};
bool conf_load(struct conf *conf, const char *path);
void conf_free(struct conf *conf);

/* holder.c: the process that keeps the read ends while its worker is replaced. */
struct holding {
  int output[2];
  int listener;
  bool fifo_mode;
  struct shared *shared;
};
/* What a new worker must know of the old one: a page that all of them map. */
struct shared {
  pid_t holder;
  pid_t init; /* 0 = not told yet */
  uint64_t init_start; /* field 22 of its stat: a recycled pid is somebody else */
  int64_t started_ms;
  bool stdin_closed;
  bool terminating;
  bool handled; /* an owner or the action has dealt with the exit */
  char memory_events[1024]; /* path, empty if there is none */
  int64_t kills_around; /* out-of-memory kills of others so far; -1 = not known */
};
int holder_main(const char *state_dir, bool fifo_mode);
_Noreturn void hold(struct holding *holding, pid_t worker);

/* worker.c: does the work of the monitor. */
_Noreturn void worker_main(struct holding *holding);

/* clients.c: the attached clients. */
struct client {
  struct client *next;
  int fd; /* -1 = to be removed */
  bool ready, owner, quiet, closing, stdin_ends;
  unsigned char head[5];
  size_t head_len, body_left;
  unsigned char body[8];
  size_t body_len;
  char *out; /* what the socket would not take yet */
  size_t out_at, out_len, out_cap;
  char *in; /* what the stdin FIFO would not take yet */
  size_t in_at, in_len;
};
enum { FRAME_HEADER = 8 };
enum { STREAM_ATTACHED = 3, STREAM_EXITED = 4, STREAM_STDIN_CLOSED = 5, STREAM_PID_KNOWN = 6 };
struct client_events {
  void (*hello)(struct client *client);
  void (*pid)(pid_t pid);
  void (*done)(void);
  void (*stdin_data)(struct client *client, const char *data, size_t len);
  void (*stdin_end)(struct client *client);
};
extern struct client *clients;
void clients_accept(int listener);
void clients_read(struct client *client, const struct client_events *events);
void clients_flush(struct client *client);
/* `frame` starts with FRAME_HEADER bytes of room for the header. */
void clients_broadcast(int stream, char *frame, size_t len);
void clients_control(struct client *client, int stream);
/* The most that any client has not taken yet. */
size_t clients_backlog(void);
int clients_owners(void);
void clients_sweep(void);
void clients_close_all(void);
_Noreturn void clients_linger(void);

/* input.c: the container's stdin. What its FIFO does not take waits with the client who sent it. */
extern int input_fd; /* wants POLLOUT while a client has something, then input_flush() */
void input_open(const char *path, struct shared *shared); /* NULL: the container has none */
void input_forget(void); /* as at the start; the descriptor is closed elsewhere */
void input_write(struct client *client, const char *data, size_t len);
void input_end(struct client *client);
void input_flush(struct client *client);

/* jsonlog.c: docker's json-file format. Stream 0 is stdout, 1 stderr. Nothing here ever fails to its caller. */
void jsonlog_open(const char *path, int64_t max_size, int max_file);
void jsonlog_write(int stream, const char *data, size_t len);
void jsonlog_end(int stream); /* a last line without its newline */
void jsonlog_flush(void);
void jsonlog_close(void);
void jsonlog_forget(void); /* as at the start, in a process that no longer writes */
void jsonlog_trim(void); /* gives the pages of idle buffers back */

/* action.c: starts the command that deals with an exit. */
pid_t action_start(const struct conf *conf);

/* oom.c */
#define OOM_FILE "oom"
extern int oom_fd; /* wants POLLPRI, then oom_check() */
bool oom_events_of(pid_t pid, char *path, size_t size);
void oom_watch(struct shared *shared);
void oom_check(struct shared *shared);

/* enter.c: what the command line runs inside the namespaces of a user's engine. */
void enter_engine(void);
int enter_main(char **command);
int in_network_main(const char *namespace, char **command);

/* process.c */
int64_t now_ms(void);
int pidfd_of(pid_t pid);
uint64_t process_start_time(pid_t pid);

/* xattr.c */
char *xattrs_in(const char *dir, size_t *length);
int set_xattr(const char *path, const char *name, const char *digits);

#endif
