/* application/x-www-form-urlencoded. */
#include "internal.h"

static int value_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void hook_escape(struct tw_buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    (c && strchr("-._~", c)))
			tw_buf_addc(out, (char)c);
		else
			tw_buf_addf(out, "%%%02X", c);
	}
}

void hook_form_add(struct tw_buf *form, const char *name, const char *value)
{
	if (form->n)
		tw_buf_addc(form, '&');
	hook_escape(form, name, strlen(name));
	tw_buf_addc(form, '=');
	hook_escape(form, value, strlen(value));
}

static char *decode(const char *text, size_t n)
{
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "");
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '%' && i + 2 < n && value_of(text[i + 1]) >= 0 &&
		    value_of(text[i + 2]) >= 0) {
			tw_buf_addc(&b, (char)(value_of(text[i + 1]) << 4 | value_of(text[i + 2])));
			i += 2;
		} else {
			tw_buf_addc(&b, text[i] == '+' ? ' ' : text[i]);
		}
	}
	return tw_buf_take(&b);
}

void form_read(const char *text, size_t n, struct form *ret)
{
	const char *end = text + n;

	*ret = (struct form){ 0 };
	while (text < end) {
		const char *amp = memchr(text, '&', (size_t)(end - text)), *stop = amp ? amp : end;
		const char *eq = memchr(text, '=', (size_t)(stop - text));
		struct form_field f = {
			.name = decode(text, (size_t)((eq ? eq : stop) - text)),
			.value = eq ? decode(eq + 1, (size_t)(stop - eq - 1)) : tw_strdup("") };

		ret->v = tw_realloc(ret->v, (ret->n + 1) * sizeof(*ret->v));
		ret->v[ret->n++] = f;
		text = stop + 1;
	}
}

void form_done(struct form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].name);
		free(f->v[i].value);
	}
	free(f->v);
	*f = (struct form){ 0 };
}
