# Runs in the guest of ./bootstrap vm.
. /guest.sh
export TWOWAY_DATA=/usr/share/twoway

as() { su -s /bin/sh "$1" -c "$2"; }
driver_of() { basename "$(readlink -f "/sys/class/tty/$1/device/driver")"; }
property() { udevadm info -q property -n "/dev/$1" | sed -n "s/^$2=//p"; }

echo "== $(uname -r)"
twoway-sim --modems 4 --dir $bank --profile quectel,huawei,huawei,simcom --numbers +447700900001 >$bank.log 2>&1 &
comes 'the virtual bank is there' test -S $bank/control

echo '== what the kernel and udev make of a stick'
plug ec25 2c7c:0125 0 ff/ff/ff ff/00/00 ff/00/00=$bank/modem0 ff/00/00 ff/ff/ff:i
has_tty() { [ -n "$(tty_of "$1" "$2")" ]; }
comes 'the EC25 shows its last port' has_tty 2c7c:0125 03
plug e3372 12d1:1506 1 ff/02/01 ff/02/16:i ff/02/12=$bank/modem1
comes 'the E3372 shows its last port' has_tty 12d1:1506 02
udevadm settle
for n in 00 01 02 03; do
	same "interface $n of the EC25 is a tty of option" 'option1' "$(driver_of "$(tty_of 2c7c:0125 $n)")"
done
same 'its QMI interface is none' '' "$(tty_of 2c7c:0125 04)"
same 'nor is the network interface of the E3372' '' "$(tty_of 12d1:1506 01)"
pcui=$(tty_of 12d1:1506 02)
same 'udev knows the interface' '02' "$(property "$pcui" ID_USB_INTERFACE_NUM)"
same 'and the maker' '12d1' "$(property "$pcui" ID_VENDOR_ID)"
same 'and the socket' '/dev/serial/by-path/platform-dummy_hcd.1-usb-0:1:1.2-port0' \
	"$(property "$pcui" DEVLINKS | tr ' ' '\n' | grep by-path | head -n 1)"
ftdi=$(tty_of 0403:6001 00)
same 'the bridge chip is a tty of ftdi_sio' 'ftdi_sio' "$(driver_of "$ftdi")"
same 'ports belong to dialout' 'root dialout 660' "$(stat -c '%U %G %a' "/dev/$pcui")"
as twoway "exec 3<>/dev/$pcui"
same 'the service user may open one' 0 $?
as nobody "exec 3<>/dev/$pcui" 2>/dev/null
same 'another user may not' 1 $?

same 'a port has a link that stays' "$pcui" "$(basename "$(readlink /dev/twoway/4-1-if02)")"
same 'ModemManager is told to leave it alone' '1 1' \
	"$(property "$pcui" ID_MM_PORT_IGNORE) $(udevadm info -q property -p /sys/bus/usb/devices/4-1 |
		sed -n 's/^ID_MM_DEVICE_IGNORE=//p')"
same 'and it never sleeps' 'on' "$(cat /sys/bus/usb/devices/4-1/power/control)"

echo '== what twoway makes of it'
chown -R twoway:twoway /var/lib/twoway /run/twoway
conf=/run/twoway/twoway.conf
cat >$conf <<END
database = "/var/lib/twoway/twoway.db"; country = "GB"; flows = [ "/usr/share/twoway/flows/hello.conf" ];
sims = ( { iccid = "8944104477009000015"; number = "+447700900001"; },
         { iccid = "8944104477009000023"; number = "+447700900002"; },
         { iccid = "8944104477009000031"; number = "+447700900003"; } );
