/*
 * Maps an ELF file that lies in another one and goes there, as execve(2) does with a file of its own: nothing is copied
 * to a disk, all who run it share its pages, and /proc/self/exe stays what was started.
 */
#define _GNU_SOURCE
#include "launcher.h"

#include <alloca.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_include)
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif
#endif

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { most_headers = 32 };

static uintptr_t page_down(uintptr_t address) { return address & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1); }
static uintptr_t page_up(uintptr_t address) { return page_down(address + (uintptr_t)sysconf(_SC_PAGESIZE) - 1); }

static bool map_segment(int file, uint64_t at, uintptr_t bias, const Elf64_Phdr *segment) {
  int access = (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) |
               (segment->p_flags & PF_X ? PROT_EXEC : 0);
  uintptr_t begin = bias + segment->p_vaddr;
  uintptr_t file_end = begin + segment->p_filesz, end = page_up(begin + segment->p_memsz);
  uintptr_t first = page_down(begin);
  if (segment->p_filesz > 0) {
    off_t offset = (off_t)(at + segment->p_offset - (begin - first));
    if (mmap((void *)first, file_end - first, access, MAP_PRIVATE | MAP_FIXED, file, offset) == MAP_FAILED) return false;
    first = page_up(file_end);
    /* What follows in the file is not of this segment. */
    if (segment->p_memsz > segment->p_filesz) memset((void *)file_end, 0, first - file_end);
  }
  return first >= end || mmap((void *)first, end - first, access, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

const char *map_image(int file, uint64_t at, struct image *image) {
  Elf64_Ehdr head;
  Elf64_Phdr segments[most_headers];
  errno = ENOEXEC;
  if (pread(file, &head, sizeof head, (off_t)at) != sizeof head || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
      head.e_phnum > most_headers || head.e_phentsize != sizeof *segments)
    return "nerdctl: reading the program";
  size_t size = head.e_phnum * sizeof *segments;
  if (pread(file, segments, size, (off_t)(at + head.e_phoff)) != (ssize_t)size) return "nerdctl: reading the program";

  uintptr_t low = UINTPTR_MAX, high = 0;
  for (int i = 0; i < head.e_phnum; i++) {
    const Elf64_Phdr *segment = &segments[i];
    if (segment->p_type != PT_LOAD) continue;
    if (page_down(segment->p_vaddr) < low) low = page_down(segment->p_vaddr);
    if (page_up(segment->p_vaddr + segment->p_memsz) > high) high = page_up(segment->p_vaddr + segment->p_memsz);
  }
  /* The whole range first: what may lie anywhere gets a place, what may not is refused where something is already. */
  void *wish = head.e_type == ET_EXEC ? (void *)low : NULL;
  int fixed = head.e_type == ET_EXEC ? MAP_FIXED_NOREPLACE : 0;
  void *place = mmap(wish, high - low, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
  if (place == MAP_FAILED || (wish && place != wish)) return "nerdctl: finding room for the program";

  *image = (struct image){.bias = (uintptr_t)place - low, .header_count = head.e_phnum};
  image->entry = image->bias + head.e_entry;
  for (int i = 0; i < head.e_phnum; i++) {
    const Elf64_Phdr *segment = &segments[i];
    if (segment->p_type != PT_LOAD) continue;
    if (!map_segment(file, at, image->bias, segment)) return "nerdctl: mapping the program";
    if (segment->p_offset <= head.e_phoff && head.e_phoff < segment->p_offset + segment->p_filesz)
      image->headers = image->bias + segment->p_vaddr + head.e_phoff - segment->p_offset;
  }
  return NULL;
}

/* The C library of the program wants to register its own area of restartable sequences, and the kernel keeps one. */
static void leave_rseq(void) {
#if defined(RSEQ_SIG) && defined(SYS_rseq)
  char *self = __builtin_thread_pointer();
  if (__rseq_size > 0) syscall(SYS_rseq, self + __rseq_offset, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
#endif
}

static _Noreturn void jump(void *stack, uintptr_t entry) {
#if defined(__x86_64__)
  /* rdx: no function to be called at the exit */
  __asm__ volatile("mov %0, %%rsp\n\txor %%edx, %%edx\n\txor %%ebp, %%ebp\n\tjmp *%1" : : "r"(stack), "r"(entry) : "rdx", "memory");
#else
  __asm__ volatile("mov sp, %0\n\tmov x0, #0\n\tmov x29, #0\n\tmov x30, #0\n\tbr %1" : : "r"(stack), "r"(entry) : "x0", "memory");
#endif
  __builtin_unreachable();
}

static size_t count(char *const *list) {
  size_t n = 0;
  while (list[n]) n++;
  return n;
}

/* The stack as a new program finds it: argc, argv, envp and the auxiliary vector, which tells the loader what is where. */
_Noreturn void enter(const struct image *program, const struct image *loader, char **argv, char **envp,
                     const Elf64_auxv_t *auxv) {
  size_t arguments = count(argv), variables = count(envp), facts = 0;
  while (auxv[facts++].a_type != AT_NULL) {
  }
  size_t size = (1 + arguments + 1 + variables + 1) * sizeof(char *) + facts * sizeof *auxv;
  char *stack = alloca(size + 16);
  stack = (char *)(((uintptr_t)stack + 15) & ~(uintptr_t)15);

  uintptr_t *word = (uintptr_t *)stack;
  *word++ = arguments;
  memcpy(word, argv, (arguments + 1) * sizeof *word);
  word += arguments + 1;
  memcpy(word, envp, (variables + 1) * sizeof *word);
  word += variables + 1;
  memcpy(word, auxv, facts * sizeof *auxv);
  for (Elf64_auxv_t *fact = (Elf64_auxv_t *)word; fact->a_type != AT_NULL; fact++) {
    switch (fact->a_type) {
      case AT_PHDR: fact->a_un.a_val = program->headers; break;
      case AT_PHENT: fact->a_un.a_val = sizeof(Elf64_Phdr); break;
      case AT_PHNUM: fact->a_un.a_val = program->header_count; break;
      case AT_ENTRY: fact->a_un.a_val = program->entry; break;
      case AT_BASE: fact->a_un.a_val = loader->bias; break;
      default: break;
    }
  }
  leave_rseq();
  jump(stack, loader->entry);
}
