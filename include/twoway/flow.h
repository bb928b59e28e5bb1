/* What an inbound text means: keywords, consent words, conversations. Pure: an event and a read-only
 * view go in, a list of intents comes out; the exchange makes them lasting. Flow files are compiled
 * once into an immutable set; a set is replaced whole on reload. */
#ifndef TWOWAY_FLOW_H
#define TWOWAY_FLOW_H

#include <twoway/base.h>
#include <twoway/model.h>

struct flows;

struct flow_account {
	const char *name, *language, *zone;
};
struct flow_text_source { const char *name, *text; size_t n; };
struct flow_sources {
	const char *const *paths;	/* files, or folders of *.conf */
	size_t n_paths;
	const struct flow_text_source *texts;	/* flows that are no files; behind those of paths */
	size_t n_texts;
	const char *words;		/* folder of consent words, one file a language */
	const struct flow_account *accounts;
	size_t n_accounts;
	const char *country;		/* by which national numbers in flows are read; NULL = none */
};
/* Reads and compiles everything. NULL with errors in findings; warnings may stand beside a set. */
struct flows *flows_load(const struct flow_sources *src, struct tw_findings *findings);
void flows_free(struct flows *f);
size_t flows_keyword_count(const struct flows *f);
/* Whether a file is a flow by its top-level keys (contract 4, check). */
bool flow_is_flow_file(const struct tw_conf_node *root);

/* What flow may look at. Strings borrowed for the call. */
struct flow_event {
	const char *from;		/* the customer: E.164, short code or name */
	enum number_kind from_kind;
	const char *to;			/* the long number texted; "" unknown */
	const char *to_account;		/* the account it is dedicated to; "" = shared */
	const char *text;		/* UTF-8 */
	size_t text_n;
	bool is_own_number;		/* a SIM of the bank wrote */
	bool is_automatic_ok;		/* false: too old, or limits reached: consent words only */
	const char *last_account;	/* account that last wrote to this contact from that number; "" */
	/* accounts that wrote to this contact from this number within 30 days */
	const char *const *recent_accounts;
	size_t n_recent_accounts;
	const char *const *stopped_accounts;	/* closed for this contact on this number */
	size_t n_stopped_accounts;
	const char *contact_language;	/* "" unknown */
	const char *contact_name;	/* "" or NULL unknown */
	/* a STOP of this contact on this number was answered within the last day: one that leaves
	 * nothing gets no further answer */
	bool is_stop_told;
	struct wall_ms now;
};

enum flow_intent_type {
	FLOW_REPLY,		/* text to the customer by the number texted, for account */
	FLOW_STOP,		/* account leaves ("" = list empty): record and cancel what is queued */
	FLOW_START,		/* account is open again */
	FLOW_HELP,		/* told to applications; the words come as FLOW_REPLY */
	FLOW_TAKEN,		/* which keyword took the text: account, keyword (its first match) */
	FLOW_UNTAKEN		/* no flow took it: account's application, else `otherwise` (as FLOW_REPLY) */
};
struct flow_intent {
	enum flow_intent_type type;
	const char *account;
	const char *keyword;		/* FLOW_TAKEN */
	const char *text;		/* FLOW_REPLY, rendered */
	size_t text_n;
	bool is_consent;		/* the confirmation that STOP, START or HELP owe */
};
/* Intents in order, owned by the caller's struct; zero it before the first use. */
struct flow_result { struct flow_intent *v; size_t n, cap; struct tw_buf text; };
void flow_result_done(struct flow_result *r);
/* Decide about one text, in the order of contract 2. */
void flow_decide(const struct flows *f, const struct flow_event *e, struct flow_result *ret);

/* ---- consent words alone ------------------------------------------------------------------- */

enum consent_word { CONSENT_NONE, CONSENT_STOP, CONSENT_START, CONSENT_HELP,
		    CONSENT_STOP_AMBIGUOUS, CONSENT_ASK };
/* Whether the whole text is a consent word in one of the languages ("en" always applies), courtesy
 * words, quotation marks, signatures and the like set aside; rest: what followed it, folded ("STOP
 * ACME": "acme"; "all" for STOP ALL and its like), "" when nothing did. It is a name for the caller
 * to know: with a rest that is no name the text is no consent word. Good until the next call. */
enum consent_word flow_consent_word(const struct flows *f, const char *const *languages, size_t n,
				    const char *text, size_t text_n, const char **ret_rest);
/* What the sentences of a text say that is no consent word: CONSENT_STOP where one asks unmistakably to
 * leave, CONSENT_ASK where it may, else CONSENT_NONE. */
enum consent_word flow_consent_sentence(const struct flows *f, const char *const *languages, size_t n,
					const char *text, size_t text_n);

#endif
