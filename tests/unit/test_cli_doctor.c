/* twoway doctor: what it finds on a machine of our own making, and in what a daemon tells. */
#include "run.h"
#include "fake_sysfs.h"

#include <twoway/config.h>

#include "../../src/cli/doctor.h"

static struct doctor d;
static struct settings *settings;
static struct boards *boards;
static char sys[128], dev[128], proc[128];

static void begin(const char *config)
{
	struct tw_findings f = { 0 };

	sysfs_open();
	snprintf(sys, sizeof(sys), "%s", sysfs_root);
	snprintf(dev, sizeof(dev), "%s/dev", sysfs_root);
	snprintf(proc, sizeof(proc), "%s/proc", sysfs_root);
	settings = config_load_text("test.conf", config, strlen(config), &f);
	boards = boards_load((const char *const[]){ "../boards" }, 1, &f);
	ck_assert(settings && boards);
	tw_findings_done(&f);
	d = (struct doctor){ .sys = sys, .dev = dev, .proc = proc, .settings = settings, .boards = boards,
			     .now = { 1767603600000 }, .user = { .uid = 12345, .name = "shop" } };
}

static void end(void)
{
	json_decref(d.modems);
	json_decref(d.status);
	doctor_done(&d);
	boards_free(boards);
	config_free(settings);
	sysfs_close();
}

static const struct doctor_finding *finding(const char *kind)
{
	for (size_t i = 0; i < d.n; i++)
		if (!strcmp(d.v[i].kind, kind))
			return &d.v[i];
	return NULL;
}

static void has(const char *kind, const char *what, const char *remedy)
{
	const struct doctor_finding *f = finding(kind);

	ck_assert_msg(f != NULL, "no %s among %zu", kind, d.n);
	ck_assert_msg(strstr(f->what, what) != NULL, "%s: %s", kind, f->what);
	ck_assert_msg(strstr(f->remedy, remedy) != NULL, "%s: %s", kind, f->remedy);
	ck_assert(f->why[0]);
}

static void stick(const char *usb)
{
	sysfs_device("1-1", usb, "maker", "product");
	sysfs_interface("1-1", 2, "ff/00/00", "option");
	sysfs_tty("1-1", 2, "ttyUSB2", true);
	sysfs_write("", "dev/ttyUSB2");
}

static void hold(int pid, const char *program, const char *path)
{
	char target[PATH_MAX], link[PATH_MAX];

	sysfs_write(program, "proc/%d/comm", pid);
	sysfs_write("", "proc/%d/fd/.keep", pid);
	snprintf(target, sizeof(target), "%s/%s", sysfs_root, path);
	snprintf(link, sizeof(link), "%s/proc/%d/fd/7", sysfs_root, pid);
	ck_assert_int_eq(symlink(target, link), 0);
}

START_TEST(who_holds_a_port_is_named_with_what_to_type)
{
	begin("database = \"/tmp/twoway.db\";");
	stick("2c7c:0125");
	hold(411, "ModemManager\n", "dev/ttyUSB2");
	doctor_host(&d);
	has("port_held", "ttyUSB2 is held by ModemManager (process 411)", "disable --now ModemManager");
	end();

	begin("database = \"/tmp/twoway.db\";");
	stick("2c7c:0125");
	hold(412, "minicom\n", "dev/ttyUSB2");
	doctor_host(&d);
	has("port_held", "minicom", "sudo kill 412");
	end();

	/* our own daemon may; and what nobody named may be held by anybody */
	begin("database = \"/tmp/twoway.db\";");
	stick("2c7c:0125");
	hold(413, "twowayd\n", "dev/ttyUSB2");
	d.modems = json_array();
	doctor_host(&d);
	ck_assert_ptr_null(finding("port_held"));
	end();

	begin("database = \"/tmp/twoway.db\";");
	stick("1a86:7523");
	hold(414, "minicom\n", "dev/ttyUSB2");
	doctor_host(&d);
	ck_assert_uint_eq(d.n, 0);
	end();
}
END_TEST

