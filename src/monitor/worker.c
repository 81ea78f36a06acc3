/*
 * The worker: one poll() loop that moves output to the log and the clients and input to the container, and a small
 * state machine for the exit. All of it may be killed at any moment; the holder then starts another one.
 */
#define _GNU_SOURCE
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  CHUNK = 64 * 1024,
  /* After the exit a slow client may have what was left in the pipes, so that it cannot hold up the exit. */
  LEFTOVER = 1 << 20,
  /* FIFOs and terminals are fed by the shim, which closes them right after the exit; processes that outlive the
   * container's first one may keep them open. */
  EOF_WITHIN_MS = 2000,
  IDLE_MS = 1000,
  MAX_RETRIES = 8,
};

static _Alignas(4096) char chunk[FRAME_HEADER + CHUNK];

static struct holding *held;
static struct shared *shared;
static struct conf conf;
static int output[2];
static int signals = -1, holder_fd = -1, init_fd = -1;

static bool exited;    /* the container's first process has ended */
static bool announced; /* … everybody knows it, and all output before it has been delivered */
static int64_t exited_at;
static int64_t action_at; /* 0 = none planned */
static pid_t action_pid;
static int attempts;
static bool busy; /* buffers have been used since the last trim */

static bool at_end(void) { return output[0] < 0 && (output[1] < 0 || conf.tty); }

static void open_log(void) {
  if (conf.json_file && conf.log) jsonlog_open(conf.log, conf.max_size, conf.max_file);
  /* Go nerdctl's `logs -f` reads until nobody holds this lock. */
  int lock = open("logger-lock", O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
  if (lock >= 0) flock(lock, LOCK_EX | LOCK_NB);
}

static void note_exit(void) {
  if (exited) return;
  exited = true;
  exited_at = now_ms();
  oom_check(shared);
  if (init_fd >= 0) close(init_fd);
  init_fd = -1;
}

static void watch_init(void) {
  if (shared->init == 0 || exited || init_fd >= 0) return;
  oom_watch(shared);
  init_fd = pidfd_of(shared->init);
  if (init_fd < 0 || process_start_time(shared->init) != shared->init_start) note_exit();
}

static void watch_holder(void) {
  holder_fd = pidfd_of(shared->holder);
  if (holder_fd >= 0 && getppid() == shared->holder) return;
  if (holder_fd >= 0) close(holder_fd);
  holder_fd = -1;
}

/* A worker started from here must begin as one started by the first holder does. */
static void forget_everything(void) {
  clients_close_all();
  jsonlog_forget();
  for (int fd = 3; fd < 256; fd++)
    if (fd != held->output[0] && fd != held->output[1] && fd != held->listener) close(fd);
  signals = holder_fd = init_fd = oom_fd = -1;
  input_forget();
  exited = announced = busy = false;
  action_at = 0;
  action_pid = 0;
  attempts = 0;
  conf_free(&conf);
}

/* The holder has been killed: split, the older half becomes the holder. */
static void replace_holder(void) {
  if (holder_fd >= 0) close(holder_fd);
  holder_fd = -1;
  shared->holder = getpid();
  pid_t pid = fork();
  if (pid > 0) {
    forget_everything();
    hold(held, pid);
  }
  /* Without a second process the work goes on all the same. */
  if (pid == 0) {
    watch_holder();
    /* The other half is the parent of a command under way now. */
    if (action_pid > 0) shared->handled = true;
    action_pid = 0;
  }
}

/* False if there is nothing to read now. */
static bool pump(int stream) {
  struct pollfd ready = {.fd = output[stream], .events = POLLIN};
  /* A FIFO that nobody has opened for writing yet reads as if it had ended; only poll() tells the difference. */
  if (output[stream] < 0 || poll(&ready, 1, 0) <= 0) return false;
  ssize_t n = read(output[stream], chunk + FRAME_HEADER, CHUNK);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
  busy = true;
  if (n <= 0) {
    /* The holder's copy stays; this one must not be polled again. */
    output[stream] = -1;
    jsonlog_end(stream);
    jsonlog_flush();
    return false;
  }
  jsonlog_write(stream, chunk + FRAME_HEADER, (size_t)n);
  jsonlog_flush();
  clients_broadcast(stream + 1, chunk, (size_t)n);
  return true;
}

/* What may still be in the pipes; `limit` because a process that outlives the container can write for ever. */
static void drain(size_t limit) {
  for (int stream = 0; stream < 2; stream++)
    for (size_t i = 0; i < limit / CHUNK * 16 && clients_backlog() <= limit && pump(stream); i++) {
    }
  jsonlog_end(0);
  jsonlog_end(1);
  jsonlog_flush();
}

static void tell_exit(struct client *client) {
  if (client->ready && !client->closing) clients_control(client, STREAM_EXITED);
  if (client->fd < 0 || client->owner) return;
  client->closing = true;
  clients_flush(client);
}

static void tell_everybody(void) {
  for (struct client *c = clients; c; c = c->next)
    if (c->fd >= 0) tell_exit(c);
}

static _Noreturn void finish(void) {
  drain(LEFTOVER);
  for (struct client *c = clients; c; c = c->next) c->owner = false;
  if (!announced) tell_everybody();
  jsonlog_close();
  clients_sweep();
  /* The shim waits for us; clients that are slow are left to a process that it does not wait for. */
  if (clients_backlog() > 0 && fork() == 0) {
    close(held->listener);
    close(held->output[0]);
    close(held->output[1]);
    clients_linger();
  }
  _exit(0);
}

static void plan_action(void) {
  struct conf fresh;
  /* `update --restart` may have changed it. */
  if (conf_load(&fresh, "monitor.conf")) {
    conf_free(&conf);
    conf = fresh;
  }
  if (!conf.action) {
    shared->handled = true;
    return;
  }
  int64_t delay = conf.restart_delay_ms > 0 ? conf.restart_delay_ms : 0;
  bool reset = conf.restart_reset_after_ms > 0 && exited_at - shared->started_ms >= conf.restart_reset_after_ms;
  if (reset && conf.restart_first_delay_ms >= 0) delay = conf.restart_first_delay_ms;
  action_at = now_ms() + delay;
}

/* Somebody deletes the task without a promise to see to the rest: another program, or a command that died. */
static void act_now(void) {
  if (shared->handled || action_pid > 0 || shared->init == 0 || clients_owners() > 0) return;
  if (!exited) note_exit();
  plan_action();
  setenv("NERDCTL_TASK_DELETED", "1", 1);
  if (action_at > 0) action_start(&conf);
}

static void announce(void) {
  announced = true;
  drain(LEFTOVER);
  tell_everybody();
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid != action_pid) continue;
    action_pid = 0;
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ok || ++attempts > MAX_RETRIES) {
      shared->handled = true;
    } else {
      int64_t delay = 1000LL << (attempts - 1);
      action_at = now_ms() + (delay < 60000 ? delay : 60000);
    }
  }
}

