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

ends 65 twoway send 999 'help'
ends 65 twoway send '+44 7700' 'short'
ends 65 twoway send 'AT+CMGD=1' 'hostile'
ends 64 twoway send
ends 64 twoway nonsense
ends 65 twoway handset +447700900129 'stop' --to +447700999999 --wait 1

has 'STOP is confirmed' "$(twoway handset +447700900130 'Stop!')" '.'
ends 77 twoway send +447700900130 'still there?'
has 'START opens again' "$(twoway handset +447700900130 'START')" '.'
ends 0 twoway send +447700900130 'welcome back'

stop_daemon
same 'the daemon stops cleanly' 0 "$daemon_status"
ends 69 twoway status
