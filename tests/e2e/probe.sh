#!/bin/sh
# A modem is asked everything; the profile that comes of it is read, and a modem played by it serves. A port
# in use is refused by the holder's name; doctor finds nothing wrong where nothing is.
. "$(dirname "$0")/lib.sh"

start_sim 1 --profile quectel
ends 0 twoway probe "$dir/modem0" --output "$dir/mine.conf"
ends 0 twoway check "$dir/mine.conf"
has 'it says who the modem is' "$(cat "$dir/mine.conf")" 'identity .*"Quectel EC25"'
has 'and what fits best' "$(cat "$dir/mine.conf")" 'nearest profile.*: quectel'
has 'it finds the command for the ICCID' "$(cat "$dir/mine.conf")" '^iccid .*AT+'
has 'without an output file it is printed' "$("$build/twoway" probe "$dir/modem0" 2>/dev/null)" '^cnmi '
ends 66 twoway probe "$dir/nothing"
ends 65 twoway probe /etc/passwd
ends 64 twoway probe
"$build/twoway-sim" --dir "$dir/tcp" --modems 1 --tcp 47531 >/dev/null 2>&1 </dev/null &
tcp_pid=$!
until_true test -S "$dir/tcp/control"
ends 0 twoway probe tcp://localhost:47531
kill "$tcp_pid" && wait "$tcp_pid"
ends 75 twoway probe tcp://127.0.0.1:47531
has 'a port where nobody listens is told as that' "$out" 'nobody is there'
ends 66 twoway probe tcp://no.such.host.invalid:47531

settings 1 'sims = ();'
start_daemon
ok 'the modem becomes ready' until_true ready 1
ends 75 twoway probe "$dir/modem0"
has 'the holder is named' "$out" "twowayd (process $daemon_pid)"
ends 75 twoway doctor --config "$dir/twoway.conf"
has 'a SIM without a limit is a finding' "$out" 'has no limit'
iccid=$("$build/twoway" modems --json | sed -n 's/.*"iccid": *"\([0-9]*\)".*/\1/p')
settings 1 "sims = ( { iccid = \"$iccid\"; quota = { per_day = 180; }; } );"
ends 0 twoway reload
ends 0 twoway doctor --config "$dir/twoway.conf"
has 'then nothing is wrong' "$out" 'nothing is wrong'

ends 0 twoway modems pause m0
stop_daemon
ends 75 twoway doctor --config "$dir/twoway.conf"
has 'a daemon that is not there is a finding' "$out" 'does not answer'
start_daemon
paused() { "$build/twoway" modems --json | grep -q '"state": *"paused"'; }
ok 'what was paused stays paused after a restart' until_true paused
ends 0 twoway modems resume m0
ok 'and is resumed' until_true ready 1
stop_daemon