/* What is due in the life of the container, after each round of events. */
static void advance(void) {
  if (shared->terminating) {
    act_now();
    finish();
  }
  /* The shim, or its end of a container that never ran, is gone. */
  if (at_end() && shared->init == 0) finish();
  if (exited && !announced) {
    bool fed_by_shim = held->fifo_mode || conf.tty;
    bool complete = at_end() || !fed_by_shim || now_ms() - exited_at >= EOF_WITHIN_MS;
    if (complete) announce();
  }
  if (!announced) return;
  int owners = clients_owners();
  if (!shared->handled && owners == 0 && action_at == 0 && action_pid == 0) plan_action();
  if (action_at > 0 && now_ms() >= action_at && owners == 0) {
    action_at = 0;
    action_pid = action_start(&conf);
    if (action_pid < 0) {
      action_pid = 0;
      action_at = now_ms() + 1000;
    }
  }
  if (at_end() && shared->handled && owners == 0) finish();
}

static int timeout(void) {
  int64_t due = -1;
  if (action_at > 0) due = action_at;
  else if (exited && !announced) due = exited_at + EOF_WITHIN_MS;
  int64_t wait = due < 0 ? -1 : due - now_ms();
  if (due >= 0 && wait < 0) wait = 0;
  if (busy && (wait < 0 || wait > IDLE_MS)) wait = IDLE_MS;
  return (int)(wait > 3600000 ? 3600000 : wait);
}

static void on_hello(struct client *client) {
  if (announced) tell_exit(client);
}

