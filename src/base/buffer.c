/* Octets or text that grows. */
#include <twoway/base.h>

#include <assert.h>
#include <stdio.h>

void tw_buf_done(struct tw_buf *b)
{
	free(b->p);
	*b = (struct tw_buf){ 0 };
}

void tw_buf_clear(struct tw_buf *b)
{
	b->n = 0;
	if (b->p)
		b->p[0] = '\0';
}

char *tw_buf_reserve(struct tw_buf *b, size_t n)
{
	size_t need = b->n + n + 1;

	assert(n < SIZE_MAX / 2 - b->n);
	if (need > b->cap) {
		size_t cap = b->cap ? b->cap : 32;

		while (cap < need)
			cap *= 2;
		b->p = tw_realloc(b->p, cap);
		b->cap = cap;
	}
	return b->p + b->n;
}

void tw_buf_add(struct tw_buf *b, const void *p, size_t n)
{
	char *to = tw_buf_reserve(b, n);

	if (n)
		memcpy(to, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void tw_buf_adds(struct tw_buf *b, const char *s)
{
	tw_buf_add(b, s, strlen(s));
}

void tw_buf_addc(struct tw_buf *b, char c)
{
	tw_buf_add(b, &c, 1);
}

void tw_buf_addf(struct tw_buf *b, const char *format, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	tw_buf_reserve(b, 64);
	n = vsnprintf(b->p + b->n, b->cap - b->n, format, ap);
	assert(n >= 0);
	if ((size_t)n >= b->cap - b->n) {
		tw_buf_reserve(b, (size_t)n);
		vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
	}
	b->n += (size_t)n;
	va_end(again);
	va_end(ap);
}

void tw_buf_addu(struct tw_buf *b, uint32_t code_point)
{
	char octets[4];

	tw_buf_add(b, octets, tw_utf8_put(code_point, octets));
}

void tw_buf_drop(struct tw_buf *b, size_t n)
{
	assert(n <= b->n);
	if (!n)
		return;
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
	b->p[b->n] = '\0';
}

const char *tw_buf_str(const struct tw_buf *b)
{
	if (!b->p)
		return "";
	/* who added through tw_buf_reserve() left no NUL; there is always room for it */
	b->p[b->n] = '\0';
	return b->p;
}

char *tw_buf_take(struct tw_buf *b)
{
	char *p = b->p ? b->p : tw_zalloc(1);

	p[b->n] = '\0';
	*b = (struct tw_buf){ 0 };
	return p;
}
