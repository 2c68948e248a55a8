#include "os/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

bool files_exist(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

bool files_size(const char *path, int64_t *out_bytes, struct err *err)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_SYSTEM, "cannot look at %s: %s", path,
			       strerror(errno));
	*out_bytes = st.st_size;
	return true;
}

bool files_read(struct arena *a, const char *path, ptrdiff_t max, str *out_bytes, struct err *err)
{
	int fd CLEANUP(close_fd) = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0)
		return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_SYSTEM, "cannot read %s: %s", path,
			       strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_INPUT, "cannot read %s: it is a folder", path);
	if (st.st_size > max)
		return err_set(err, ERR_LIMIT, "%s has %lld bytes; at most %td are read", path,
			       (long long)st.st_size, max);
	ptrdiff_t size = S_ISREG(st.st_mode) ? st.st_size : max, have = 0;
	char *p = NEW(a, char, size + 1);
	while (have < size) {
		ssize_t n = read(fd, p + have, (size_t)(size - have));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, "cannot read %s: %s", path, strerror(errno));
		if (n == 0)
			break;
		have += n;
	}
	*out_bytes = (str){ p, have };
	return true;
}

static bool write_all(int fd, str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, (size_t)bytes.len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			bytes = str_sub(bytes, n, bytes.len);
	}
	return true;
}

static bool sync_parent(const char *path)
{
	char dir[4096];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	if (n >= sizeof(dir))
		return false;
	memcpy(dir, slash ? path : ".", slash ? n : 1);
	dir[slash ? n : 1] = '\0';
	int fd CLEANUP(close_fd) = open(dir[0] ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0;
}

bool files_write(const char *path, str bytes, int mode, struct err *err)
{
	char temp[4096];
	int n = snprintf(temp, sizeof(temp), "%s.%ld.new", path, (long)getpid());
	if (n < 0 || n >= (int)sizeof(temp))
		return err_set(err, ERR_INPUT, "the path %s is too long", path);
	int fd CLEANUP(close_fd) = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, "cannot create %s: %s", temp, strerror(errno));
	if (!write_all(fd, bytes) || fsync(fd) != 0 || rename(temp, path) != 0 || !sync_parent(path)) {
		int why = errno;
		(void)unlink(temp);
		return err_set(err, ERR_SYSTEM, "cannot write %s: %s", path, strerror(why));
	}
	return true;
}

bool files_make_dir(const char *path, int mode, struct err *err)
{
	char part[4096];
	size_t len = strlen(path);
	if (len == 0 || len >= sizeof(part))
		return err_set(err, ERR_INPUT, "not a usable folder name: '%s'", path);
	memcpy(part, path, len + 1);
	for (char *p = part + 1;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char end = *p;
		*p = '\0';
		if (mkdir(part, (mode_t)mode) != 0 && errno != EEXIST)
			return err_set(err, ERR_SYSTEM, "cannot make the folder %s: %s", part,
				       strerror(errno));
		if (end == '\0')
			return true;
		*p = end;
	}
}
