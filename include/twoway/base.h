/* What every other folder stands on: errors, clock types, memory, byte and text buffers, hash
 * tables, handles, Unicode, digests, random numbers, time zones, configuration text, the log.
 *
 * Nothing here knows a modem, a message or a database. Outside libraries met here and nowhere
 * else: nettle (digests), libutf8proc (folding, normal forms, grapheme clusters), libconfig (its
 * parser). Allocation failure aborts with a message: the commit rule makes that safe. */
#ifndef TWOWAY_BASE_H
#define TWOWAY_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors -------------------------------------------------------------------------------- */

/* A function that can fail returns int: 0, or negative. -errno for the system, TW_E_* for ours. */
#define TW_ERRORS(X)                                                                               \
	X(TW_E_SYNTAX, "not well formed")                                                          \
	X(TW_E_RANGE, "out of range")                                                              \
	X(TW_E_NOSPACE, "does not fit")                                                            \
	X(TW_E_SHORT, "ends too early")                                                            \
	X(TW_E_TYPE, "of the wrong type")                                                          \
	X(TW_E_UNKNOWN, "not known")                                                               \
	X(TW_E_STATE, "not possible now")                                                          \
	X(TW_E_DENIED, "not allowed")                                                              \
	X(TW_E_EXISTS, "exists already")                                                           \
	X(TW_E_GONE, "is gone")                                                                    \
	X(TW_E_DB, "database error")                                                               \
	X(TW_E_DB_FULL, "disk full")                                                               \
	X(TW_E_DB_DAMAGED, "database damaged")                                                     \
	X(TW_E_DB_NEWER, "database from a newer version")                                          \
	X(TW_E_DB_OTHER, "database of another build")                                              \
	X(TW_E_LOCKED, "in use by another process")                                                \
	X(TW_E_CONFIG, "configuration error")

enum tw_error {
	TW_E_FIRST = -10000,
#define X(name, text) name,
	TW_ERRORS(X)
#undef X
	TW_E_END
};

/* A sentence fragment for any code above, errno ones included. Never NULL; static or
 * thread-local. */
const char *tw_strerror(int code);

/* ---- time ---------------------------------------------------------------------------------- */

/* Two clocks that the compiler refuses to mix. Milliseconds; no other unit of time is passed. */
struct mono_ms { int64_t ms; };	/* since some start; never steps back */
struct wall_ms { int64_t ms; };	/* since 1970-01-01T00:00:00Z; may step */

#define MONO_NEVER ((struct mono_ms){ INT64_MAX })

static inline struct mono_ms mono_after(struct mono_ms t, int64_t ms)
{
	int64_t sum;

	return (struct mono_ms){ __builtin_add_overflow(t.ms, ms, &sum) ? INT64_MAX : sum };
}
static inline struct mono_ms mono_min(struct mono_ms a, struct mono_ms b)
{
	return a.ms < b.ms ? a : b;
}
static inline bool mono_due(struct mono_ms deadline, struct mono_ms now)
{
	return deadline.ms <= now.ms;
}
static inline struct wall_ms wall_after(struct wall_ms t, int64_t ms)
{
	return (struct wall_ms){ t.ms + ms };
}

/* Both clocks at one instant: what machines and turns are handed. */
struct tw_now {
	struct mono_ms mono;
	struct wall_ms wall;
};

/* The system's clocks now. Only loop and the command line call it; all else takes time as given. */
struct tw_now tw_now_system(void);

#define TW_RFC3339_MAX 32
/* "2026-05-04T09:00:00.000Z". out holds TW_RFC3339_MAX. Returns out. */
char *tw_rfc3339(struct wall_ms t, char *out);
/* Reads RFC 3339 with Z or an offset, seconds and fraction optional ("2026-05-04T09:00Z",
 * "2026-05-04 09:00:00.5+02:00"). TW_E_SYNTAX, TW_E_RANGE. */
int tw_rfc3339_read(const char *text, struct wall_ms *ret);
/* Days since 1970-01-01 of a proleptic Gregorian date; month 1..12. */
int64_t tw_days_from_civil(int year, int month, int day);
void tw_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);

/* "90s" "10m" "3h" "3d" "2w", also "500ms" and "0s": to milliseconds. TW_E_SYNTAX, TW_E_RANGE. */
int tw_duration_read(const char *text, int64_t *ret_ms);
/* The shortest of these forms that is exact: 90000 -> "90s". out holds 24. Returns out. */
char *tw_duration_write(int64_t ms, char *out);

