/* What the parts of nerdctl-monitor share. docs/monitor.md describes the program and its protocols. */
#ifndef NERDCTL_MONITOR_H
#define NERDCTL_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* host.c: system calls on behalf of the command line, one child per program run. */
int host_main(void);

/* holder.c: the process that keeps the read ends while its worker is replaced. */
int holder_main(const char *state_dir, bool fifo_mode);

#endif
