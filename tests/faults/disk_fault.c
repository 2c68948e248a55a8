/* disk_fault.c - a disk that fails when it is told to: preloaded (LD_PRELOAD) by tests/story_disk.py.
 *
 * NAUBAT_FAULT names a folder.  Of files whose path starts with NAUBAT_FAULT_STORE:
 *   FOLDER/fsync is there: fsync and fdatasync fail with EIO
 *   FOLDER/fsync-pages is there: so they do, of the file with that very path (not of its log)
 *   FOLDER/full is there:  a write that would make the file longer fails with ENOSPC
 */
#undef _FILE_OFFSET_BITS /* pwrite and pwrite64 are two names here */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool told(const char *fault)
{
	char path[512];
	const char *folder = getenv("NAUBAT_FAULT");
	int saved = errno;
	if (folder == NULL)
		return false;
	snprintf(path, sizeof(path), "%s/%s", folder, fault);
	bool there = access(path, F_OK) == 0;
	errno = saved;
	return there;
}

static bool of_store(int fd, bool log_too)
{
	char link[64], path[1024];
	const char *store = getenv("NAUBAT_FAULT_STORE");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	if (store == NULL || n < 0)
		return false;
	path[n] = '\0';
	return strncmp(path, store, strlen(store)) == 0 && (log_too || path[strlen(store)] == '\0');
}

static int sync_with(const char *name, int fd)
{
	int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
	if ((told("fsync") && of_store(fd, true)) || (told("fsync-pages") && of_store(fd, false))) {
		errno = EIO;
		return -1;
	}
	return next(fd);
}

#pragma GCC visibility push(default)

int fsync(int fd)
{
	return sync_with("fsync", fd);
}

int fdatasync(int fd)
{
	return sync_with("fdatasync", fd);
}

static ssize_t write_at(int fd, const void *bytes, size_t size, off_t at)
{
	ssize_t (*next)(int, const void *, size_t, off_t) =
		(ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
	struct stat st;
	if (told("full") && of_store(fd, true) && fstat(fd, &st) == 0 && at + (off_t)size > st.st_size) {
		errno = ENOSPC;
		return -1;
	}
	return next(fd, bytes, size, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	return write_at(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
	return write_at(fd, bytes, size, at);
}
