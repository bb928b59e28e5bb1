/* `twoway pdu decode` and `twoway pdu encode`: the codec's face. A line in, one JSON object a line
 * out; a bad line is answered with its error and never stops the rest. */
#ifndef TWOWAY_CLI_PDU_H
#define TWOWAY_CLI_PDU_H

#include <twoway/sms.h>

/* argv[0] is the verb's own name. Reads standard input, writes standard output. Returns the exit
 * code: 0, 64 usage, 65 when a line was bad, 70 when standard output cannot be written. */
int cli_pdu(int argc, char **argv);

/* One line (without its end) to one JSON object and a line feed, appended to out. False: the line
 * was bad, and the object says why. */
bool pdu_decode_line(const char *line, size_t n, enum sms_direction direction, struct tw_buf *out);
bool pdu_encode_line(const char *line, size_t n, struct tw_buf *out);
bool pdu_direction_read(const char *name, enum sms_direction *ret);	/* "mt" "mo" "listing" */

/* Writing JSON with the keys in the order in which they are written (pdu_json.c). */
struct json_out { struct tw_buf *buf; bool has_member; };
struct json_out out_open(struct tw_buf *buf, char bracket);
void out_close(struct json_out *o, char bracket);
void out_key(struct json_out *o, const char *key);	/* NULL in a list */
void out_null(struct json_out *o, const char *key);
void out_bool(struct json_out *o, const char *key, bool value);
void out_int(struct json_out *o, const char *key, int64_t value);
void out_text(struct json_out *o, const char *key, const char *s, size_t n);	/* UTF-8 */
void out_string(struct json_out *o, const char *key, const char *s);
void out_hex(struct json_out *o, const char *key, const uint8_t *p, size_t n, bool upper);

#endif
