/* What is plugged in, read from a sysfs of our own. */
#include "run.h"
#include "fake_sysfs.h"

#include <twoway/bank.h>

static struct bank_found found;

static const struct bank_port *port(const char *path)
{
	for (size_t i = 0; i < found.n_ports; i++)
		if (!strcmp(found.ports[i].path, path))
			return &found.ports[i];
	ck_abort_msg("%s is not listed", path);
	return NULL;
}

static void look(void)
{
	bank_found_done(&found);
	ck_assert_int_eq(bank_found_read(sysfs_root, "/dev", &found), 0);
}

static void quectel(void)
{
	sysfs_device("1-1.4", "2c7c:0125", "Quectel\n", "EC25-AF \n");
	for (int i = 0; i < 4; i++) {
		char tty[24];

		snprintf(tty, sizeof(tty), "ttyUSB%d", i + 9);
		sysfs_interface("1-1.4", i, "ff/00/00", "option");
		sysfs_tty("1-1.4", i, tty, true);
	}
	sysfs_interface("1-1.4", 4, "ff/ff/ff", "qmi_wwan");
}

START_TEST(a_usb_serial_port_says_all_about_its_stick)
{
	const struct bank_port *p;

	sysfs_open();
	quectel();
	look();
	ck_assert_uint_eq(found.n_ports, 4);
	p = port("/dev/ttyUSB11");
	ck_assert_str_eq(p->usb, "2c7c:0125");
	ck_assert_str_eq(p->usb_path, "1-1.4");
	ck_assert_int_eq(p->interface, 2);
	ck_assert_str_eq(p->class_, "ff/00/00");
	ck_assert_str_eq(p->driver, "option");
	ck_assert_str_eq(p->maker, "Quectel");
	ck_assert_str_eq(p->product, "EC25-AF");
	/* 9 stands before 10 */
	ck_assert_str_eq(found.ports[0].path, "/dev/ttyUSB9");
	ck_assert_uint_eq(found.n_devices, 1);
	ck_assert_uint_eq(found.devices[0].interfaces, 5);
	ck_assert_uint_eq(found.devices[0].unbound, 0);
	sysfs_close();
}
END_TEST

START_TEST(cdc_acm_and_hso_have_no_folder_between)
{
	sysfs_open();
	sysfs_device("2-3", "1bc7:0021", NULL, NULL);
	sysfs_interface("2-3", 0, "02/02/01", "cdc_acm");
	sysfs_tty("2-3", 0, "ttyACM0", false);
	sysfs_device("1-2", "0af0:7501", "Option N.V.", "Globetrotter");
	sysfs_interface("1-2", 10, "ff/ff/ff", "hso");
	sysfs_tty("1-2", 10, "ttyHS3", false);
	sysfs_write("Application\n", "class/tty/ttyHS3/hsotype");
	look();
	ck_assert_str_eq(port("/dev/ttyACM0")->driver, "cdc_acm");
	ck_assert_str_eq(port("/dev/ttyACM0")->usb_path, "2-3");
	ck_assert_str_eq(port("/dev/ttyACM0")->class_, "02/02/01");
	ck_assert_str_eq(port("/dev/ttyHS3")->role, "Application");
	ck_assert_int_eq(port("/dev/ttyHS3")->interface, 10);
	sysfs_close();
}
END_TEST

START_TEST(a_uart_of_the_board_has_no_usb_and_a_missing_one_is_none)
{
	sysfs_open();
	sysfs_write("14\n", "devices/platform/soc/3f201000.serial/tty/ttyAMA0/type");
	sysfs_link("devices/platform/soc/3f201000.serial/tty/ttyAMA0", "class/tty/ttyAMA0");
	sysfs_link("devices/platform/soc/3f201000.serial", "class/tty/ttyAMA0/device");
	sysfs_link("bus/amba/drivers/uart-pl011", "devices/platform/soc/3f201000.serial/driver");
	sysfs_write("0\n", "devices/platform/serial8250/tty/ttyS3/type");
	sysfs_link("devices/platform/serial8250/tty/ttyS3", "class/tty/ttyS3");
	sysfs_link("devices/platform/serial8250", "class/tty/ttyS3/device");
	sysfs_write("5:0\n", "devices/virtual/tty/tty0/dev");
	sysfs_link("devices/virtual/tty/tty0", "class/tty/tty0");
	look();
	ck_assert_uint_eq(found.n_ports, 1);
	ck_assert_str_eq(port("/dev/ttyAMA0")->usb, "");
	ck_assert_str_eq(port("/dev/ttyAMA0")->driver, "uart-pl011");
	ck_assert_int_eq(port("/dev/ttyAMA0")->interface, -1);
	sysfs_close();
}
END_TEST

START_TEST(a_device_tells_what_no_driver_took)
{
	sysfs_open();
	sysfs_device("1-1", "12d1:1f01", "HUAWEI", "HUAWEI Mobile");
	sysfs_interface("1-1", 0, "08/06/50", "usb-storage");
	sysfs_device("1-2", "12d1:1506", "HUAWEI", "HUAWEI Mobile");
	sysfs_interface("1-2", 0, "ff/02/01", NULL);
	sysfs_interface("1-2", 1, "ff/02/12", NULL);
	sysfs_interface("1-2", 2, "08/06/50", NULL);
	look();
	ck_assert_uint_eq(found.n_ports, 0);
	ck_assert_uint_eq(found.n_devices, 2);
	ck_assert_str_eq(found.devices[0].path, "1-1");
	ck_assert_uint_eq(found.devices[0].unbound, 0);
	ck_assert_uint_eq(found.devices[1].interfaces, 3);
	ck_assert_uint_eq(found.devices[1].unbound, 2);
	sysfs_close();
}
END_TEST

START_TEST(a_machine_without_any_has_none)
{
	sysfs_open();
	look();
	ck_assert_uint_eq(found.n_ports + found.n_devices, 0);
	sysfs_close();
	look();
	ck_assert_uint_eq(found.n_ports + found.n_devices, 0);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, a_usb_serial_port_says_all_about_its_stick);
	tcase_add_test(t, cdc_acm_and_hso_have_no_folder_between);
	tcase_add_test(t, a_uart_of_the_board_has_no_usb_and_a_missing_one_is_none);
	tcase_add_test(t, a_device_tells_what_no_driver_took);
	tcase_add_test(t, a_machine_without_any_has_none);
}

int main(void)
{
	return unit_run("bank_usb", add);
}
