/* Sticks that come and go: which port takes AT, which stick is which, and what is never opened. */
#include "bank_lab.h"

#define NONE "country = \"GB\";"
#define EC25 "2c7c:0125"

static void begin_with(const char *text, size_t cards)
{
	has_finder = true;
	begin(text, cards);
}

static void unplug_all(void)
{
	n_lab_ports = n_lab_devices = 0;
}

static void stop(void)
{
	end();
	unplug_all();
	has_finder = false;
}

/* A Quectel in socket: its AT port is interface 2. */
static void plug_ec25(const char *socket, int first, int card)
{
	for (int i = 0; i < 4; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/dev/ttyUSB%d", first + i);
		plug(socket, EC25, "option", i, path, i == 2 ? card : CARD_SILENT);
	}
}

static const char *imei(size_t card)
{
	struct bank_modem m;
	static char room[IMEI_MAX];

	for (size_t cursor = 0; bank_each(bank, &cursor, &m); )
		if (!strcmp(m.facts->iccid, sim_card_iccid(sim, card)))
			tw_strset(room, sizeof(room), m.facts->imei);
	return room;
}

static size_t count(void)
{
	struct bank_modem m;
	size_t n = 0;

	for (size_t cursor = 0; bank_each(bank, &cursor, &m); )
		n++;
	return n;
}

static struct bank_modem only(void)
{
	struct bank_modem m;
	size_t cursor = 0;

	ck_assert_uint_eq(count(), 1);
	bank_each(bank, &cursor, &m);
	return m;
}

static void wait_ms(int64_t ms)
{
	struct bank_event e;

	/* no modem of these tests is called */
	ck_assert(!until_event(MODEM_EV_CALL, ms, &e));
	now.wall.ms += 1;
	now.mono.ms += 1;
}

START_TEST(a_stick_and_an_empty_configuration_are_a_service)
{
	char name[MODEM_NAME_MAX];
	struct bank_modem m;

	plug_ec25("1-1.4", 0, 0);
	begin_with("", 1);
	wait_ms(60000);
	m = only();
	ck_assert_int_eq(m.state, MODEM_READY);
	ck_assert_str_eq(m.port, "/dev/ttyUSB2");
	snprintf(name, sizeof(name), "m-%s", m.facts->imei + strlen(m.facts->imei) - 6);
	ck_assert_str_eq(m.name, name);
	/* the profile knows the port: no other was opened */
	ck_assert_str_eq(lab_opened, "/dev/ttyUSB2");
	stop();
}
END_TEST

/* Without a profile each port is asked; the first that answers with sense is taken. */
START_TEST(the_port_that_answers_is_found)
{
	plug("1-2", "abcd:0001", "option", 0, "/dev/ttyUSB0", CARD_SILENT);
	plug("1-2", "abcd:0001", "option", 1, "/dev/ttyUSB1", CARD_HOLLOW);
	plug("1-2", "abcd:0001", "option", 2, "/dev/ttyUSB2", CARD_SILENT);
	plug("1-2", "abcd:0001", "option", 3, "/dev/ttyUSB3", 0);
	begin_with("", 1);
	wait_ms(60000);
	ck_assert_str_eq(only().port, "/dev/ttyUSB3");
	ck_assert_int_eq(only().state, MODEM_READY);
	ck_assert_str_eq(lab_opened, "/dev/ttyUSB0 /dev/ttyUSB1 /dev/ttyUSB2 /dev/ttyUSB3");
	/* once found it stays: a reset asks no other */
	lab_opened[0] = '\0';
	control("{\"op\":\"unplug\",\"modem\":0,\"delay_ms\":1000}");
	wait_ms(60000);
	ck_assert_int_eq(only().state, MODEM_READY);
	ck_assert_ptr_null(strstr(lab_opened, "ttyUSB0"));
	stop();
}
END_TEST

START_TEST(a_port_that_says_ok_to_all_is_better_than_none)
{
	plug("1-2", "abcd:0001", "option", 0, "/dev/ttyUSB0", CARD_HOLLOW);
	plug("1-2", "abcd:0001", "option", 1, "/dev/ttyUSB1", CARD_SILENT);
	begin_with("", 1);
	wait_ms(8000);
	ck_assert_str_eq(lab_opened, "/dev/ttyUSB0 /dev/ttyUSB1 /dev/ttyUSB0");
	stop();
}
END_TEST