/* A time zone read from the system's tzdata (TZif, /usr/share/zoneinfo or TZDIR), never setenv. */
struct tw_zone;
/* name: IANA name, or "" for UTC. The zone is cached for the life of the process and never freed.
 * TW_E_UNKNOWN where there is no such zone, TW_E_SYNTAX for a damaged file. */
int tw_zone_get(const char *name, const struct tw_zone **ret);
/* Seconds east of UTC at t. */
int32_t tw_zone_offset(const struct tw_zone *zone, struct wall_ms t);
struct tw_civil { int year, month, day, hour, minute, second, weekday /* 1..7 from Monday */; };
struct tw_civil tw_zone_civil(const struct tw_zone *zone, struct wall_ms t);
/* The first instant that shows this local time; in a gap, the instant at which the gap ends. */
struct wall_ms tw_zone_wall(const struct tw_zone *zone, const struct tw_civil *local);

/* ---- memory -------------------------------------------------------------------------------- */

void *tw_alloc(size_t n);			/* aborts when there is none; n == 0 gives one
						 * octet */
void *tw_zalloc(size_t n);
void *tw_realloc(void *p, size_t n);
char *tw_strdup(const char *s);			/* NULL gives NULL */
char *tw_strndup(const char *s, size_t n);
char *tw_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));	/* heap */

/* tw_auto(type): a variable whose type##_free(&value) style cleaner runs at the end of its
 * scope. */
#define tw_auto(cleaner) __attribute__((cleanup(cleaner)))
void tw_free_charp(char **p);			/* for tw_auto(tw_free_charp) char *x = NULL; */
#define tw_steal(p) ({ __auto_type tw_stolen = (p); (p) = NULL; tw_stolen; })
#define TW_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Copies s into dst[cap], cut at a UTF-8 boundary, always terminated. Returns whether it fitted. */
bool tw_strset(char *dst, size_t cap, const char *s);
bool tw_strsetn(char *dst, size_t cap, const char *s, size_t n);

/* ---- growing buffers ----------------------------------------------------------------------- */

/* Octets or text that grows. A zeroed struct is an empty buffer; p may be NULL while n is 0. After
 * any tw_buf_add* there is a NUL at p[n], not counted. */
