/* Memory that is there or ends the process, and strings in fixed fields. */
#include <twoway/base.h>

#include <stdio.h>

static _Noreturn void out_of_memory(size_t n)
{
	fprintf(stderr, "out of memory (%zu octets asked)\n", n);
	abort();
}

void *tw_alloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		out_of_memory(n);
	return p;
}

void *tw_zalloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		out_of_memory(n);
	return p;
}

void *tw_realloc(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		out_of_memory(n);
	return q;
}

/* All n octets, also behind a NUL: whoever keeps the length reads that many. */
char *tw_strndup(const char *s, size_t n)
{
	char *p;

	if (!s)
		return NULL;
	p = tw_alloc(n + 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *tw_strdup(const char *s)
{
	return s ? tw_strndup(s, strlen(s)) : NULL;
}

char *tw_printf(const char *format, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, format);
	n = vasprintf(&p, format, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory(0);
	return p;
}

void tw_free_charp(char **p)
{
	free(*p);
	*p = NULL;
}

bool tw_strsetn(char *dst, size_t cap, const char *s, size_t n)
{
	bool fits = n < cap;

	if (!cap)
		return false;
	if (!fits) {
		n = cap - 1;
		/* s[n] is the first octet left out: step back while it continues a character */
		for (int back = 0; back < 3 && n > 0 && ((uint8_t)s[n] & 0xc0) == 0x80; back++)
			n--;
	}
	if (n)
		memmove(dst, s, n);
	dst[n] = '\0';
	return fits;
}

bool tw_strset(char *dst, size_t cap, const char *s)
{
	return tw_strsetn(dst, cap, s, strlen(s));
}

void tw_strings_done(struct tw_strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	*s = (struct tw_strings){ 0 };
}

void tw_strings_add(struct tw_strings *s, const char *text)
{
	/* no capacity is kept: grow when the count reaches a power of two */
	if ((s->n & (s->n - 1)) == 0)
		s->v = tw_realloc(s->v, (s->n ? 2 * s->n : 1) * sizeof(*s->v));
	s->v[s->n++] = tw_strdup(text);
}
