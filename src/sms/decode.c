/* A line's octets to a value: SMSC field, then one of six TPDUs (23.040 9.2.2). Whatever was read
 * before something went wrong stays in the value. */
#include "sms_private.h"

enum { OCTETS_MAX = 512, PI_PID = 0x01, PI_DCS = 0x02, PI_UD = 0x04, PI_MORE = 0x80,
       FCS_FIRST = 0x80, TIME_OCTETS = 7 };

int fault_set(struct sms_fault *fault, int code, const char *field, int octet, const char *what)
{
	if (fault)
		*fault = (struct sms_fault){ code, octet, field, what };
	return code;
}

int reader_fail(struct reader *r, int code, const char *field, size_t octet, const char *what)
{
	return fault_set(r->fault, code, field, (int)octet, what);
}

void reader_warn(struct reader *r, const char *field, size_t octet, const char *what)
{
	struct sms_pdu *pdu = r->pdu;

	if (pdu->n_warnings < SMS_WARNINGS_MAX)
		pdu->warnings[pdu->n_warnings++] =
			(struct sms_fault){ TW_E_SYNTAX, (int)octet, field, what };
}

int reader_octet(struct reader *r, const char *field, uint8_t *ret)
{
	if (!reader_left(r))
		return reader_fail(r, TW_E_SHORT, field, r->at, "ends before this field");
	*ret = r->p[r->at++];
	return 0;
}

static int read_address(struct reader *r)
{
	int e = address_read(r, &r->pdu->address);

	r->pdu->has_address = !e;
	return e;
}

static int read_ref(struct reader *r)
{
	int e = reader_octet(r, "ref", &r->pdu->ref);

	r->pdu->has_ref = !e;
	return e;
}

static int read_pid(struct reader *r)
{
	int e = reader_octet(r, "pid", &r->pdu->pid);

	r->pdu->has_pid = !e;
	return e;
}

static void apply_dcs(struct sms_pdu *pdu)
{
	struct dcs d = dcs_read(pdu->dcs);

	pdu->body.encoding = d.encoding;
	pdu->is_compressed = d.is_compressed;
	pdu->message_class = d.message_class;
	if (d.has_waiting) {
		pdu->waiting[0] = d.waiting;
		pdu->n_waiting = 1;
	}
}

static int read_dcs(struct reader *r)
{
	int e = reader_octet(r, "dcs", &r->pdu->dcs);

	r->pdu->has_dcs = !e;
	if (!e)
		apply_dcs(r->pdu);
	return e;
}

static int read_time(struct reader *r, const char *field, struct sms_time *ret)
{
	if (reader_left(r) < TIME_OCTETS)
		return reader_fail(r, TW_E_SHORT, field, r->n, "ends within this time");
	*ret = time_read(r->p + r->at);
	if (!ret->is_valid)
		reader_warn(r, field, r->at, "impossible time, taken as none");
	r->at += TIME_OCTETS;
	return 0;
}

static int read_scts(struct reader *r)
{
	int e = read_time(r, "scts", &r->pdu->scts);

	r->pdu->has_scts = !e;
	return e;
}

static int read_user_data(struct reader *r)
{
	uint8_t udl;
	int e = reader_octet(r, "udl", &udl);

	if (!e)
		body_read(r, udl, r->pdu->first & FIRST_UDHI);
	return e;
}

static int read_deliver(struct reader *r)
{
	struct sms_pdu *pdu = r->pdu;
	int e;

	pdu->more = !(pdu->first & FIRST_MMS);
	pdu->loop_prevention = pdu->first & FIRST_LP;
	pdu->report = pdu->first & FIRST_REPORT;
	pdu->reply_path = pdu->first & FIRST_RP;
	if ((e = read_address(r)) || (e = read_pid(r)) || (e = read_dcs(r)) || (e = read_scts(r)))
		return e;
	return read_user_data(r);
}