static void on_pid(pid_t pid) {
  if (shared->init != 0 || pid <= 0) return;
  shared->init_start = process_start_time(pid);
  shared->started_ms = now_ms();
  shared->kills_around = -1;
  if (!oom_events_of(pid, shared->memory_events, sizeof shared->memory_events)) shared->memory_events[0] = 0;
  shared->init = pid;
  watch_init();
}

static void on_done(void) {
  shared->handled = true;
  action_at = 0;
}

static void read_signals(void) {
  struct signalfd_siginfo info;
  while (read(signals, &info, sizeof info) > 0) {
    if (info.ssi_signo == SIGTERM) shared->terminating = true;
    if (info.ssi_signo == SIGCHLD) reap();
  }
}

static const struct client_events events = {
    .hello = on_hello, .pid = on_pid, .done = on_done, .stdin_data = input_write, .stdin_end = input_end};

enum { SIGNALS, HOLDER, INIT, OOM, LISTENER, OUT, ERR, STDIN, FIXED };

static void round_of_events(void) {
  size_t count = FIXED;
  for (struct client *c = clients; c; c = c->next) count++;
  struct pollfd fds[count];
  bool paused = clients_backlog() > (exited ? LEFTOVER : 0);
  bool stdin_waits = false;
  size_t at = FIXED;
  for (struct client *c = clients; c; c = c->next, at++) {
    /* One whose input the container does not take is not read, but its end is noticed (POLLHUP). */
    short wanted = c->in_len > 0 ? 0 : POLLIN;
    if (c->out_len > c->out_at || c->closing) wanted |= POLLOUT;
    stdin_waits |= c->in_len > 0;
    fds[at] = (struct pollfd){.fd = c->fd, .events = wanted};
  }
  fds[SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
  fds[HOLDER] = (struct pollfd){.fd = holder_fd, .events = POLLIN};
  fds[INIT] = (struct pollfd){.fd = init_fd, .events = POLLIN};
  fds[OOM] = (struct pollfd){.fd = oom_fd, .events = POLLPRI};
  fds[LISTENER] = (struct pollfd){.fd = held->listener, .events = POLLIN};
  fds[OUT] = (struct pollfd){.fd = paused ? -1 : output[0], .events = POLLIN};
  fds[ERR] = (struct pollfd){.fd = paused ? -1 : output[1], .events = POLLIN};
  fds[STDIN] = (struct pollfd){.fd = stdin_waits ? input_fd : -1, .events = POLLOUT};
  int n = poll(fds, count, timeout());
  if (n < 0) {
    if (errno != EINTR) _exit(1);
    return;
  }
  if (n == 0 && busy) {
    busy = false;
    jsonlog_trim();
    madvise(chunk, sizeof chunk & ~(size_t)4095, MADV_DONTNEED);
#ifdef __GLIBC__
    malloc_trim(0); /* what slow clients have made us keep */
#endif
  }
  if (fds[OOM].revents) oom_check(shared);
  if (fds[SIGNALS].revents) read_signals();
  if (fds[OUT].revents) pump(0);
  if (fds[ERR].revents) pump(1);
  at = FIXED;
  for (struct client *c = clients; c && at < count; c = c->next, at++) {
    if (c->fd < 0 || !fds[at].revents) continue;
    if (fds[at].revents & POLLOUT) clients_flush(c);
    if (c->fd >= 0 && c->in_len == 0 && (fds[at].revents & (POLLIN | POLLHUP | POLLERR))) clients_read(c, &events);
    else if (c->fd >= 0 && (fds[at].revents & (POLLHUP | POLLERR))) {
      close(c->fd);
      c->fd = -1;
    }
  }
  if (fds[STDIN].revents)
    for (struct client *c = clients; c; c = c->next)
      if (c->in_len > 0) input_flush(c);
  if (fds[LISTENER].revents) clients_accept(held->listener);
  clients_sweep();
  /* Last, so that what was written before the exit has been read. */
  if (fds[INIT].revents) note_exit();
  if (fds[HOLDER].revents) replace_holder();
}

void worker_main(struct holding *holding) {
  sigset_t mask;
  held = holding;
  shared = holding->shared;
  memcpy(output, holding->output, sizeof output);
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigaddset(&mask, SIGTERM);
  signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) _exit(1);
  conf_load(&conf, "monitor.conf");
  open_log();
  input_open(conf.in, shared);
  watch_holder();
  if (holder_fd < 0) replace_holder();
  watch_init();
  for (;;) {
    advance();
    round_of_events();
  }
}