START_TEST(a_stick_of_which_no_port_answers_says_so)
{
	plug("1-2", "abcd:0001", "option", 0, "/dev/ttyUSB0", CARD_SILENT);
	plug("1-2", "abcd:0001", "option", 1, "/dev/ttyUSB1", CARD_SILENT);
	begin_with("", 1);
	wait_ms(9000);
	ck_assert_ptr_nonnull(strstr(only().last_error, "none of the 2 ports"));
	ck_assert_str_eq(only().name, "usb-1-2");
	stop();
}
END_TEST

START_TEST(a_port_that_another_program_holds_is_not_evaded)
{
	plug("1-2", "abcd:0001", "option", 0, "/dev/ttyUSB0", CARD_BUSY);
	plug("1-2", "abcd:0001", "option", 1, "/dev/ttyUSB1", 0);
	begin_with("", 1);
	wait_ms(5000);
	ck_assert_ptr_null(strstr(lab_opened, "ttyUSB1"));
	ck_assert_ptr_nonnull(strstr(only().last_error, "in use by another program"));
	stop();
}
END_TEST

/* usb, driver, whether it may be opened unasked */
static const struct { const char *usb, *driver; bool is_opened; } unasked[] = {
	{ "abcd:0001", "option", true }, { "abcd:0001", "sierra", true }, { "abcd:0001", "hso", true },
	{ "1a86:7523", "ch341", false }, { "10c4:ea60", "cp210x", false },
	{ "0403:6001", "ftdi_sio", false }, { "067b:2303", "pl2303", false },
	{ "2341:0043", "cdc_acm", false }, { "1546:01a8", "cdc_acm", false },
	{ "1bc7:0021", "cdc_acm", true },	/* a profile knows it */
	{ "", "uart-pl011", false },
};

START_TEST(what_may_be_something_else_is_not_opened)
{
	plug(unasked[_i].usb[0] ? "1-3" : "", unasked[_i].usb, unasked[_i].driver, 0, "/dev/ttyX0", 0);
	begin_with("", 1);
	wait_ms(3000);
	ck_assert_int_eq(lab_opened[0] != '\0', unasked[_i].is_opened);
	ck_assert_uint_eq(count(), unasked[_i].is_opened);
	stop();
}
END_TEST

START_TEST(naming_its_port_is_consent)
{
	plug("1-3", "1a86:7523", "ch341", 0, "/dev/ttyUSB0", 0);
	begin_with(NONE "modems = ( { name = \"till\"; port = \"/dev/ttyUSB0\"; } );", 1);
	wait_ms(60000);
	ck_assert_int_eq(get("till").state, MODEM_READY);
	ck_assert_uint_eq(count(), 1);
	stop();
}
END_TEST

START_TEST(a_stick_is_found_by_its_socket)
{
	plug("1-3", "1a86:7523", "ch341", 0, "/dev/ttyUSB0", 0);
	plug_ec25("1-1.4", 1, 1);
	begin_with(NONE "adopt = \"none\"; modems = ( { name = \"a\"; usb = \"1-3\"; }, "
		   "{ name = \"b\"; usb = \"1-1.4\"; }, { name = \"c\"; usb = \"7-7\"; } );", 2);
	wait_ms(60000);
	ck_assert_int_eq(get("a").state, MODEM_READY);
	ck_assert_str_eq(get("b").port, "/dev/ttyUSB3");
	ck_assert_int_eq(get("b").state, MODEM_READY);
	ck_assert_int_eq(get("c").state, MODEM_ABSENT);
	ck_assert_ptr_nonnull(strstr(get("c").last_error, "7-7"));
	stop();
}
END_TEST

START_TEST(a_stick_is_found_by_its_imei_in_whatever_socket)
{
	char text[256];

	plug_ec25("1-1", 0, 0);
	begin_with("", 2);
	wait_ms(60000);
	snprintf(text, sizeof(text), NONE "adopt = \"none\"; modems = ( { name = \"till\"; imei = \"%s\"; "
		 "} );", imei(0));
	stop();

	plug_ec25("1-1", 0, 1);
	plug_ec25("1-2", 4, 0);
	begin_with(text, 2);
	wait_ms(60000);
	ck_assert_int_eq(get("till").state, MODEM_READY);
	ck_assert_str_eq(get("till").port, "/dev/ttyUSB6");
	/* the other one was asked who it is, and left alone: adopt = "none" */
	ck_assert_uint_eq(count(), 1);
	unplug_all();
	wait_ms(5000);
	ck_assert_int_eq(get("till").state, MODEM_ABSENT);
	ck_assert_ptr_nonnull(strstr(get("till").last_error, "1-2"));
	plug_ec25("1-7", 9, 0);
	wait_ms(60000);
	ck_assert_int_eq(get("till").state, MODEM_READY);
	ck_assert_str_eq(get("till").port, "/dev/ttyUSB11");
	ck_assert_uint_eq(count(), 1);
	stop();
}
END_TEST

