/*
 * Makes calls of a program fail: `cc -shared -fPIC -o fault.so fault.c -ldl`, LD_PRELOAD, and
 *   FAULT_CALL   one of the names below; empty: calls are counted, and none fails
 *   FAULT_PATH   a part of the path; processes are started without one
 *   FAULT_ERRNO  the number that the call gives
 *   FAULT_FIRST, FAULT_COUNT  the first such call that fails, from 1, and how many do
 *   FAULT_MS     calls fail for so long after the first one, whatever FAULT_COUNT says
 *   FAULT_UNTIL  calls fail from the first one on, until this file exists
 *   FAULT_IN     names of programs, each between spaces: their children have the variables, too
 *   FAULT_STATE  a file with what all these processes share: struct state
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

enum call { OPEN, CREATE, WRITE, READ, FSYNC, RENAME, UNLINK, RMDIR, MKDIR, STAT, LIST, CLOSE, FORK, EXEC, CALLS };

/* In this order they are in the state file. */
static const char *const names[CALLS] = {"open",  "create", "write", "read", "fsync", "rename", "unlink",
                                         "rmdir", "mkdir",  "stat",  "list", "close", "fork",   "exec"};

struct state {
  int64_t started; /* of the first failure, in ms of the monotonic clock */
  int32_t hits;
  int32_t calls[CALLS];
};

static struct state *state;
static const char *part, *until;
static int wanted = -1, number, first, count, ms;

static int setting(const char *name, int otherwise) {
  const char *text = getenv(name);
  return text && *text ? atoi(text) : otherwise;
}

/* The state file is opened with plain system calls: this runs before and inside everything else. */
__attribute__((constructor)) static void begin(void) {
  const char *call = getenv("FAULT_CALL"), *programs = getenv("FAULT_IN"), *path = getenv("FAULT_STATE");
  char name[256];
  snprintf(name, sizeof name, " %s ", program_invocation_short_name);
  if (!path || !call || (programs && !strstr(programs, name))) return;
  int file = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return;
  if (syscall(SYS_ftruncate, file, sizeof(struct state)) == 0) {
    void *memory = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory != MAP_FAILED) state = memory;
  }
  syscall(SYS_close, file);
  for (int i = 0; i < CALLS; i++) if (!strcmp(call, names[i])) wanted = i;
  part = getenv("FAULT_PATH");
  until = getenv("FAULT_UNTIL");
  number = setting("FAULT_ERRNO", EIO);
  first = setting("FAULT_FIRST", 1);
  count = setting("FAULT_COUNT", 1);
  ms = setting("FAULT_MS", 0);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int lasts(int call) {
  if (until && *until) return syscall(SYS_faccessat, AT_FDCWD, until, F_OK) != 0;
  if (ms > 0) return state->started == 0 || now() - state->started < ms;
  return call < first + count;
}

/* Whether this call fails; errno is set then. A path of NULL is any. */
static int fails(enum call call, const char *path) {
  if (!state || (path && (!part || !strstr(path, part)))) return 0;
  int before = errno, this = __sync_add_and_fetch(&state->calls[call], 1);
  if (wanted != (int) call || this < first || !lasts(this)) {
    errno = before;
    return 0;
  }
  __sync_bool_compare_and_swap(&state->started, 0, now());
  __sync_add_and_fetch(&state->hits, 1);
  errno = number;
  return 1;
}

/* The same for an open file, and for a path that may be relative to a folder. */
static int file_fails(enum call call, int file) {
  char link[64], path[4096];
  if (!state) return 0;
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  errno = before;
  if (length <= 0) return 0;
  path[length] = 0;
  return fails(call, path);
}

static int path_fails(enum call call, int folder, const char *name) {
  if (!state || !name) return 0;
  if (*name == '/') return fails(call, name);
  char link[64], path[8192];
  int before = errno;
  if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
  else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, 4095);
  errno = before;
  if (length <= 0) return 0;
  snprintf(path + length, sizeof path - length, "/%s", name);
  return fails(call, path);
}

static enum call opening(int flags) {
  return flags & (O_CREAT | O_WRONLY | O_RDWR) ? CREATE : OPEN;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | __O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }

