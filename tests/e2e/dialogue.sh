#!/bin/sh
# The main job, with the real programs: a customer texts in and reads the answer; a text goes out; what
# happened can be seen; wrong input is told.
. "$(dirname "$0")/lib.sh"

start_sim 4
settings 4
start_daemon
ok 'four modems become ready' until_true ready 4

has 'a keyword is answered' "$(twoway handset +447700900123 'repair bath')" 'Bathroom'
has 'case and punctuation do not matter' "$(twoway handset +447700900123 '  Hours!! ')" '9-13'
has 'anything else gets otherwise' "$(twoway handset +447700900123 'what now')" 'Sorry'
has 'a long text is put together' "$(twoway handset +447700900124 "hours $(printf '%0300d' 0)")" '9-13'
has 'the answer comes from the number texted' \
	"$(twoway handset +447700900125 hours --to +447700900003 --json)" '"from": *"+447700900003"'

ends 0 twoway send +447700900126 'Grüße, 你好 🙂' --json
id=$(printf '%s\n' "$out" | sed -n 's/.*"id": *"\(SM[0-9a-f]\{32\}\)".*/\1/p')
ok 'send prints the id' test -n "$id"
sent() { twoway messages --with +447700900126 --json | grep -q '"state": *"delivered"'; }
ok 'it is delivered' until_true sent
has 'as it was written' "$(twoway messages --with +447700900126 --json)" 'Grüße, 你好 🙂'
has 'in UCS-2' "$(twoway messages --with +447700900126 --json)" '"encoding": *"ucs2"'
has 'the table shows it' "$(twoway messages --limit 3)" 'delivered'
has 'why tells by which rule' "$(twoway why "$id")" 'sending.*, '
has 'and what the modem said' "$(twoway why "$id" --json)" '"lines": *\["'
ends 66 twoway why SM00000000000000000000000000000000
has 'modems are listed' "$(twoway modems)" '+447700900002'
has 'status tells the bank' "$(twoway status)" '4'

printf '07700 900127\tone\nnonsense\ttwo\n+447700900128\tthree\n' >"$dir/batch"
ends 65 twoway send --file "$dir/batch"
has 'the bad line is named' "$out" '2'
arrived() { [ "$(twoway messages --state delivered --direction outbound --json --limit 0 | grep -c -e '"to": *"+447700900127"' -e '"to": *"+447700900128"')" = 2 ]; }
ok 'the good lines are sent' until_true arrived

ends 65 twoway send --file "$dir"
ends 65 twoway send 999 'help'
ends 65 twoway send '+44 7700' 'short'
ends 65 twoway send 'AT+CMGD=1' 'hostile'
ends 64 twoway send
ends 64 twoway nonsense
ends 64 twoway cancel ''
ends 64 twoway modems pause ''
ends 64 twoway audit --limit 0
ends 65 twoway handset +447700900129 'stop' --to +447700999999 --wait 1

has 'STOP is confirmed' "$(twoway handset +447700900130 'Stop!')" '.'
ends 77 twoway send +447700900130 'still there?'
has 'START opens again' "$(twoway handset +447700900130 'START')" '.'
ends 0 twoway send +447700900130 'welcome back'

# What a reload cannot take, and a board profile that is not there, is said; the rest is taken.
sed 's/listen = "[^"]*"/listen = "127.0.0.1:8499"/; s/name = "m1";/name = "m1"; board = "gneric";/' \
	"$dir/twoway.conf" >"$dir/changed" && cp "$dir/twoway.conf" "$dir/before" &&
	cp "$dir/changed" "$dir/twoway.conf"
ends 0 twoway reload
has 'a listening address waits for a restart' "$out" 'api.listen. stays "127.0.0.1:0" until'
has 'an unknown board profile is named' "$out" 'twoway.conf:[0-9]*: warning: .*"gneric"; did you mean "generic"'
ends 78 twoway check --strict "$dir/twoway.conf"
cp "$dir/before" "$dir/twoway.conf"

stop_daemon
same 'the daemon stops cleanly' 0 "$daemon_status"
ends 69 twoway status

start_daemon
ok 'it starts again' until_true ready 4
has 'when the last text came is known after a restart' "$(twoway status --json)" '"inbound_last_at":"20'
stop_daemon
