# What the checks in a guest share. A stick is plugged into one of four sockets (dummy_udc.0 to .3), each a
# USB bus of its own.
checks=0
failures=0
bank=/run/bank
sticks=/run/sticks
export TWOWAY_SOCKET=/run/twoway/twoway.sock TWOWAY_SIM=$bank NO_COLOR=1
mkdir -p $bank $sticks

# same WHAT EXPECTED GOT
same() {
	checks=$((checks + 1))
	if [ "$2" = "$3" ]; then
		echo "ok   $1"
	else
		echo "FAIL $1"
		echo "     expected: $2"
		echo "     got:      $3"
		failures=$((failures + 1))
	fi
}
# comes WHAT COMMAND…: it succeeds within two minutes; the machine is emulated, and may be slow
comes() {
	local what=$1 end=$(($(date +%s) + 120))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$(date +%s)" -ge $end ]; then
			same "$what" 'to come within two minutes' 'nothing'
			return 1
		fi
		sleep 0.2
	done
	same "$what" '' ''
}
count() { echo "$((checks - failures)) passed, $failures failed"; }

# plug NAME ID SOCKET INTERFACE…: the stick's kind, and where
plug() {
	local name=$1 id=$2 socket=$3 g tries
	shift 3
	g=/sys/kernel/config/usb_gadget/$name
	mkdir -p "$g/strings/0x409" "$g/configs/c.1" "$g/functions/ffs.$name" "$sticks/$name"
	echo "0x${id%:*}" >"$g/idVendor"
	echo "0x${id#*:}" >"$g/idProduct"
	echo "Mobile" >"$g/strings/0x409/manufacturer"
	echo "Stick" >"$g/strings/0x409/product"
	# Many sticks of a kind carry the same serial number.
	echo "0123456789ABCDEF" >"$g/strings/0x409/serialnumber"
	ln -s "$g/functions/ffs.$name" "$g/configs/c.1/"
	mount -t functionfs "$name" "$sticks/$name"
	stick "$sticks/$name" "$@" >"$sticks/$name.log" 2>&1 &
	echo $! >"$sticks/$name.pid"
	tries=0
	until grep -qs 'is there' "$sticks/$name.log"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || { cat "$sticks/$name.log"; return 1; }
		sleep 0.05
	done
	echo "dummy_udc.$socket" >"$g/UDC"
}
unplug() {
	local g=/sys/kernel/config/usb_gadget/$1
	echo '' >"$g/UDC"
	kill "$(cat "$sticks/$1.pid")"
	wait "$(cat "$sticks/$1.pid")" 2>/dev/null
	umount "$sticks/$1"
	rm "$g/configs/c.1/ffs.$1"
	rmdir "$g/functions/ffs.$1" "$g/configs/c.1" "$g/strings/0x409" "$g"
}
tty_of() {	# VENDOR:PRODUCT INTERFACE: its tty, "" where there is none
	local t interface device
	for t in /sys/class/tty/ttyUSB* /sys/class/tty/ttyACM*; do
		[ -e "$t/device" ] || continue
		interface=$(readlink -f "$t/device")
		while [ "$interface" != / ] && [ ! -e "$interface/bInterfaceNumber" ]; do
			interface=$(dirname "$interface")
		done
		device=$(dirname "$interface")
		[ "$(cat "$device/idVendor"):$(cat "$device/idProduct")" = "$1" ] || continue
		[ "$(cat "$interface/bInterfaceNumber")" = "$2" ] || continue
		basename "$t"
		return
	done
}
# The state, port and board of the modem that has a number.
modem() {
	twoway modems --json | grep "\"number\": *\"$1\"" |
		sed 's/.*"state": *"\([^"]*\)".*"board": *"\([^"]*\)".*"port": *"\([^"]*\)".*/\1 \2 \3/'
}
is_modem() { [ "$(modem "$1")" = "$2" ]; }
answer() { twoway handset +447700900123 HOURS --to "$1" --sim $bank --wait 60; }
