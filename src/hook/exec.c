/* Programs run for a step: what stands in a row as what is given to the system. An argument may
 * hold any octet but NUL, a line break and nothing at all included. */
#include "internal.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Copies up to the end of the line; returns behind it. *to moves behind the NUL. */
static const char *decode(const char *line, char **to)
{
	while (*line && *line != '\n') {
		int high = *line == '%' ? digit(line[1]) : -1, low = high >= 0
			? digit(line[2]) : -1;

		if (low >= 0 && (high || low)) {
			*(*to)++ = (char)(high << 4 | low);
			line += 3;
		} else {
			*(*to)++ = *line++;
		}
	}
	*(*to)++ = '\0';
	return *line ? line + 1 : line;
}

char **exec_arguments(const char *program, const char *lines)
{
	size_t n = 2, octets = strlen(program) + 1;
	char **out, *to;

	lines = lines ? lines : "";
	for (const char *p = lines; *p; p++)
		n += *p == '\n';
	n += *lines && lines[strlen(lines) - 1] != '\n';
	octets += strlen(lines) + 2;
	out = tw_alloc(n * sizeof(*out) + octets);
	to = (char *)(out + n);
	out[0] = to;
	memcpy(to, program, strlen(program) + 1);
	to += strlen(program) + 1;
	n = 1;
	while (*lines) {
		out[n++] = to;
		lines = decode(lines, &to);
	}
	out[n] = NULL;
	return out;
}
