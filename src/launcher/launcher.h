#ifndef NERDCTL_LAUNCHER_H
#define NERDCTL_LAUNCHER_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#define LOADER "/lib64/ld-linux-x86-64.so.2"
#define TRIPLET "x86_64-linux-gnu"
#define MUSL_LOADER "/lib/ld-musl-x86_64.so.1"
#elif defined(__aarch64__)
#define LOADER "/lib/ld-linux-aarch64.so.1"
#define TRIPLET "aarch64-linux-gnu"
#define MUSL_LOADER "/lib/ld-musl-aarch64.so.1"
#else
#error "there is no runtime to carry for this processor"
#endif

/* A file inside our own file, at the border of a page. */
struct part {
  uint64_t offset;
  uint64_t size;
};

/* What scripts/dist.ts puts at the end of the executable. */
struct contents {
  struct part program;
  /* The C library of the machine that built it, for machines without one: its loader, then what the program needs. */
  struct part loader;
  struct part libraries[4];
  char magic[16];
};

/* An ELF file that has been mapped. */
struct image {
  uintptr_t bias;
  uintptr_t entry;
  uintptr_t headers;
  size_t header_count;
};

/* Becomes the program; returns only when that has failed, having said why. */
void launch(int self, const struct contents *contents, char **argv, char **envp, const Elf64_auxv_t *auxv);

/* elf.c. Both give what went wrong, or NULL. */
const char *map_image(int file, uint64_t at, struct image *image);
_Noreturn void enter(const struct image *program, const struct image *loader, char **argv, char **envp,
                     const Elf64_auxv_t *auxv);

/* c-library.c: whether the machine's can run the program, and ours as files in memory, named as LD_PRELOAD wants it. */
int has_c_library(void);
char *carried_c_library(int self, const struct contents *contents);

/* environment.c. preload: the carried library, or NULL. */
char **safe_environment(char **envp, const char *preload);

#endif
