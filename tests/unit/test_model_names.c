#include "run.h"

#include <twoway/model.h>

START_TEST(message_states_there_and_back)
{
	static const bool final[MESSAGE_STATE_COUNT] = {
		[MESSAGE_DELIVERED] = true, [MESSAGE_UNDELIVERED] = true, [MESSAGE_FAILED] = true,
		[MESSAGE_CANCELED] = true, [MESSAGE_EXPIRED] = true,
	};

	for (int i = 0; i < MESSAGE_STATE_COUNT; i++) {
		enum message_state s = MESSAGE_STATE_COUNT;

		ck_assert(message_state_read(message_state_name((enum message_state)i), &s));
		ck_assert_int_eq(s, i);
		ck_assert_int_eq(message_state_is_final(s), final[i]);
	}
	ck_assert_str_eq(message_state_name(MESSAGE_UNDELIVERED), "undelivered");
}
END_TEST

START_TEST(reactions_there_and_back)
{
	for (int i = 0; i < REACTION_COUNT; i++) {
		enum reaction r = REACTION_COUNT;

		ck_assert(reaction_read(reaction_name((enum reaction)i), &r));
		ck_assert_int_eq(r, i);
	}
	ck_assert_str_eq(reaction_name(REACT_OTHER_SIM), "other_sim");
}
END_TEST

START_TEST(unknown_names_are_refused)
{
	enum message_state s = MESSAGE_SENT;
	enum reaction r = REACT_PIN;

	ck_assert(!message_state_read("Sent", &s));
	ck_assert(!message_state_read("", &s));
	ck_assert(!message_state_read("sentx", &s));
	ck_assert(!reaction_read("pi", &r));
	ck_assert_int_eq(s, MESSAGE_SENT);
	ck_assert_int_eq(r, REACT_PIN);
}
END_TEST

START_TEST(modem_states_and_lanes)
{
	ck_assert_str_eq(modem_state_name(MODEM_ABSENT), "absent");
	ck_assert_str_eq(modem_state_name(MODEM_NO_SIM), "no_sim");
	ck_assert_str_eq(modem_state_name(MODEM_STRANGER), "stranger");
	ck_assert_str_eq(lane_name(LANE_REPLY), "reply");
	ck_assert_str_eq(lane_name(LANE_API), "api");
	ck_assert_str_eq(lane_name(LANE_CAMPAIGN), "campaign");
	ck_assert_str_eq(lane_name(LANE_COUNT), "?");
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, message_states_there_and_back);
	tcase_add_test(tc, reactions_there_and_back);
	tcase_add_test(tc, unknown_names_are_refused);
	tcase_add_test(tc, modem_states_and_lanes);
}

int main(void)
{
	return unit_run("model_names", add);
}