/* mode, owner, group; user, group of the user; whether it may */
static const struct { mode_t mode; uid_t uid; gid_t gid; uid_t me; gid_t mine; bool may; } rights[] = {
	{ 0660, 0, 20, 1000, 20, true }, { 0660, 0, 20, 1000, 21, false },
	{ 0600, 1000, 20, 1000, 20, true }, { 0600, 0, 20, 1000, 20, false },
	{ 0666, 0, 20, 1000, 21, true }, { 0600, 5, 5, 0, 0, true }, { 0640, 0, 20, 1000, 20, false },
};

START_TEST(rights_are_those_of_owner_group_and_others)
{
	struct stat st = { .st_mode = rights[_i].mode, .st_uid = rights[_i].uid,
			   .st_gid = rights[_i].gid };
	struct doctor_user u = { .uid = rights[_i].me, .groups = { rights[_i].mine }, .n_groups = 1 };

	ck_assert_int_eq(doctor_may_open(&u, &st), rights[_i].may);
}
END_TEST

START_TEST(a_missing_right_is_told_with_the_group)
{
	char path[PATH_MAX];

	begin("database = \"/tmp/twoway.db\";");
	stick("2c7c:0125");
	snprintf(path, sizeof(path), "%s/ttyUSB2", dev);
	ck_assert_int_eq(chmod(path, 0600), 0);
	doctor_host(&d);
	has("no_right", "shop may not open", "usermod -aG dialout shop");
	end();
}
END_TEST

START_TEST(sticks_that_are_no_modems_yet)
{
	begin("database = \"/tmp/twoway.db\";");
	sysfs_device("1-4", "12d1:1f01", "HUAWEI", "HUAWEI Mobile");
	sysfs_interface("1-4", 0, "08/06/50", "usb-storage");
	sysfs_device("1-5", "12d1:1506", "HUAWEI", "HUAWEI Mobile");
	sysfs_interface("1-5", 1, "ff/02/12", NULL);
	sysfs_device("1-6", "1199:9071", "Sierra", "MC7455");
	sysfs_interface("1-6", 3, "ff/00/00", NULL);
	sysfs_device("1-7", "0781:5567", "SanDisk", "Stick");
	sysfs_interface("1-7", 0, "ff/06/50", NULL);
	doctor_host(&d);
	has("no_mode_switch", "12d1:1f01 at USB 1-4", "usb-modeswitch");
	has("no_driver", "12d1:1506 at USB 1-5", "echo 12d1 1506");
	ck_assert_uint_eq(d.n, 3);
	ck_assert_ptr_nonnull(strstr(d.v[2].remedy, "modprobe qcserial"));
	end();
}
END_TEST

START_TEST(the_machine_itself)
{
	begin("database = \"/nonexistent/folder/twoway.db\";\n"
	      "modems = ( { port = \"/nonexistent/tty\"; } );");
	d.now.ms = 1000;
	doctor_host(&d);
	has("no_database", "/nonexistent/folder", "database");
	has("clock", "before 2025", "set-ntp");
	has("port_absent", "test.conf:2: /nonexistent/tty", "plug it in");
	end();
	ck_assert(doctor_is_disk_low(100ull << 30, 1ull << 30));
	ck_assert(doctor_is_disk_low(1ull << 30, 100ull << 20));
	ck_assert(!doctor_is_disk_low(100ull << 30, 10ull << 30));
}
END_TEST

