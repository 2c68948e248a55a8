#include "app/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "base/log.h"
#include "os/files.h"

enum { RESERVE_BYTES = 1 << 20, WORDS_MAX = 4096 };

static const char *path_of(char out[static WORDS_MAX], const char *folder, const char *file)
{
	(void)snprintf(out, WORDS_MAX, "%s/%s", folder, file);
	return out;
}

void reserve_take(const char *folder)
{
	char path[WORDS_MAX];
	int fd = open(path_of(path, folder, "reserve"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int why = fd < 0 ? errno : posix_fallocate(fd, 0, RESERVE_BYTES);
	if (fd >= 0)
		(void)close(fd);
	if (why != 0)
		log_event(LOG_WARNING, "node.no_reserve", LOG_TEXT("file", str_from(path)),
			  LOG_TEXT("why", str_from(strerror(why))));
}

void reserve_speak(const char *folder, str words)
{
	char path[WORDS_MAX];
	(void)unlink(path_of(path, folder, "reserve"));
	int fd = open(path_of(path, folder, "last-words"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return; /* it was said on standard error too */
	if (write(fd, words.ptr, (size_t)words.len) == words.len)
		(void)fsync(fd);
	(void)close(fd);
}

str reserve_last_words(struct arena *a, const char *folder)
{
	char path[WORDS_MAX];
	str words = { 0 };
	struct err err;
	path_of(path, folder, "last-words");
	if (files_exist(path) && !files_read(a, path, WORDS_MAX, &words, &err))
		words = S("the node could not say why it stopped");
	return str_trim(words);
}

void reserve_forget(const char *folder)
{
	char path[WORDS_MAX];
	(void)unlink(path_of(path, folder, "last-words"));
}