struct tw_buf {
	char *p;
	size_t n, cap;
};
void tw_buf_done(struct tw_buf *b);		/* frees and zeroes */
void tw_buf_clear(struct tw_buf *b);		/* n = 0, keeps the memory */
void tw_buf_add(struct tw_buf *b, const void *p, size_t n);
void tw_buf_adds(struct tw_buf *b, const char *s);
void tw_buf_addc(struct tw_buf *b, char c);
void tw_buf_addf(struct tw_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tw_buf_addu(struct tw_buf *b, uint32_t code_point);	/* as UTF-8 */
char *tw_buf_reserve(struct tw_buf *b, size_t n);	/* room for n more; caller then adds to n */
void tw_buf_drop(struct tw_buf *b, size_t n);	/* removes the first n octets */
const char *tw_buf_str(const struct tw_buf *b);	/* never NULL */
char *tw_buf_take(struct tw_buf *b);		/* gives the string away, leaves an empty buffer */

/* ---- hash tables and handles --------------------------------------------------------------- */

/* Octet strings to pointers. Keys are copied, values borrowed. A zeroed struct is empty. */
struct tw_map { struct tw_map_slot *slots; size_t n, cap; };
void tw_map_done(struct tw_map *m);
void *tw_map_get(const struct tw_map *m, const void *key, size_t n);	/* NULL: not there */
/* returns the old */
void *tw_map_put(struct tw_map *m, const void *key, size_t n, void *value);
void *tw_map_del(struct tw_map *m, const void *key, size_t n);		/* returns the old */
/* Goes through all entries: start with *cursor = 0; false at the end. No change meanwhile. */
bool tw_map_each(const struct tw_map *m, size_t *cursor, const char **ret_key, size_t *ret_n,
		 void **ret_value);

/* How things are named across folders: a stale handle finds nothing. {0,0} names nothing. */
struct tw_handle { uint32_t slot, generation; };
static inline bool tw_handle_is_set(struct tw_handle h) { return h.generation != 0; }
static inline bool tw_handle_same(struct tw_handle a, struct tw_handle b)
{
	return a.slot == b.slot && a.generation == b.generation;
}
/* Slots of pointers with generations. A zeroed struct is empty. */
struct tw_pool { struct tw_pool_slot *slots; uint32_t n, cap, free_head; };
void tw_pool_done(struct tw_pool *p);
struct tw_handle tw_pool_add(struct tw_pool *p, void *value);
void *tw_pool_get(const struct tw_pool *p, struct tw_handle h);	/* NULL: stale */
void *tw_pool_del(struct tw_pool *p, struct tw_handle h);
/* slot numbers 0..n-1: the value there, NULL for an empty slot; ret_handle may be NULL. */
void *tw_pool_at(const struct tw_pool *p, uint32_t slot, struct tw_handle *ret_handle);

/* ---- Unicode ------------------------------------------------------------------------------- */

/* Reads one code point at *p (before end) and moves on. Ill-formed octets give U+FFFD, one for
 * each maximal part (Unicode 3.9). At the end returns -1. */
int32_t tw_utf8_next(const char **p, const char *end);
size_t tw_utf8_put(uint32_t code_point, char out[4]);	/* octets written, 1..4 */
bool tw_utf8_is_valid(const char *s, size_t n);
/* Appends s with each ill-formed part replaced by U+FFFD. NUL is kept. */
void tw_utf8_clean(const char *s, size_t n, struct tw_buf *out);
/* Length in octets of the extended grapheme cluster (UAX 29; Indic conjuncts kept whole) at s;
 * 0 at the end. */
size_t tw_grapheme_next(const char *s, size_t n);
/* The key by which texts are compared (contract 2, Matching): NFKC_Casefold; combining marks
 * dropped on Latin and Greek letters only; Arabic tatweel and vowel signs, skin tones and variation
 * selectors ignored; punctuation and runs of space become one space, none at the ends; an emoji or
 * symbol stands as a word of its own. Replaces the contents of out. Pure ASCII takes a fast
 * path. */
void tw_fold_key(const char *s, size_t n, struct tw_buf *out);
/* Where `{args}` begins in the customer's own text: the octet offset just behind the part of s
 * whose key is the first key_n octets of tw_fold_key(s), and behind the white space and punctuation
 * that follow it; n when nothing is left. */
size_t tw_fold_rest(const char *s, size_t n, size_t key_n);
/* Appends s in another case, letter by letter and by no locale; words begin behind what is no
 * letter, digit, mark or apostrophe. */
enum tw_case { TW_UPPER, TW_LOWER, TW_TITLE };
void tw_case_text(const char *s, size_t n, enum tw_case how, struct tw_buf *out);
/* Value of a decimal digit of any script (general category Nd), 0..9; -1 for all else. */
int tw_digit_value(uint32_t code_point);
/* Whether the code point is of a script written without spaces (Han, Kana, Thai, Lao, Khmer). */
bool tw_is_unspaced(uint32_t code_point);

/* ---- digests and hexadecimal --------------------------------------------------------------- */

void tw_sha256(const void *p, size_t n, uint8_t out[32]);
void tw_sha1_hmac(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[20]);
void tw_sha256_hmac(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[32]);
/* One AES-128 block: a keyed permutation of 16 octets. */
void tw_aes128_encrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16]);
void tw_aes128_decrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16]);
void tw_hex_write(const void *p, size_t n, char *out, bool upper);	/* out holds 2n + 1 */
/* Octets read, or TW_E_SYNTAX (odd count, not hex), TW_E_NOSPACE. Any case. */
int tw_hex_read(const char *s, size_t n, uint8_t *out, size_t cap);
uint64_t tw_hash64(const void *p, size_t n);	/* fast, not secret */
size_t tw_base64_write(const void *p, size_t n, char *out);	/* out holds 4*((n+2)/3) + 1 */
int tw_base64_read(const char *s, size_t n, uint8_t *out, size_t cap);	/* octets or TW_E_* */
bool tw_same_secret(const void *a, const void *b, size_t n);	/* in constant time */

/* ---- random numbers ------------------------------------------------------------------------ */

struct tw_random { uint64_t s[4]; };
void tw_random_seed(struct tw_random *r, uint64_t seed);	/* the same seed, the same
								 * numbers */
void tw_random_system(struct tw_random *r);			/* seeded by getrandom(2) */
uint64_t tw_random_u64(struct tw_random *r);
uint32_t tw_random_below(struct tw_random *r, uint32_t bound);	/* 0..bound-1, unbiased; bound >
								 * 0 */