/* What a daemon tells of one modem, the finding, and what it must say and advise. */
static const struct { const char *modem, *kind, *what, *remedy; } told[] = {
	{ "{\"name\":\"till\",\"state\":\"locked\",\"last_error\":\"SIM locked: set `pin` for it\"}", "sim_locked",
	  "till has a SIM that asks for its PIN: SIM locked", "in the entry of till" },
	{ "{\"name\":\"till\",\"state\":\"locked\",\"last_error\":\"SIM locked: its PIN was refused\"}", "sim_locked",
	  "till has a SIM that is locked: SIM locked: its PIN", "into a telephone" },
	{ "{\"name\":\"till\",\"state\":\"stranger\"}", "stranger", "till", "accept till" },
	{ "{\"name\":\"till\",\"state\":\"searching\"}", "no_network", "till", "at till AT+COPS=?" },
	{ "{\"name\":\"till\",\"state\":\"absent\"}", "modem_absent", "till is not there", "--ports" },
	{ "{\"name\":\"till\",\"state\":\"absent\",\"last_error\":\"/dev/a: in use by smsd (process 7): "
	  "sudo systemctl disable --now smstools\"}", "port_held", "till cannot be used: /dev/a: in use",
	  "sudo systemctl disable --now smstools" },
	{ "{\"name\":\"till\",\"state\":\"absent\",\"last_error\":\"/dev/a: in use by another program: sudo "
	  "twoway doctor names it\"}", "port_held", "till cannot be used", "sudo twoway doctor" },
	{ "{\"name\":\"till\",\"state\":\"ready\",\"signal_dbm\":-109}", "weak_signal", "-109 dBm", "antenna" },
	{ "{\"name\":\"till\",\"state\":\"ready\",\"storage_used\":20,\"storage_total\":20}", "sim_full",
	  "20 of 20", "AT+CMGL=4" },
	{ "{\"name\":\"till\",\"state\":\"ready\",\"sim\":{\"iccid\":\"8944100000000000001\",\"quota\":"
	  "{\"per_minute\":null,\"per_day\":0}}}", "no_quota", "till", "iccid = \"8944100000000000001\"" },
};

START_TEST(what_the_daemon_tells)
{
	json_t *m;

	begin("");
	m = json_loads(told[_i].modem, 0, NULL);
	ck_assert_ptr_nonnull(m);
	d.modems = json_array();
	json_array_append_new(d.modems, m);
	d.status = json_loads("{\"troubles\":[\"modem till is locked: SIM locked\",\"modem till is stranger\","
			      "\"modem till is absent\"]}", 0, NULL);
	for (size_t i = json_array_size(json_object_get(d.status, "troubles")); i-- > 0;) {
		/* Told of this modem alone, and once. */
		if (!strstr(json_string_value(json_array_get(json_object_get(d.status, "troubles"), i)),
			    cli_member(m, "state")))
			json_array_remove(json_object_get(d.status, "troubles"), i);
	}
	doctor_bank(&d);
	ck_assert_uint_eq(d.n, 1);
	has(told[_i].kind, told[_i].what, told[_i].remedy);
	end();
}
END_TEST

START_TEST(a_bank_that_is_well_has_no_finding)
{
	begin("");
	d.modems = json_loads("[{\"name\":\"till\",\"state\":\"ready\",\"signal_dbm\":-71,\"storage_used\":1,"
			      "\"storage_total\":20,\"sim\":{\"iccid\":\"8944100000000000001\",\"quota\":"
			      "{\"per_minute\":null,\"per_day\":900}}}]", 0, NULL);
	d.status = json_loads("{\"troubles\":[]}", 0, NULL);
	doctor_bank(&d);
	ck_assert_uint_eq(d.n, 0);
	end();
	begin("");
	d.status = json_loads("{\"database\":\"no database\",\"troubles\":[\"it is gone\"]}", 0, NULL);
	doctor_bank(&d);
	ck_assert_uint_eq(d.n, 1);
	has("no_database", "gone or damaged", "twowayd --new");
	end();
	begin("");
	d.modems = json_array();
	d.status = json_loads("{\"troubles\":[\"the disk is slow\"]}", 0, NULL);
	doctor_bank(&d);
	has("no_modem", "no modem", "plug one in");
	has("trouble", "the disk is slow", "journalctl");
	end();
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, who_holds_a_port_is_named_with_what_to_type);
	tcase_add_loop_test(t, rights_are_those_of_owner_group_and_others, 0, (int)TW_COUNT(rights));
	tcase_add_test(t, a_missing_right_is_told_with_the_group);
	tcase_add_test(t, sticks_that_are_no_modems_yet);
	tcase_add_test(t, the_machine_itself);
	tcase_add_loop_test(t, what_the_daemon_tells, 0, (int)TW_COUNT(told));
	tcase_add_test(t, a_bank_that_is_well_has_no_finding);
}

int main(void)
{
	return unit_run("cli_doctor", add);
}
