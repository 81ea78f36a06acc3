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

char **safe_environment(char **envp, const char *preload) {
  size_t count = 0;
  while (envp[count]) count++;
  char **safe = calloc(count + 3, sizeof *safe);
  if (!safe) return NULL;
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    int hide = starts(envp[i], "BUN_") || starts(envp[i], "JSC_") || (preload && starts(envp[i], "LD_"));
    if (starts(envp[i], "NODE_EXTRA_CA_CERTS=")) safe[n] = joined("NERDCTL_EXTRA_CA_CERTS=", strchr(envp[i], '=') + 1);
    else safe[n] = hide ? joined("NERDCTL_HIDDEN_", envp[i]) : envp[i];
    if (!safe[n++]) return NULL;
  }
  if (!preload) return safe;
  safe[n] = joined("LD_PRELOAD=", preload);
  if (!safe[n++]) return NULL;
  /* Ours is not for the programs that we start: without one to put back, it is taken away. */
  if (!getenv("LD_PRELOAD")) safe[n++] = "NERDCTL_HIDDEN_LD_PRELOAD=";
  return safe;
}
