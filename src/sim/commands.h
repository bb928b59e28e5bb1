/* The commands a card knows: one row each in command.c, handlers by topic. A handler appends its
 * lines to the answer (card_info) and says how the command ends. */
#ifndef SIM_COMMANDS_H
#define SIM_COMMANDS_H

#include "world.h"

#define ANSWER(type) ((struct answer){ ANSWER_##type, 0 })
#define CME(code) ((struct answer){ ANSWER_CME, code })
#define CMS(code) ((struct answer){ ANSWER_CMS, code })

typedef struct answer command_handler(struct card *c, const struct call *call);

/* V.250 and identity: cmd_basic.c */
command_handler cmd_nothing, cmd_echo, cmd_verbose, cmd_quiet, cmd_defaults, cmd_identify, cmd_cmee,
	cmd_maker, cmd_model, cmd_firmware, cmd_imei, cmd_cfun, cmd_cscs, cmd_soft_reset, cmd_cclk;
/* The SIM: cmd_sim.c */
command_handler cmd_cpin, cmd_pin_counter, cmd_ccid, cmd_crsm, cmd_cimi, cmd_cnum,
	cmd_clck;
/* Network, USSD, calls: cmd_net.c */
command_handler cmd_creg, cmd_cgreg, cmd_cereg, cmd_cops, cmd_csq, cmd_cesq, cmd_cusd, cmd_clip,
	cmd_hang_up, cmd_pick_up, cmd_ccfc, cmd_cpas, cmd_cgatt, cmd_dial, cmd_temperature;
/* The profile's radio_switch: its first command forces UMTS, others but the last GSM. */
struct answer cmd_radio_switch(struct card *c, size_t i);
/* SMS: cmd_sms.c, cmd_store.c */
command_handler cmd_csca, cmd_cmgf, cmd_csms, cmd_cnmi, cmd_cnma, cmd_cmgs, cmd_cmms, cmd_cpms,
	cmd_cmgl, cmd_cmgr, cmd_cmgd, cmd_csdh, cmd_cgsms;

/* An argument within bounds; false: missing, no number, or outside. */
bool arg_int(const struct call *call, unsigned i, int min, int max, int *ret);
/* A quoted or bare argument as text, cut at cap - 1; false: missing. */
bool arg_text(const struct call *call, unsigned i, char *out, size_t cap);
/* Whether the argument was left out or stands empty. */
bool arg_is_empty(const struct call *call, unsigned i);

#endif