static int read_validity(struct reader *r)
{
	static const uint8_t kinds[] = { SMS_VP_NONE, SMS_VP_ENHANCED, SMS_VP_RELATIVE,
					 SMS_VP_ABSOLUTE };
	struct sms_pdu *pdu = r->pdu;
	unsigned n;

	pdu->vp_kind = (enum sms_vp_kind)kinds[pdu->first >> 3 & 3];
	if (pdu->vp_kind == SMS_VP_NONE)
		return 0;
	n = pdu->vp_kind == SMS_VP_RELATIVE ? 1 : TIME_OCTETS;
	if (reader_left(r) < n) {
		pdu->vp_kind = SMS_VP_NONE;
		return reader_fail(r, TW_E_SHORT, "vp", r->n, "ends within the validity period");
	}
	memcpy(pdu->vp_octets, r->p + r->at, n);
	if (pdu->vp_kind == SMS_VP_RELATIVE)
		pdu->vp_seconds = time_relative_seconds(pdu->vp_octets[0]);
	else if (pdu->vp_kind == SMS_VP_ENHANCED)
		time_read_enhanced(pdu->vp_octets, pdu);
	else
		pdu->vp_time = time_read(pdu->vp_octets);
	if (pdu->vp_kind == SMS_VP_ABSOLUTE && !pdu->vp_time.is_valid)
		reader_warn(r, "vp", r->at, "impossible time, taken as none");
	r->at += n;
	return 0;
}

static int read_submit(struct reader *r)
{
	struct sms_pdu *pdu = r->pdu;
	int e;

	pdu->reject_duplicates = pdu->first & FIRST_RD;
	pdu->report = pdu->first & FIRST_REPORT;
	pdu->reply_path = pdu->first & FIRST_RP;
	if ((e = read_ref(r)) || (e = read_address(r)) || (e = read_pid(r)) || (e = read_dcs(r)) ||
	    (e = read_validity(r)))
		return e;
	return read_user_data(r);
}

/* TP-PI and what it announces: PID, DCS, user data (9.2.3.27); TP-SCTS stands behind the TP-PI of a
 * SUBMIT-REPORT. */
static int read_parameters(struct reader *r, bool has_scts)
{
	uint8_t pi, next;
	int e = reader_octet(r, "pi", &pi);

	next = pi;
	while (!e && next & PI_MORE)
		e = reader_octet(r, "pi", &next);
	if (!e && has_scts)
		e = read_scts(r);
	if (!e && pi & PI_PID)
		e = read_pid(r);
	if (!e && pi & PI_DCS)
		e = read_dcs(r);
	if (!e && pi & PI_UD)
		e = read_user_data(r);
	return e;
}

/* Whatever stands behind TP-ST is optional, and some SMSCs put there what makes no sense: then the
 * report is kept and the rest dropped. */
static void read_report_tail(struct reader *r)
{
	struct sms_pdu kept = *r->pdu;
	struct sms_fault *fault = r->fault;
	size_t at = r->at;
	int e;

	if (!reader_left(r))
		return;
	r->fault = NULL;
	e = read_parameters(r, false);
	r->fault = fault;
	if (!e && !r->is_short)
		return;
	*r->pdu = kept;
	r->at = r->n;
	reader_warn(r, "pi", at, "optional part of the report makes no sense, dropped");
}

static int read_status_report(struct reader *r)
{
	struct sms_pdu *pdu = r->pdu;
	int e;

	pdu->more = !(pdu->first & FIRST_MMS);
	pdu->loop_prevention = pdu->first & FIRST_LP;
	pdu->report = pdu->first & FIRST_REPORT;
	if ((e = read_ref(r)) || (e = read_address(r)) || (e = read_scts(r)) ||
	    (e = read_time(r, "discharge", &pdu->discharge)))
		return e;
	pdu->has_discharge = true;
	e = reader_octet(r, "status", &pdu->status);
	if (e)
		return e;
	pdu->has_status = true;
	read_report_tail(r);
	return 0;
}

static int read_command(struct reader *r)
{
	struct sms_pdu *pdu = r->pdu;
	uint8_t length;
	int e;

	pdu->report = pdu->first & FIRST_REPORT;
	if ((e = read_ref(r)) || (e = read_pid(r)) ||
	    (e = reader_octet(r, "command", &pdu->command)) ||
	    (e = reader_octet(r, "command_ref", &pdu->command_ref)) ||
	    (e = read_address(r)) || (e = reader_octet(r, "cdl", &length)))
		return e;
	pdu->body.encoding = SMS_8BIT;	/* command data are octets */
	body_read(r, length, pdu->first & FIRST_UDHI);
	return 0;
}

/* The ERROR form begins with TP-FCS, whose values are 0x80 and up; TP-PI is normally below. */
static void read_failure(struct reader *r)
{
	if (reader_left(r) && r->p[r->at] >= FCS_FIRST)
		r->pdu->failure = r->p[r->at++];
}

static int read_deliver_report(struct reader *r)
{
	read_failure(r);
	return read_parameters(r, false);
}

static int read_submit_report(struct reader *r)
{
	read_failure(r);
	return read_parameters(r, true);
}