void tw_random_secret(void *p, size_t n);			/* getrandom(2): tokens, salts */
/* A secret of TW_SECRET_DIGITS hexadecimal digits in a file of its own. read: white space around
 * it is forgiven; 0, TW_E_SYNTAX, an errno; *ret_is_open: others may read it. make: 0 or an
 * errno (-EEXIST …); the file is its owner's alone. */
enum { TW_SECRET_DIGITS = 32 };
int tw_secret_file_read(const char *path, char out[TW_SECRET_DIGITS + 1], bool *ret_is_open);
int tw_secret_file_make(const char *path, char out[TW_SECRET_DIGITS + 1]);

/* ---- findings and configuration text ------------------------------------------------------- */

/* What a reader has to say about a file, collected instead of printed. */
struct tw_finding {
	char *file;
	unsigned line;		/* 0: the file as a whole */
	int offset;		/* in an expression or template; -1 where none */
	bool is_error;		/* else a warning */
	bool is_value;		/* an error of a value alone: key and type are right */
	char *text;		/* a sentence that says what was expected and what to do */
};
struct tw_findings { struct tw_finding *v; size_t n, cap, errors; };
void tw_findings_done(struct tw_findings *f);
void tw_findings_add(struct tw_findings *f, const char *file, unsigned line, int offset,
		     bool is_error, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* One line each, "FILE:LINE: error|warning: sentence", appended to out. */
void tw_findings_print(const struct tw_findings *f, struct tw_buf *out);
/* The candidate nearest to word (Damerau distance, at most a third of its length), or NULL. */
const char *tw_nearest(const char *word, const char *const *candidates, size_t n);

/* A libconfig file, read the way twoway reads: bounded (TW_CONF_MAX), `@include "name"` at the
 * start of a line expanded (inside the file's folder after realpath, nine deep), a comma before
 * `)` or `]` forgiven, hints for a missing comma, a quoted name, a name that begins with a digit;
 * two strings side by side and an unknown escape are warnings. Every setting knows its own file
 * and line. */
#define TW_CONF_MAX (8u << 20)
struct tw_conf;
struct tw_conf_node;	/* one setting: a group, list, array or scalar; lives as long as its conf */
/* Returns NULL after adding at least one error to findings. */
struct tw_conf *tw_conf_read(const char *path, struct tw_findings *findings);
struct tw_conf *tw_conf_read_text(const char *name, const char *text, size_t n,
				  struct tw_findings *findings);
void tw_conf_free(struct tw_conf *c);
/* The text as it was read, what it includes put in: read again it gives the same tree. */
const char *tw_conf_text(const struct tw_conf *c, size_t *ret_n);

enum tw_conf_type { TW_CONF_GROUP, TW_CONF_LIST, TW_CONF_ARRAY, TW_CONF_INT, TW_CONF_FLOAT,
		    TW_CONF_BOOL, TW_CONF_STRING };
const struct tw_conf_node *tw_conf_root(const struct tw_conf *c);
enum tw_conf_type tw_conf_type(const struct tw_conf_node *n);
const char *tw_conf_type_name(enum tw_conf_type type);	/* "a text", "a number", "a group { }" … */
const char *tw_conf_name(const struct tw_conf_node *n);	/* NULL for an element of a list */
const char *tw_conf_file(const struct tw_conf_node *n);
unsigned tw_conf_line(const struct tw_conf_node *n);
size_t tw_conf_length(const struct tw_conf_node *n);	/* members or elements; 0 for a scalar */
const struct tw_conf_node *tw_conf_at(const struct tw_conf_node *n, size_t i);	/* in file order */
const struct tw_conf_node *tw_conf_member(const struct tw_conf_node *group, const char *name);
const char *tw_conf_string(const struct tw_conf_node *n);	/* asserts the type */
int64_t tw_conf_int(const struct tw_conf_node *n);
double tw_conf_float(const struct tw_conf_node *n);		/* an int is accepted */
bool tw_conf_bool(const struct tw_conf_node *n);
/* Adds a finding at this setting's file and line. */
void tw_conf_fault(const struct tw_conf_node *n, struct tw_findings *f, bool is_error,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* An error of its value alone (is_value): a reader may leave out what the setting belongs to. */
void tw_conf_value_fault(const struct tw_conf_node *n, struct tw_findings *f,
			 const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A table that describes a group: what `config`, `board` and `flow` read their settings by. */
enum tw_key_type {
	TW_KEY_STRING,		/* char *, heap; default_text */
	TW_KEY_INT,		/* int64_t; min..max */
	TW_KEY_BOOL,		/* bool */
	TW_KEY_FLOAT,		/* double; min..max */
	TW_KEY_DURATION,	/* int64_t milliseconds; "90s"; min..max in milliseconds */
	TW_KEY_CLOCK,		/* int64_t minutes of the day; "HH:MM" */
	TW_KEY_STRINGS,		/* struct tw_strings; a text or an array of texts */
	TW_KEY_CHOICE,		/* int64_t index into choices, a NULL-ended list */
	TW_KEY_NODE		/* const struct tw_conf_node *: for the caller to read itself */
};
struct tw_strings { char **v; size_t n; };
void tw_strings_done(struct tw_strings *s);
void tw_strings_add(struct tw_strings *s, const char *text);
struct tw_key {
	const char *name;
	enum tw_key_type type;
	size_t offset;			/* of the field in the struct that is filled */
	double min, max;		/* both 0: no bound */
	const char *default_text;	/* as it would be written, NULL: none (zero value) */
	const char *const *choices;
	const char *help;		/* one sentence */
	bool required;
};
/* Fills a zeroed struct: defaults first, then what the group says. Unknown names are errors that
 * name the nearest key; wrong types and ranges say what was expected. Goes on after an error, so
 * that all are found. group NULL: defaults only. Returns 0 or TW_E_CONFIG. */
int tw_keys_read(const struct tw_key *keys, size_t n, const struct tw_conf_node *group, void *out,
		 struct tw_findings *f);
/* The same of these names alone: what else stands in the group is the caller's. */
int tw_keys_pick(const struct tw_key *keys, size_t n, const struct tw_conf_node *group, void *out,
		 struct tw_findings *f);
void tw_keys_done(const struct tw_key *keys, size_t n, void *out);	/* frees strings, zeroes */

/* ---- comma separated values (RFC 4180) ------------------------------------------------------- */

/* Read a record at a time, written a cell at a time. */
enum { CSV_CELLS_MAX = 64, CSV_RECORD_MAX = 48 << 10 };
struct csv {
	FILE *in;
	char separator;			/* found in the first record: a comma, a semicolon or a
					 * tab */
	unsigned long line;		/* where the record begins, from 1 */
	unsigned long next_line;
	char *cells[CSV_CELLS_MAX];	/* of the record; good until the next */
	size_t n;
	struct tw_buf text;
	int64_t seen;			/* octets */
};
void csv_open(struct csv *c, FILE *in);
void csv_close(struct csv *c);		/* leaves the file open */
/* The next record that is not empty. 1; 0 at the end; negative with a sentence (static) where the
 * record cannot be read: the one after it can. */
int csv_next(struct csv *c, const char **ret_fault);
/* One cell, a comma before it unless it is the first of its line. is_free: what a stranger wrote,
 * which a spreadsheet must not take for a formula. */
void csv_put(struct tw_buf *b, const char *text, bool is_free);
void csv_end(struct tw_buf *b);

/* ---- the log ------------------------------------------------------------------------------- */

/* One line an event: time, level, event name, then key=value. error: a person must act; warn: we
 * coped; info: the life of a message; debug: the rest. Floors 0 to 2 return faults, never log. */
enum tw_level { TW_ERROR, TW_WARN, TW_INFO, TW_DEBUG };
void tw_log_setup(enum tw_level level, bool mask_numbers, bool show_texts);	/* to stderr */
/* Tests and the command line send lines elsewhere; NULL sets it back to standard error. */
void tw_log_sink(void (*sink)(void *ctx, enum tw_level level, const char *line), void *ctx);
bool tw_log_wants(enum tw_level level);
/* While held, lines to standard error are collected (errors go at once), and written together when
 * it ends: a turn costs one write. */
void tw_log_hold(bool hold);
/* format gives `key=value` pairs; values that may hold blanks go through tw_log_quote(). */
void tw_log(enum tw_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A number as the log shows it ("+4477009…23"), a text as the log shows it ("(12 letters)" or
 * quoted). Eight rotating static buffers. */
const char *tw_log_number(const char *number);
const char *tw_log_text(const char *text);
const char *tw_log_quote(const char *value);

#endif