/* An adopted stick comes back in another socket, under other names: one modem, its second session. */
START_TEST(a_stick_that_comes_back_elsewhere_is_the_same)
{
	char name[MODEM_NAME_MAX];

	plug_ec25("1-1", 0, 0);
	begin_with("", 1);
	wait_ms(60000);
	tw_strset(name, sizeof(name), only().name);
	unplug_all();
	wait_ms(3000);
	ck_assert_int_eq(only().state, MODEM_ABSENT);
	plug_ec25("1-2", 4, 0);
	wait_ms(60000);
	ck_assert_str_eq(only().name, name);
	ck_assert_str_eq(only().port, "/dev/ttyUSB6");
	ck_assert_int_eq(only().state, MODEM_READY);
	ck_assert_uint_eq(only().facts->session, 2);
	stop();
}
END_TEST

/* Keeps what the exchange would: the row that is worth it. */
static void keep_news(const char *called)
{
	struct bank_seat seat;
	const char *key;

	if (bank_seat_news(bank, get(called).handle, &key, &seat))
		bank_seat_kept(bank, get(called).handle);
}

#define NAMED NONE "adopt = \"none\"; modems = ( { name = \"till\"; port = \"/dev/ttyUSB2\"; } );"

START_TEST(the_imei_first_seen_in_a_numbered_port_decides)
{
	plug_ec25("1-1", 0, 0);
	begin_with(NAMED, 2);
	wait_ms(60000);
	ck_assert_int_eq(get("till").state, MODEM_READY);
	keep_news("till");
	unplug_all();
	wait_ms(3000);
	/* another stick takes the name */
	plug_ec25("1-1", 0, 1);
	wait_ms(30000);
	ck_assert_int_eq(get("till").state, MODEM_ABSENT);
	ck_assert_ptr_nonnull(strstr(get("till").last_error, "another modem now"));
	/* its own comes back under another */
	plug_ec25("1-2", 4, 0);
	wait_ms(60000);
	ck_assert_int_eq(get("till").state, MODEM_READY);
	ck_assert_str_eq(get("till").port, "/dev/ttyUSB6");
	ck_assert_uint_eq(count(), 1);
	/* the names of its ports have moved on by one: the one named is another interface now */
	unplug_all();
	wait_ms(3000);
	plug_ec25("1-2", 1, 0);
	wait_ms(60000);
	ck_assert_int_eq(get("till").state, MODEM_READY);
	ck_assert_str_eq(get("till").port, "/dev/ttyUSB3");
	stop();
}
END_TEST

START_TEST(what_is_remembered_decides_after_a_restart)
{
	struct bank_seat seat;
	const char *key;

	plug_ec25("1-1", 0, 0);
	begin_with(NAMED, 2);
	wait_ms(60000);
	ck_assert(bank_seat_news(bank, get("till").handle, &key, &seat));
	ck_assert_str_eq(key, "till");
	ck_assert_str_eq(seat.usb_path, "1-1");
	ck_assert_str_eq(seat.usb, EC25);
	bank_seat_kept(bank, get("till").handle);
	ck_assert(!bank_seat_news(bank, get("till").handle, &key, &seat));
	ck_assert(bank_seat(bank, get("till").handle, &key, &seat));
	stop();

	plug_ec25("1-1", 0, 1);
	plug_ec25("1-2", 4, 0);
	has_finder = true;
	begin(NAMED, 2);
	seat.is_paused = true;
	bank_remember_seat(bank, "till", &seat);
	wait_ms(60000);
	ck_assert_str_eq(get("till").port, "/dev/ttyUSB6");
	ck_assert_int_eq(get("till").state, MODEM_PAUSED);
	stop();
}
END_TEST

START_TEST(two_entries_for_one_stick_are_told)
{
	plug_ec25("1-1", 0, 0);
	begin_with(NONE "modems = ( { name = \"a\"; usb = \"1-1\"; }, "
		   "{ name = \"b\"; port = \"/dev/ttyUSB3\"; } );", 1);
	wait_ms(60000);
	ck_assert_int_eq(get("a").state, MODEM_READY);
	ck_assert_int_eq(get("b").state, MODEM_ABSENT);
	ck_assert_ptr_nonnull(strstr(get("b").last_error, "belongs to the stick of modem a"));
	stop();
}
END_TEST

