/* Values to octets: SMSC field, then the TPDU (23.040 9.2.2). */
#include "sms_private.h"

enum { VALIDITY_MINUTES_MAX = 635040 };

struct writer {
	uint8_t octets[SMS_PDU_MAX];
	size_t n, smsc_n;
	struct sms_fault *fault;
};

static void put(struct writer *w, uint8_t octet)
{
	w->octets[w->n++] = octet;
}

static int put_smsc(struct writer *w, const char *smsc)
{
	int n = address_write_smsc(smsc, w->octets, w->fault);

	if (n < 0)
		return n;
	w->n = w->smsc_n = (size_t)n;
	return 0;
}

static int put_address(struct writer *w, const char *text, bool may_be_name, const char *field)
{
	int n = address_write(text, may_be_name, field, w->octets + w->n, w->fault);

	if (n < 0)
		return n;
	w->n += (size_t)n;
	return 0;
}

static void put_time(struct writer *w, const struct sms_time *t)
{
	time_write(t, w->octets + w->n);
	w->n += 7;
}

static void put_ud(struct writer *w, const struct sms_ud *ud)
{
	put(w, ud->udl);
	memcpy(w->octets + w->n, ud->octets, ud->n);
	w->n += ud->n;
}

static int finish(const struct writer *w, uint8_t *out, size_t cap, size_t *ret_n,
		  size_t *ret_tpdu_n)
{
	if (w->n > cap)
		return fault_set(w->fault, TW_E_NOSPACE, "pdu", -1, "room too small");
	memcpy(out, w->octets, w->n);
	*ret_n = w->n;
	*ret_tpdu_n = w->n - w->smsc_n;
	return 0;
}

int sms_submit_encode(const struct sms_submit *s, uint8_t *out, size_t cap, size_t *ret_n,
		      size_t *ret_tpdu_n, struct sms_fault *reterr_fault)
{
	struct writer w;
	uint8_t first = 0x01;
	int e;

	w.fault = reterr_fault;
	if (s->validity_minutes > VALIDITY_MINUTES_MAX)
		return fault_set(reterr_fault, TW_E_RANGE, "validity", -1,
				 "validity is at most 635040 minutes (63 weeks)");
	if ((e = put_smsc(&w, s->smsc)))
		return e;
	if (s->reject_duplicates)
		first |= FIRST_RD;
	if (s->validity_minutes)
		first |= FIRST_VPF_RELATIVE;
	if (s->report)
		first |= FIRST_REPORT;
	if (s->ud->has_header)
		first |= FIRST_UDHI;
	if (s->reply_path)
		first |= FIRST_RP;
	put(&w, first);
	put(&w, s->ref);
	if ((e = put_address(&w, s->to, false, "to")))
		return e;
	put(&w, s->pid);
	put(&w, s->ud->dcs);
	if (s->validity_minutes)
		put(&w, time_relative_from(s->validity_minutes));
	put_ud(&w, s->ud);
	return finish(&w, out, cap, ret_n, ret_tpdu_n);
}

int sms_deliver_encode(const struct sms_deliver *d, uint8_t *out, size_t cap, size_t *ret_n,
		       size_t *ret_tpdu_n, struct sms_fault *reterr_fault)
{
	struct writer w;
	uint8_t first = 0x00;
	int e;

	w.fault = reterr_fault;
	if ((e = put_smsc(&w, d->smsc)))
		return e;
	if (!d->more)
		first |= FIRST_MMS;
	if (d->report)
		first |= FIRST_REPORT;
	if (d->ud->has_header)
		first |= FIRST_UDHI;
	if (d->reply_path)
		first |= FIRST_RP;
	put(&w, first);
	if ((e = put_address(&w, d->from, true, "from")))
		return e;
	put(&w, d->pid);
	put(&w, d->ud->dcs);
	put_time(&w, &d->scts);
	put_ud(&w, d->ud);
	return finish(&w, out, cap, ret_n, ret_tpdu_n);
}

int sms_report_encode(const struct sms_report *r, uint8_t *out, size_t cap, size_t *ret_n,
		      size_t *ret_tpdu_n, struct sms_fault *reterr_fault)
{
	struct writer w;
	int e;

	w.fault = reterr_fault;
	if ((e = put_smsc(&w, r->smsc)))
		return e;
	put(&w, 0x02 | FIRST_MMS);
	put(&w, r->ref);
	if ((e = put_address(&w, r->to, true, "to")))
		return e;
	put_time(&w, &r->scts);
	put_time(&w, &r->discharge);
	put(&w, r->status);
	return finish(&w, out, cap, ret_n, ret_tpdu_n);
}

int sms_command_encode(const struct sms_command *c, uint8_t *out, size_t cap, size_t *ret_n,
		       size_t *ret_tpdu_n, struct sms_fault *reterr_fault)
{
	struct writer w;
	int e;

	w.fault = reterr_fault;
	if ((e = put_smsc(&w, c->smsc)))
		return e;
	put(&w, 0x02);
	put(&w, c->ref);
	put(&w, c->pid);
	put(&w, c->command);
	put(&w, c->command_ref);
	if ((e = put_address(&w, c->to, false, "to")))
		return e;
	put(&w, 0);
	return finish(&w, out, cap, ret_n, ret_tpdu_n);
}
