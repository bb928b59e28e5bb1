/* What can be asked, by topic; the table is in ops.c. */
#ifndef SIM_OPS_H
#define SIM_OPS_H

#include "control.h"

op_handler op_help, op_list, op_state, op_fault, op_faults, op_clear, op_plug, op_unplug, op_reset,
	op_pin, op_sim, op_registration, op_signal, op_temperature, op_storage, op_urc;
op_handler op_text, op_deliver, op_sent, op_inbox, op_handset, op_subscribe, op_unsubscribe,
	op_call, op_hang_up, op_ussd, op_balance, op_voucher, op_set;

json_t *settings_object(struct sim *s);

#endif