START_TEST(new_settings_name_a_stick_that_was_adopted)
{
	struct settings *later;

	plug_ec25("1-1", 0, 0);
	begin_with("", 1);
	wait_ms(60000);
	later = read_settings(NONE "modems = ( { name = \"till\"; usb = \"1-1\"; } );");
	bank_reload(bank, later, boards, now);
	config_free(settings);
	settings = later;
	wait_ms(60000);
	ck_assert_str_eq(only().name, "till");
	ck_assert_int_eq(only().state, MODEM_READY);
	stop();
}
END_TEST

/* adopt, whether a new SIM in a stick that is not named is used, waits for accept, is not looked at */
static const struct { const char *adopt; size_t modems; enum modem_state state; } adopts[] = {
	{ "all", 1, MODEM_READY }, { "modems", 1, MODEM_STRANGER }, { "none", 0, MODEM_ABSENT },
};

START_TEST(what_is_not_named_follows_adopt)
{
	char text[64];

	snprintf(text, sizeof(text), "adopt = \"%s\";", adopts[_i].adopt);
	plug_ec25("1-1", 0, 0);
	begin_with(text, 1);
	wait_ms(60000);
	ck_assert_uint_eq(count(), adopts[_i].modems);
	if (adopts[_i].modems)
		ck_assert_int_eq(only().state, adopts[_i].state);
	if (adopts[_i].state == MODEM_STRANGER) {
		bank_accept(bank, only().handle, now);
		wait_ms(60000);
		ck_assert_int_eq(only().state, MODEM_READY);
	}
	stop();
}
END_TEST

static struct bank_port_row row_of(const char *path)
{
	struct bank_port_row row;

	for (size_t cursor = 0; bank_port_each(bank, &cursor, &row); )
		if (!strcmp(row.port.path, path))
			return row;
	ck_abort_msg("%s is not listed", path);
	return row;
}

START_TEST(ports_are_listed_with_what_to_do)
{
	struct bank_port_row row;

	plug_ec25("1-1", 0, 0);
	plug("1-3", "1a86:7523", "ch341", 0, "/dev/ttyUSB4", CARD_SILENT);
	plug("", "", "uart-pl011", -1, "/dev/ttyAMA0", CARD_SILENT);
	lab_devices[n_lab_devices++] = (struct bank_usb){ .usb = "12d1:1f01", .path = "1-4" };
	lab_devices[n_lab_devices++] = (struct bank_usb){ .usb = "0781:5567", .path = "1-5" };
	begin_with("", 1);
	wait_ms(200);
	ck_assert_str_eq(bank_use_name(row_of("/dev/ttyUSB2").use), "new");
	wait_ms(60000);
	ck_assert_str_eq(bank_use_name(row_of("/dev/ttyUSB2").use), "modem");
	row = row_of("/dev/ttyUSB0");
	ck_assert_str_eq(bank_use_name(row.use), "spare");
	ck_assert_str_eq(row.modem, only().name);
	row = row_of("/dev/ttyUSB4");
	ck_assert_str_eq(bank_use_name(row.use), "unnamed");
	ck_assert_str_eq(row.line, "modems = ( { name = \"NAME\"; port = \"/dev/ttyUSB4\"; } );");
	ck_assert_str_eq(bank_use_name(row_of("/dev/ttyAMA0").use), "unnamed");
	row = row_of("");
	ck_assert_str_eq(bank_use_name(row.use), "switching");
	ck_assert_str_eq(row.port.usb_path, "1-4");
	stop();
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, a_stick_and_an_empty_configuration_are_a_service);
	tcase_add_test(t, the_port_that_answers_is_found);
	tcase_add_test(t, a_port_that_says_ok_to_all_is_better_than_none);
	tcase_add_test(t, a_stick_of_which_no_port_answers_says_so);
	tcase_add_test(t, a_port_that_another_program_holds_is_not_evaded);
	tcase_add_loop_test(t, what_may_be_something_else_is_not_opened, 0, (int)TW_COUNT(unasked));
	tcase_add_test(t, naming_its_port_is_consent);
	tcase_add_test(t, a_stick_is_found_by_its_socket);
	tcase_add_test(t, a_stick_is_found_by_its_imei_in_whatever_socket);
	tcase_add_test(t, a_stick_that_comes_back_elsewhere_is_the_same);
	tcase_add_test(t, the_imei_first_seen_in_a_numbered_port_decides);
	tcase_add_test(t, what_is_remembered_decides_after_a_restart);
	tcase_add_test(t, two_entries_for_one_stick_are_told);
	tcase_add_test(t, new_settings_name_a_stick_that_was_adopted);
	tcase_add_test(t, ports_are_listed_with_what_to_do);
	tcase_add_loop_test(t, what_is_not_named_follows_adopt, 0, (int)TW_COUNT(adopts));
}

int main(void)
{
	return unit_run("bank_find", add);
}
