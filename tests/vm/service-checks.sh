# Runs in the guest of ./bootstrap service, as a unit of its systemd.
. /guest.sh
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/local/bin:$PATH

value() { systemctl show twoway -p "$1" --value; }
is_value() { [ "$(value "$1")" = "$2" ]; }

echo "== $(uname -r), $(systemctl --version | head -n 1)"
mkdir -p /sys/kernel/config
mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
modprobe dummy_hcd num=4
modprobe usb_f_fs
TWOWAY_DATA=/usr/local/share/twoway twoway-sim --modems 1 --dir $bank --profile quectel \
	--numbers +447700900001 >$bank.log 2>&1 &
comes 'the virtual bank is there' test -S $bank/control
ec25() { plug ec25 2c7c:0125 "$1" ff/ff/ff ff/00/00 ff/00/00=$bank/modem0 ff/00/00 ff/ff/ff:i; }
ec25 0
has_tty() { [ -n "$(tty_of "$1" "$2")" ]; }
comes 'a stick is plugged in' has_tty 2c7c:0125 03
udevadm settle

echo '== the package is installed beside a stick that is plugged in'
dpkg -i /root/twoway.deb >/root/dpkg.log 2>&1
same 'dpkg installs it' 0 $?
comes 'the service is active' systemctl is-active -q twoway
same 'it runs, and has said so itself' 'active running notify' \
	"$(value ActiveState) $(value SubState) $(value Type)"
same 'it is enabled' enabled "$(systemctl is-enabled twoway)"
pid=$(value MainPID)
same 'as its own user' twoway "$(stat -c %U "/proc/$pid")"
same 'in the group of serial ports' 1 "$(sed -n 's/^Groups:\t*//p' "/proc/$pid/status" | tr ' ' '\n' |
	grep -cx "$(getent group dialout | cut -d: -f3)")"
same 'its state is its own' 'twoway twoway 750' "$(stat -c '%U %G %a' /var/lib/twoway)"
comes 'twoway modems as root shows the stick, ready' is_modem +447700900001 \
	"ready quectel /dev/$(tty_of 2c7c:0125 02)"
comes 'systemd is told how it is' is_value StatusText ok
same 'doctor finds no other fault than the quota' no_quota \
	"$(twoway doctor --json | sed -n 's/.*"kind": *"\([^"]*\)".*/\1/p' | sort -u | paste -s -d' ')"

echo '== systemctl reload'
sed 's/Mon to Fri 8-18/Daily 9-17/' /usr/share/twoway/flows/hello.conf >/etc/twoway/flows/hello.conf
systemctl reload twoway
same 'a flow is taken' 0 $?
same 'by the same process' "$pid" "$(value MainPID)"
same 'which answers by it' 'Daily 9-17, Sat 9-13. Text REPAIR if something is broken.' \
	"$(answer +447700900001)"

echo '== the stick is pulled out and put into another socket'
unplug ec25
is_absent() { twoway modems --json | grep -q '"state": *"absent"'; }
comes 'it is absent' is_absent
same 'the service goes on' active "$(systemctl is-active twoway)"
ec25 2
comes 'it is plugged in again' has_tty 2c7c:0125 03
comes 'and ready' is_modem +447700900001 "ready quectel /dev/$(tty_of 2c7c:0125 02)"
same 'and answers' 'Daily 9-17, Sat 9-13. Text REPAIR if something is broken.' "$(answer +447700900001)"

echo '== the watchdog'
same 'a minute without a sign of life is too long' 1min "$(value WatchdogUSec)"
mkdir -p /run/systemd/system/twoway.service.d
printf '[Service]\nWatchdogSec=6\n' >/run/systemd/system/twoway.service.d/short.conf
systemctl daemon-reload
systemctl restart twoway
same 'it starts again' active "$(systemctl is-active twoway)"
sleep 14
same 'while it lives nothing happens' '0 active' "$(value NRestarts) $(value ActiveState)"
kill -STOP "$(value MainPID)"
comes 'one that hangs is ended and started anew' is_value NRestarts 1
comes 'and serves' systemctl is-active -q twoway
comes 'with its stick' is_modem +447700900001 "ready quectel /dev/$(tty_of 2c7c:0125 02)"

echo '== the end'
systemctl stop twoway
same 'it stops as asked' 'inactive success' "$(systemctl is-active twoway) $(value Result)"
dpkg --purge twoway >/root/purge.log 2>&1
same 'dpkg purges it' 0 $?
same 'nothing of it is left' '' "$(ls -d /etc/twoway /var/lib/twoway /usr/bin/twowayd 2>/dev/null)"
if [ $failures -gt 0 ]; then
	journalctl -u twoway --no-pager -n 60
	tail -n 20 /root/dpkg.log
fi
count
