/* Runs a fuzz target over the files of a folder: the corpus as an ordinary test, without libFuzzer.
 * Each input is copied to a heap block of exactly its size, so that ASan sees a read past its end. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	if (f == NULL || fstat(fileno(f), &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		fclose(f);
		return 0;
	}
	uint8_t *bytes = malloc((size_t)st.st_size + (st.st_size == 0));
	size_t n = fread(bytes, 1, (size_t)st.st_size, f);
	fclose(f);
	(void)LLVMFuzzerTestOneInput(bytes, n);
	free(bytes);
	return 1;
}

int main(int argc, char **argv)
{
	int count = 0;
	DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
	if (d == NULL) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", argv[1], e->d_name);
		int n = run_file(path);
		if (n < 0) {
			perror(path);
			return 1;
		}
		count += n;
	}
	closedir(d);
	printf("%d inputs\n", count);
	return count ? 0 : 1;   /* an empty corpus proves nothing */
}
