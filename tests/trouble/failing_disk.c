/* Fails writes (and reads) of *.db and *.db-wal as the file named by FAILING_DISK says:
   "ENOSPC", "EROFS" or "EIO" for what writes and syncs, "EIO all" for reads too; empty: nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int order(int reads) {
  const char* path = getenv("FAILING_DISK");
  char text[32] = {0};
  if (path == NULL) return 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const long size = syscall(SYS_read, fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0 || (reads && strstr(text, "all") == NULL)) return 0;
  if (strncmp(text, "ENOSPC", 6) == 0) return ENOSPC;
  if (strncmp(text, "EROFS", 5) == 0) return EROFS;
  return EIO;
}

static int strikes(int fd, int reads) {
  char link[64], path[512];
  const int why = order(reads);
  if (why == 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  if (strstr(path, ".db") == NULL || strstr(path, ".db-shm") != NULL) return 0;
  errno = why;
  return 1;
}

#define REAL(type, name, ...)                            \
  static type (*real)(__VA_ARGS__);                      \
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, name)

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void*, size_t, off64_t);
  return strikes(fd, 0) ? -1 : real(fd, bytes, size, at);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  REAL(ssize_t, "pwrite", int, const void*, size_t, off_t);
  return strikes(fd, 0) ? -1 : real(fd, bytes, size, at);
}
int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  return strikes(fd, 0) ? -1 : real(fd);
}
int fsync(int fd) {
  REAL(int, "fsync", int);
  return strikes(fd, 0) ? -1 : real(fd);
}
ssize_t pread64(int fd, void* bytes, size_t size, off64_t at) {
  REAL(ssize_t, "pread64", int, void*, size_t, off64_t);
  return strikes(fd, 1) ? -1 : real(fd, bytes, size, at);
}
ssize_t pread(int fd, void* bytes, size_t size, off_t at) {
  REAL(ssize_t, "pread", int, void*, size_t, off_t);
  return strikes(fd, 1) ? -1 : real(fd, bytes, size, at);
}
