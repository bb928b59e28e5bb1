#!/bin/sh
# A service that is started on a full disk: it waits, says so, and goes on by itself when there is room.
# The disk is a small file system in memory; where none may be mounted the run is skipped.
. "$(dirname "$0")/lib.sh"

mkdir "$dir/disk"
if ! mount -t tmpfs -o size=20m none "$dir/disk" 2>/dev/null; then
	printf 'skipped: needs the right to mount\n'
	trap - EXIT
	rm -rf "$dir"
	exit 77
fi
trap 'umount -l "$dir/disk"; end' EXIT

start_sim 1
settings 1
sed -i "s|$dir/twoway.db|$dir/disk/twoway.db|" "$dir/twoway.conf"
start_daemon
ok 'the modem becomes ready' until_true ready 1
stop_daemon

rm "$dir/disk/default.token"
dd if=/dev/zero of="$dir/disk/fill" bs=1k count=40000 2>/dev/null
start_daemon
health() { curl -s --unix-socket "$TWOWAY_SOCKET" http://twoway/healthz; }
is_full() { [ "$(health)" = 'disk full' ]; }
ok 'it says that the disk is full' until_true is_full
ends 75 twoway send +447700900123 'no room'
has 'status says so, and what to do' "$(twoway status --json)" '"database":"disk full".*"troubles":\["the disk is full: make room'
has 'doctor too' "$(twoway doctor --json --config "$dir/twoway.conf")" '"kind":"disk_low","what":"the disk is full"'
rm "$dir/disk/fill"
ok 'it goes on by itself' until_true ready 1
ends 0 twoway send +447700900123 'room again'
same 'the account has its token' 33 "$(wc -c <"$dir/disk/default.token")"
