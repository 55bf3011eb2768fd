/*
 * Makes one call of a program fail, or several in a row: `cc -shared -fPIC -o fault.so fault.c -ldl`, LD_PRELOAD, and
 *   FAULT_CALL   open, write, mkdir, stat or rename
 *   FAULT_PATH   a part of the path
 *   FAULT_ERRNO  the number that the call gives
 *   FAULT_FIRST, FAULT_COUNT  the first such call that fails, from 1, and how many do
 *   FAULT_SEEN   a file that exists once a call has failed
 *   FAULT_IN     the program's name: its children have the variables, too
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

static int number(const char *name, int otherwise) {
  const char *text = getenv(name);
  return text ? atoi(text) : otherwise;
}

/* Whether this call fails; errno is set then. */
static int fails(const char *call, const char *path) {
  static int calls = 0;
  const char *wanted = getenv("FAULT_CALL"), *part = getenv("FAULT_PATH"), *seen = getenv("FAULT_SEEN");
  const char *program = getenv("FAULT_IN");
  if (!wanted || !part || !path || strcmp(call, wanted) || !strstr(path, part)) return 0;
  if (program && strcmp(program, program_invocation_short_name)) return 0;
  int now = __sync_add_and_fetch(&calls, 1), first = number("FAULT_FIRST", 1);
  if (now < first || now >= first + number("FAULT_COUNT", 1)) return 0;
  if (seen) close(REAL(open)(seen, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  errno = number("FAULT_ERRNO", EIO);
  return 1;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if (flags & O_CREAT) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }

int open(const char *path, int flags, ...) {
  MODE(flags)
  return fails("open", path) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE(flags)
  return fails("open", path) ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return fails("open", path) ? -1 : REAL(openat)(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return fails("open", path) ? -1 : REAL(openat64)(folder, path, flags, mode);
}

ssize_t write(int file, const void *bytes, size_t length) {
  char link[64], path[4096] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  if (file > 2 && getenv("FAULT_CALL") && readlink(link, path, sizeof path - 1) > 0 && fails("write", path)) return -1;
  return REAL(write)(file, bytes, length);
}

int mkdir(const char *path, mode_t mode) {
  return fails("mkdir", path) ? -1 : REAL(mkdir)(path, mode);
}

int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict facts) {
  return fails("stat", path) ? -1 : REAL(statx)(folder, path, flags, mask, facts);
}

int rename(const char *from, const char *to) {
  return fails("rename", from) || fails("rename", to) ? -1 : REAL(rename)(from, to);
}