int open(const char *path, int flags, ...) {
  MODE(flags)
  return path_fails(opening(flags), AT_FDCWD, path) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE(flags)
  return path_fails(opening(flags), AT_FDCWD, path) ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return path_fails(opening(flags), folder, path) ? -1 : REAL(openat)(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return path_fails(opening(flags), folder, path) ? -1 : REAL(openat64)(folder, path, flags, mode);
}

ssize_t write(int file, const void *bytes, size_t length) {
  return file_fails(WRITE, file) ? -1 : REAL(write)(file, bytes, length);
}

ssize_t writev(int file, const struct iovec *pieces, int length) {
  return file_fails(WRITE, file) ? -1 : ((ssize_t(*)(int, const struct iovec *, int)) dlsym(RTLD_NEXT, "writev"))(file, pieces, length);
}

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t length, unsigned flags) {
  return file_fails(WRITE, to) ? -1 : REAL(copy_file_range)(from, at, to, there, length, flags);
}

ssize_t read(int file, void *bytes, size_t length) {
  return file_fails(READ, file) ? -1 : REAL(read)(file, bytes, length);
}

ssize_t pread64(int file, void *bytes, size_t length, off64_t from) {
  return file_fails(READ, file) ? -1 : REAL(pread64)(file, bytes, length, from);
}

int fsync(int file) { return file_fails(FSYNC, file) ? -1 : REAL(fsync)(file); }

int fdatasync(int file) { return file_fails(FSYNC, file) ? -1 : REAL(fdatasync)(file); }

/* The file is closed whatever close(2) says. */
int close(int file) {
  if (!file_fails(CLOSE, file)) return REAL(close)(file);
  int given = errno;
  REAL(close)(file);
  errno = given;
  return -1;
}

int mkdir(const char *path, mode_t mode) {
  return path_fails(MKDIR, AT_FDCWD, path) ? -1 : REAL(mkdir)(path, mode);
}

int rename(const char *from, const char *to) {
  return path_fails(RENAME, AT_FDCWD, from) ? -1 : REAL(rename)(from, to);
}

int unlink(const char *path) { return path_fails(UNLINK, AT_FDCWD, path) ? -1 : REAL(unlink)(path); }

int rmdir(const char *path) { return path_fails(RMDIR, AT_FDCWD, path) ? -1 : REAL(rmdir)(path); }

int unlinkat(int folder, const char *path, int flags) {
  return path_fails(flags & AT_REMOVEDIR ? RMDIR : UNLINK, folder, path) ? -1 : REAL(unlinkat)(folder, path, flags);
}

int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict facts) {
  const char *volatile given = path;
  int failed = !given || !*given ? file_fails(STAT, folder) : path_fails(STAT, folder, given);
  return failed ? -1 : REAL(statx)(folder, path, flags, mask, facts);
}

int stat64(const char *restrict path, struct stat64 *restrict facts) {
  return path_fails(STAT, AT_FDCWD, path) ? -1 : REAL(stat64)(path, facts);
}

int lstat64(const char *restrict path, struct stat64 *restrict facts) {
  return path_fails(STAT, AT_FDCWD, path) ? -1 : REAL(lstat64)(path, facts);
}

int fstat64(int file, struct stat64 *facts) { return file_fails(STAT, file) ? -1 : REAL(fstat64)(file, facts); }

int faccessat(int folder, const char *path, int mode, int flags) {
  return path_fails(STAT, folder, path) ? -1 : REAL(faccessat)(folder, path, mode, flags);
}

DIR *opendir(const char *path) { return path_fails(LIST, AT_FDCWD, path) ? NULL : REAL(opendir)(path); }

struct dirent64 *readdir64(DIR *folder) {
  return file_fails(LIST, dirfd(folder)) ? NULL : REAL(readdir64)(folder);
}

pid_t fork(void) { return fails(FORK, NULL) ? -1 : REAL(fork)(); }

int execve(const char *path, char *const words[], char *const variables[]) {
  return fails(EXEC, NULL) ? -1 : REAL(execve)(path, words, variables);
}

int execvp(const char *path, char *const words[]) { return fails(EXEC, NULL) ? -1 : REAL(execvp)(path, words); }

/* It forks and executes without the functions above, and returns the number. */
int posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const words[], char *const variables[]) {
  if (fails(FORK, NULL) || fails(EXEC, NULL)) return errno;
  return REAL(posix_spawnp)(pid, path, actions, attributes, words, variables);
}