static int (*const readers[])(struct reader *r) = {
	[SMS_DELIVER] = read_deliver,
	[SMS_SUBMIT] = read_submit,
	[SMS_STATUS_REPORT] = read_status_report,
	[SMS_COMMAND] = read_command,
	[SMS_DELIVER_REPORT] = read_deliver_report,
	[SMS_SUBMIT_REPORT] = read_submit_report,
};

/* TP-MTI by direction (9.2.3.1); -1 reserved. */
static const int8_t types[3][4] = {
	[SMS_LISTING] = { SMS_DELIVER, SMS_SUBMIT, SMS_STATUS_REPORT, SMS_DELIVER },
	[SMS_MT] = { SMS_DELIVER, SMS_SUBMIT_REPORT, SMS_STATUS_REPORT, SMS_DELIVER },
	[SMS_MO] = { SMS_DELIVER_REPORT, SMS_SUBMIT, SMS_COMMAND, -1 },
};

static int read_smsc(struct reader *r, int length)
{
	int e;

	/* the modem left the SMSC field out when all that is there is the TPDU */
	if (length > 0 && r->n == (size_t)length)
		return 0;
	e = address_read_smsc(r);
	if (!e && length >= 0 && reader_left(r) != (size_t)length)
		reader_warn(r, "length", r->at, "length told and octets there differ");
	return e;
}

static int read_tpdu(struct reader *r, enum sms_direction direction)
{
	struct sms_pdu *pdu = r->pdu;
	int8_t type;
	int e = reader_octet(r, "first", &pdu->first);

	if (e)
		return e;
	type = types[direction][pdu->first & 3];
	if (type < 0)
		return reader_fail(r, TW_E_TYPE, "first", r->at - 1, "reserved message type");
	pdu->type = (enum sms_type)type;
	pdu->has_type = true;
	return readers[type](r);
}

static int decode(struct reader *r, int length, enum sms_direction direction)
{
	int e;

	if (!r->n)
		return reader_fail(r, TW_E_SHORT, "smsc", 0, "empty");
	e = read_smsc(r, length);
	return e ? e : read_tpdu(r, direction);
}

static void pdu_init(struct sms_pdu *pdu)
{
	memset(pdu, 0, sizeof(*pdu));
	pdu->message_class = -1;
}

int sms_decode(const uint8_t *octets, size_t n, int length, enum sms_direction direction,
	       struct sms_pdu *ret, struct sms_fault *reterr_fault)
{
	struct reader r = { octets, n, 0, ret, reterr_fault };

	pdu_init(ret);
	return decode(&r, length, direction);
}

/* Value and 0x10 of a digit, 0 of anything else. */
static const uint8_t hex_digits[256] = {
#define D(c, v) [c] = (v) | 0x10
	D('0', 0), D('1', 1), D('2', 2), D('3', 3), D('4', 4), D('5', 5), D('6', 6), D('7', 7),
	D('8', 8), D('9', 9),
	D('a', 10), D('b', 11), D('c', 12), D('d', 13), D('e', 14), D('f', 15),
	D('A', 10), D('B', 11), D('C', 12), D('D', 13), D('E', 14), D('F', 15),
#undef D
};

/* Up to n octets, as far as there are digits. Returns how many. */
static size_t read_hex(const char *hex, size_t n, uint8_t *out)
{
	size_t i;

	for (i = 0; i < n; i++, hex += 2) {
		unsigned high = hex_digits[(uint8_t)hex[0]], low = hex_digits[(uint8_t)hex[1]];

		if (!(high & low & 0x10))
			break;
		out[i] = (uint8_t)(high << 4 | (low & 0xF));
	}
	return i;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int sms_decode_hex(const char *hex, size_t n, int length, enum sms_direction direction,
		   struct sms_pdu *ret, struct sms_fault *reterr_fault)
{
	uint8_t octets[OCTETS_MAX];
	struct reader r = { octets, 0, 0, ret, reterr_fault };

	pdu_init(ret);
	while (n && is_blank(*hex))
		hex++, n--;
	while (n && is_blank(hex[n - 1]))
		n--;
	if (n > 2 * OCTETS_MAX) {
		n = 2 * OCTETS_MAX;
		reader_warn(&r, "hex", OCTETS_MAX, "line longer than any PDU, the rest ignored");
	}
	r.n = read_hex(hex, n / 2, octets);
	if (r.n < n / 2 || (n % 2 && !hex_digits[(uint8_t)hex[n - 1]]))
		return reader_fail(&r, TW_E_SYNTAX, "hex", r.n, "not a hex digit");
	if (n % 2)
		reader_warn(&r, "hex", r.n, "odd number of digits, the last one dropped");
	return decode(&r, length, direction);
}
