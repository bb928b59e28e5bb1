/* Runs a fuzz target over the files of its corpus, each whole, cut at every octet and with each
 * octet changed once: a plain test where there is no fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { INPUT_MAX = 1 << 16, CUTS_MAX = 4096 };

static void run_exact(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);	/* exact size: the sanitizer sees the first octet past it */

	if (!copy)
		abort();
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void run_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		perror(path);
		exit(1);
	}
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	run_exact(data, n);
	for (size_t i = 0; i < n && i < CUTS_MAX; i++) {
		uint8_t was = data[i];

		run_exact(data, i);
		data[i] ^= (uint8_t)(1u << (i % 8));
		run_exact(data, n);
		data[i] = (uint8_t)(was + 0x80);
		run_exact(data, n);
		data[i] = was;
	}
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	int files = 0;
	DIR *dir;

	if (argc != 2 || !(dir = opendir(argv[1]))) {
		fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
		return 64;
	}
	while ((entry = readdir(dir))) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		run_file(path);
		files++;
	}
	closedir(dir);
	printf("%d files\n", files);
	return files ? 0 : 1;
}