END
as twoway "exec twowayd --config $conf" >/run/twowayd.log 2>&1 &
hours='Mon to Fri 8-18, Sat 9-13. Text REPAIR if something is broken.'
at=/dev/$(tty_of 2c7c:0125 02)
comes "the EC25 is ready on $at, its interface 2" is_modem +447700900001 "ready quectel $at"
comes "the E3372 on /dev/$pcui, its PCUI" is_modem +447700900002 "ready huawei /dev/$pcui"
same 'a text to the EC25 is answered' "$hours" "$(answer +447700900001)"
same 'and one to the E3372' "$hours" "$(answer +447700900002)"
daemon=$(pidof twowayd)
same 'the daemon is the service user' twoway "$(stat -c %U "/proc/$daemon")"
opened() { ls -l "/proc/$daemon/fd" | sed -n 's/.* -> \(\/dev\/tty[A-Z].*\)/\1/p' | sort | tr '\n' ' '; }
same 'no other port is open: no diagnostic one, no bridge chip' "$at /dev/$pcui " "$(opened)"

echo '== a stick is pulled out, its twin comes, it returns elsewhere'
name=$(twoway modems --json | sed -n 's/.*"name": *"\([^"]*\)".*"board": *"quectel".*/\1/p')
unplug ec25
comes 'its ports are gone' sh -c '! [ -e /dev/twoway/3-1-if02 ]'
comes 'the EC25 is absent' sh -c "twoway modems --json | grep '\"name\": *\"$name\"' | grep -q '\"state\": *\"absent\"'"
waiting=$(twoway send +447700900124 'We call you at ten.' --from +447700900001 | cut -d' ' -f1)
plug twin 12d1:1506 3 ff/02/01 ff/02/16:i ff/02/12=$bank/modem2
comes 'a second E3372 shows its ports' test -e /dev/twoway/6-1-if02
same 'under the numbers that the EC25 had' '/dev/ttyUSB1 /dev/ttyUSB2' \
	"$(readlink -f /dev/twoway/6-1-if00) $(readlink -f /dev/twoway/6-1-if02)"
comes 'the twin is ready beside the first' is_modem +447700900003 \
	"ready huawei $(readlink -f /dev/twoway/6-1-if02)"
plug again 2c7c:0125 2 ff/ff/ff ff/00/00 ff/00/00=$bank/modem0 ff/00/00 ff/ff/ff:i
comes 'the EC25 shows its ports again' test -e /dev/twoway/5-1-if03
there=$(readlink -f /dev/twoway/5-1-if02)
same 'under another number' yes "$([ "$there" != "$at" ] && echo yes)"
comes "it is ready on $there" is_modem +447700900001 "ready quectel $there"
same 'under its old name' "$name" \
	"$(twoway modems --json | sed -n 's/.*"name": *"\([^"]*\)".*"board": *"quectel".*/\1/p')"
delivered() { twoway messages --json | grep "$waiting" | grep -q '"state": *"\(sent\|delivered\)"'; }
comes 'what waited for it has been sent' delivered
same 'it answers again' "$hours" "$(answer +447700900001)"
same 'the first E3372 has gone on' "$hours" "$(answer +447700900002)"

echo '== a bridge chip is used when it is named'
exec 3<>/dev/vport0p1
stty -F "$(readlink -f $bank/modem3)" raw -echo
cat <&3 >$bank/modem3 &
cat $bank/modem3 >&3 &
has_line() { twoway modems | grep "^/dev/$ftdi " | grep -q "modems = ( { name = \"NAME\"; port = "; }
has_line
same 'until then it is listed with the line to add' 0 $?
cat >>$conf <<END
modems = ( { name = "hat"; port = "/dev/serial/by-path/pci-0000:00:02.0-usb-0:1:1.0-port0"; board = "simcom";
             number = "+447700900004"; } );
END
as twoway "twoway reload"
same 'the settings are taken' 0 $?
comes "the bridge chip is a modem on /dev/$ftdi" is_modem +447700900004 "ready simcom /dev/$ftdi"
same 'at its rate' 115200 "$(stty -F "/dev/$ftdi" 2>/dev/null | sed -n 's/^speed \([0-9]*\).*/\1/p')"
same 'it answers' "$hours" "$(answer +447700900004)"
if [ $failures -gt 0 ]; then
	twoway modems
	tail -n 60 /run/twowayd.log
	dmesg | tail -n 30
fi
count
