/* Turns files into C arrays, at build time:
 *   twoway-embed OUTPUT.c NAME FILE [NAME FILE ...]
 * gives for each `const unsigned char NAME[]` with a NUL behind the last octet, and
 * `const size_t NAME_n`, the octets without it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int embed(FILE *out, const char *name, const char *path)
{
	FILE *in = fopen(path, "rb");
	size_t n = 0;
	int c, r;

	if (!in) {
		fprintf(stderr, "twoway-embed: %s: %s\n", path, strerror(errno));
		return -1;
	}
	fprintf(out, "\nextern const unsigned char %s[];\nextern const size_t %s_n;\n", name, name);
	fprintf(out, "const unsigned char %s[] = {", name);
	while ((c = getc(in)) != EOF)
		fprintf(out, "%s%d,", n++ % 20 ? "" : "\n", c);
	fprintf(out, "\n0 };\nconst size_t %s_n = %zu;\n", name, n);
	r = ferror(in);
	if (r)
		fprintf(stderr, "twoway-embed: %s: cannot be read\n", path);
	fclose(in);
	return r ? -1 : 0;
}

int main(int argc, char **argv)
{
	FILE *out;

	if (argc < 4 || argc % 2) {
		fprintf(stderr, "usage: twoway-embed OUTPUT.c NAME FILE [NAME FILE ...]\n");
		return 2;
	}
	out = fopen(argv[1], "w");
	if (!out) {
		fprintf(stderr, "twoway-embed: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	fprintf(out, "/* Made by twoway-embed. */\n#include <stddef.h>\n");
	for (int i = 2; i < argc; i += 2) {
		if (embed(out, argv[i], argv[i + 1]) < 0) {
			fclose(out);
			remove(argv[1]);
			return 1;
		}
	}
	if (fclose(out) != 0) {
		fprintf(stderr, "twoway-embed: %s: %s\n", argv[1], strerror(errno));
		remove(argv[1]);
		return 1;
	}
	return 0;
}
