/*
 * Variables can make the runtime load code of others (BUN_OPTIONS=--preload), be another program (BUN_BE_BUN) or read a
 * file at each start (NODE_EXTRA_CA_CERTS). They are hidden from it under another name; main.ts puts them back for the
 * containers and programs that are to have them.
 */
#define _GNU_SOURCE
#include "launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static char *joined(const char *one, const char *two) {
  char *text;
  return asprintf(&text, "%s%s", one, two) < 0 ? NULL : text;
}

/*
 * What the runtime compiles to machine code, it has to run ten times as often before: half of what a short command
 * compiled was never worth it, and what runs for long gets there all the same.
 */
static const char compile_later[] = "BUN_JSC_thresholdForJITAfterWarmUp", later[] = "5000";

/* A variable for the runtime and not for the programs that we start: without one to put back, it is taken away. */
static int add(char **safe, size_t *n, const char *name, const char *value) {
  char *hidden;
  if (asprintf(&safe[(*n)++], "%s=%s", name, value) < 0) return 0;
  return getenv(name) || (asprintf(&hidden, "NERDCTL_HIDDEN_%s=", name) >= 0 && (safe[(*n)++] = hidden));
}

char **safe_environment(char **envp, const char *preload) {
  size_t count = 0;
  while (envp[count]) count++;
  char **safe = calloc(count + 5, sizeof *safe);
  if (!safe) return NULL;
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    int hide = starts(envp[i], "BUN_") || starts(envp[i], "JSC_") || (preload && starts(envp[i], "LD_"));
    if (starts(envp[i], "NODE_EXTRA_CA_CERTS=")) safe[n] = joined("NERDCTL_EXTRA_CA_CERTS=", strchr(envp[i], '=') + 1);
    else safe[n] = hide ? joined("NERDCTL_HIDDEN_", envp[i]) : envp[i];
    if (!safe[n++]) return NULL;
  }
  if (!add(safe, &n, compile_later, later)) return NULL;
  return !preload || add(safe, &n, "LD_PRELOAD", preload) ? safe : NULL;
}
