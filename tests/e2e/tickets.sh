#!/bin/sh
# A ticket from the customer's text to its end with the real programs: the agent by text, the desk by the
# command line, a conversation taken over by the API, and an operator by text.
. "$(dirname "$0")/lib.sh"

customer=+447700900100 van=+447700900211 desk=+447700900212 boss=+447700900209

start_sim 2
settings 2 "alert = { number = \"$boss\"; commands = true; };"
cp "$source_root/flows/tickets.conf" "$dir/flows/"
start_daemon
ok 'two modems become ready' until_true ready 2

# heard NUMBER TEXT: a message to this number with this in it has left
heard() {
	until_true sh -c "'$build/twoway' messages --with '$1' --direction outbound --limit 0 | grep -q -- '$2'"
}
api() {
	curl -s --unix-socket "$TWOWAY_SOCKET" -X "$1" -H 'Content-Type: application/json' \
		"http://localhost/api/v1/$2" ${3:+-d "$3"}
}

has 'the customer has a tag' "$(twoway handset $customer 'leak under the sink')" 'ticket #1: a plumber answers'
ok 'the plumber hears of it' heard $van "#1 plumbing: leak: under the sink ($customer)"
has 'it is listed' "$(twoway tickets)" '#1  *told  *plumbing  *van'
twoway handset $van '#1 on my way' --wait 1 >/dev/null 2>&1
ok 'what he answers goes to the customer' heard $customer 'on my way'
twoway handset $customer 'the key is at number 14' --wait 1 >/dev/null 2>&1
ok 'and what the customer says to him' heard $van '#1 the key is at number 14'
has 'the command line answers too' "$(twoway tickets answer 1 'Please be there at three.')" 'said'
ok 'by the number that was texted' heard $customer 'Please be there at three.'
has 'a note is kept' "$(twoway tickets note '#1' new seal)" 'note .*: new seal'
has 'and shown' "$(twoway tickets show 1 --json)" '"text": *"new seal"'
ends 64 twoway tickets show seven
ends 66 twoway tickets show 7
ends 66 twoway tickets assign 1 nobody
has 'the agents are named' "$out" 'none of account default that can be told is called nobody'
has 'closing runs the flow' "$(twoway tickets close 1)" '^state  *closed'
ok 'which asks' heard $customer '#1 is done. Did it help'
ends 65 twoway tickets note 1 late
same 'nothing is open' 'no open tickets' "$(twoway tickets 2>&1)"
has 'all are listed with --all' "$(twoway tickets --all)" '#1  *closed'

has 'a conversation is shown' "$(api GET conversations)" "\"number\": *\"+447700900100\".*\"asked\": *true"
has 'and taken over' "$(api POST conversations/$customer/take)" '"kind": *"taken"'
ends 75 twoway handset $customer hours --wait 1	# then no keyword answers
has 'a person does' "$(api POST conversations/$customer/messages '{"text": "Hello, Anna here."}')" '"direction": *"outbound"'
ok 'and is heard' heard $customer 'Anna here'
has 'handed back' "$(api POST conversations/$customer/hand_back)" '"person": *null'
has 'once' "$(api POST conversations/$customer/hand_back)" '"status": *409'
has 'the flow answers again' "$(twoway handset $customer hours)" 'Mon to Fri'

code=$(twoway handset $boss 'PAUSE m1' | sed -n 's/.*send back \([0-9]*\) within.*/\1/p')
has 'an operator gets a code' "$code" '^[0-9]\{6\}$'
has 'that does it' "$(twoway handset $boss "$code")" 'm1 is paused'
has 'once' "$(twoway handset $boss "$code")" 'used already'
ok 'the modem is paused' until_true sh -c "'$build/twoway' modems | grep -q 'm1 .*paused'"
has 'and it is in the log' "$(twoway audit)" "pause"

# A ticket goes on over a crash.
twoway handset +447700900105 'leak again' --wait 2 >/dev/null 2>&1
ok 'another ticket' heard $van '#2 plumbing: leak: again'
kill -9 "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
start_daemon
ok 'after a crash' until_true ready 1
twoway handset $van '#2 coming' --wait 1 >/dev/null 2>&1
ok 'he answers all the same' heard +447700900105 'coming'
