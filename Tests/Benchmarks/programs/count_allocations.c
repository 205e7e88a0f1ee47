// Preloaded into a program, counts its calls of malloc and its kin, in a file that others may map: 8 bytes for each of the names below.
// With ALLOCATION_STACKS in the environment, the calls made while the fifth number is not 0 are also listed in that file, one stack of
// return addresses a line.
#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MALLOC, CALLOC, REALLOC, ALIGNED, STACKS, NAMES };

// glibc's own names for what is wrapped here: finding them takes no allocation.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic unsigned long long own[NAMES];
static _Atomic unsigned long long *counts = own;
static int stacks = -1;
static __thread int inside;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("ALLOCATION_COUNTS"), *listing = getenv("ALLOCATION_STACKS");
  int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) return;
  counts = mapped;
  if (listing) {
    void *first[1];
    backtrace(first, 1);
    stacks = open(listing, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
}

static void count(int name) {
  atomic_fetch_add_explicit(&counts[name], 1, memory_order_relaxed);
  if (stacks < 0 || inside || !atomic_load_explicit(&counts[STACKS], memory_order_relaxed)) return;
  int before = errno;
  inside = 1;
  void *frames[32];
  char line[32 * 17 + 1];
  int depth = backtrace(frames, 32), length = 0;
  for (int i = 2; i < depth; i++) {
    for (int shift = 60; shift >= 0; shift -= 4) line[length++] = "0123456789abcdef"[(size_t)frames[i] >> shift & 15];
    line[length++] = ' ';
  }
  line[length++] = '\n';
  if (write(stacks, line, length) != length) stacks = -1;
  inside = 0;
  errno = before;
}

void *malloc(size_t size) {
  count(MALLOC);
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(CALLOC);
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  count(REALLOC);
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  count(ALIGNED);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(ALIGNED);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || alignment & (alignment - 1)) return EINVAL;
  count(ALIGNED);
  void *made = __libc_memalign(alignment, size);
  if (!made) return ENOMEM;
  *result = made;
  return 0;
}
