#define _GNU_SOURCE
#include "monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *unescape(const char *text) {
  char *result = malloc(strlen(text) + 1), *to = result;
  if (!result) return NULL;
  for (; *text; text++) {
    if (*text == '\\' && text[1]) {
      text++;
      *to++ = *text == 'n' ? '\n' : *text;
    } else {
      *to++ = *text;
    }
  }
  *to = 0;
  return result;
}

static void push(char ***list, char *value) {
  size_t count = 0;
  while (*list && (*list)[count]) count++;
  char **grown = realloc(*list, (count + 2) * sizeof *grown);
  if (!grown || !value) return;
  grown[count] = value;
  grown[count + 1] = NULL;
  *list = grown;
}

static void set(char **field, const char *value) {
  free(*field);
  *field = unescape(value);
}

static void apply(struct conf *conf, const char *key, const char *value) {
  if (strcmp(key, "driver") == 0) conf->json_file = strcmp(value, "json-file") == 0;
  else if (strcmp(key, "tty") == 0) conf->tty = strcmp(value, "1") == 0;
  else if (strcmp(key, "log") == 0) set(&conf->log, value);
  else if (strcmp(key, "max-size") == 0) conf->max_size = strtoll(value, NULL, 10);
  else if (strcmp(key, "max-file") == 0) conf->max_file = (int)strtol(value, NULL, 10);
  else if (strcmp(key, "stdin") == 0) set(&conf->in, value);
  else if (strcmp(key, "stdout") == 0) set(&conf->out, value);
  else if (strcmp(key, "stderr") == 0) set(&conf->err, value);
  else if (strcmp(key, "restart-delay-ms") == 0) conf->restart_delay_ms = strtoll(value, NULL, 10);
  else if (strcmp(key, "restart-reset-after-ms") == 0) conf->restart_reset_after_ms = strtoll(value, NULL, 10);
  else if (strcmp(key, "restart-first-delay-ms") == 0) conf->restart_first_delay_ms = strtoll(value, NULL, 10);
  else if (strcmp(key, "exec") == 0) push(&conf->action, unescape(value));
  else if (strcmp(key, "env") == 0) push(&conf->env, unescape(value));
}

bool conf_load(struct conf *conf, const char *path) {
  FILE *file = fopen(path, "re");
  if (!file) return false;
  memset(conf, 0, sizeof *conf);
  conf->max_size = conf->restart_delay_ms = conf->restart_reset_after_ms = conf->restart_first_delay_ms = -1;
  conf->max_file = 1;
  char *line = NULL;
  size_t cap = 0;
  ssize_t len;
  while ((len = getline(&line, &cap, file)) > 0) {
    if (line[len - 1] == '\n') line[len - 1] = 0;
    char *value = strchr(line, '=');
    if (!value) continue;
    *value++ = 0;
    apply(conf, line, value);
  }
  free(line);
  fclose(file);
  return true;
}

static void free_list(char **list) {
  for (char **p = list; p && *p; p++) free(*p);
  free(list);
}

void conf_free(struct conf *conf) {
  free(conf->log);
  free(conf->in);
  free(conf->out);
  free(conf->err);
  free_list(conf->action);
  free_list(conf->env);
  memset(conf, 0, sizeof *conf);
}
