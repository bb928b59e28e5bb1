#!/bin/sh
# Webhooks, their signatures, where they may lead, events over a kill, dead ones, and a mail: against a web
# server and a mail server on loopback. $2: that program.
. "$(dirname "$0")/lib.sh"

mkdir "$dir/outside"
"$2" "$dir/outside" </dev/null >/dev/null 2>&1 &
sim_pid=$!
receiver_pid=$sim_pid
until_true test -s "$dir/outside/ports" || exit 1
read -r http smtp <"$dir/outside/ports"
base=http://127.0.0.1:$http
received=$dir/outside/received

# told URL EVENTS PRIVATE [MORE]: the account's webhook and events, and whether private networks are open to all
told() {
	settings 1 "accounts = ( { name = \"default\"; webhook = \"$1\"; webhook_fallback = \"$base/fallback\";
		events = \"$2\"; } ); webhooks = { private = $3; };
		mail = { server = \"smtp://127.0.0.1:$smtp\"; from = \"twoway@example.org\"; };
		alert = { email = \"night@example.org\"; ${alert_webhook-} }; ${4-}"
}
heard() { grep -q -- "$1" "$received"; }
count() { grep -c -- "$1" "$received"; }

told "$base/sms" "$base/ok" false
start_sim 1
bank_pid=$sim_pid
sim_pid="$receiver_pid $bank_pid"
start_daemon
ok 'the modem becomes ready' until_true ready 1

same 'TwiML is the reply' 'Hello from the program' "$(twoway handset +447700900150 'Grüße & more' 2>/dev/null)"
ok 'in the form that is known' heard '^== POST /sms'
ok 'signed' heard '^X-Twilio-Signature: [A-Za-z0-9+/]*='
ok 'with its text' heard 'Body=Gr%C3%BC%C3%9Fe%20%26%20more&'
ok 'events are told' until_true heard '"type":"message.sent"'
if command -v openssl >/dev/null; then
	id=$(sed -n 's/^webhook-id: //p' "$received" | head -n 1)
	at=$(sed -n 's/^webhook-timestamp: //p' "$received" | head -n 1)
	body=$(grep '^{"type"' "$received" | head -n 1)
	same 'their signature is right' "webhook-signature: v1,$(printf '%s.%s.%s' "$id" "$at" "$body" |
		openssl dgst -sha256 -hmac "$(cat "$dir/default.token")" -binary | base64)" \
		"$(grep '^webhook-signature' "$received" | head -n 1)"
else
	echo 'skipped: there is no openssl to verify a signature with'
fi

# What is no answer is answered by the fallback; a redirection is followed, but not where it may not lead.
for path in html broken big nothing circle away 'slow#tt=700'; do
	told "$base/$path" "$base/ok" false
	ends 0 twoway reload
	same "$path is no answer" 'From the fallback' "$(twoway handset +447700900150 "and $path" 2>/dev/null)"
done
ok 'the fallback is told why' heard 'ErrorCode=11750&ErrorUrl='
ok 'also of a place that is closed' grep -q 'webhooks.private' "$dir/twowayd.log"
told "$base/moved" "$base/ok" false
ends 0 twoway reload
same 'a redirection is followed' 'Hello from the program' "$(twoway handset +447700900150 'and moved' 2>/dev/null)"

# A program's own URL leads to loopback only where that is allowed.
port=$(sed -n 's/.*api_port=\([0-9]*\).*/\1/p' "$dir/twowayd.log" | tail -n 1)
sid=$(twoway accounts --json | sed -n 's/.*"sid": *"\(AC[0-9a-f]*\)".*/\1/p')
post() { # PATH of the callback
	curl -s -o /dev/null -w '%{http_code}' -u "$sid:$(cat "$dir/default.token")" -d To=+447700900151 \
		-d From=+447700900001 -d Body=Ready --data-urlencode "StatusCallback=http://localhost:$http$1" \
		"http://127.0.0.1:$port/2010-04-01/Accounts/$sid/Messages.json"
}
refused() { grep -c 'webhooks.private' "$dir/twowayd.log"; }
before=$(refused)
same 'a message with a callback is taken' 201 "$(post /closed)"
few() { [ "$(refused)" -lt $((before + 2)) ]; }
ok 'its states may not be told' until_true eval '! few'
told "$base/sms" "$base/ok" true
ends 0 twoway reload
same 'and another one' 201 "$(post /ok)"
ok 'its states are told' until_true heard 'MessageStatus=delivered'
same 'sent before delivered' 'sent delivered' \
	"$(sed -n 's/.*MessageStatus=\([a-z]*\)&.*/\1/p' "$received" | tr '\n' ' ' | sed 's/ $//')"
same 'where it may not lead nothing came' 0 "$(count '/closed')"

# An event that is under way when the process is killed comes again, under its name.
told "$base/sms" "$base/slow" true
ends 0 twoway reload
twoway handset +447700900152 'who is there?' >/dev/null 2>&1
ok 'an event is under way' until_true heard '^== POST /slow'
kill -9 "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
start_daemon
again() { [ "$(count '^== POST /slow')" -ge 2 ]; }
ok 'the daemon is back' until_true ready 1
ok 'it comes again' until_true again
same 'under the same name' 1 "$(sed -n '/^== POST \/slow/,/^$/s/^webhook-id: //p' "$received" | sort -u | wc -l)"

# One that says when to come again is obeyed: 2 seconds, where our own pause were 4 to 6.
told "$base/sms" "$base/busy" true
ends 0 twoway reload
twoway handset +447700900154 'are you busy?' >/dev/null 2>&1
twice() { [ "$(count '^== POST /busy')" -ge 2 ]; }
ok 'an event is tried again' until_true twice
waited=$(sed -n '/^== POST \/busy/,/^$/s/^webhook-timestamp: //p' "$received" |
	awk 'NR == 1 { first = $1 } NR == 2 { print $1 - first }')
ok 'when it was asked for' test "$waited" -ge 2 -a "$waited" -le 3

# Dead ones are listed, sent again, dropped.
told "$base/sms" "$base/gone" true
ends 0 twoway reload
twoway handset +447700900153 'and who now?' >/dev/null 2>&1
dead() { twoway webhooks --json | grep -q '"id"'; }
ok 'what is answered with 410 is dead' until_true dead
id=$(twoway webhooks --json | sed -n 's/.*"id": *"\(WH[0-9a-f]*\)".*/\1/p' | head -n 1)
has 'the list says why' "$(twoway webhooks)" "$id *event *default .*410"
told "$base/sms" "$base/ok" true
ends 0 twoway reload
ends 0 twoway webhooks replay "$id"
ok 'it is sent again, where events go now' until_true grep -q "^webhook-id: $id" "$received"
gone() { ! twoway webhooks --json | grep -q "$id"; }
ok 'and is dead no more' until_true gone
ends 66 twoway webhooks replay "$id"
id=$(twoway webhooks --json | sed -n 's/.*"id": *"\(WH[0-9a-f]*\)".*/\1/p' | head -n 1)
ends 0 twoway webhooks drop "$id"
ok 'one that is dropped is gone' gone

# What needs a person, by mail.
stop_daemon
alert_webhook="webhook = \"$base/ok\";"
told "$base/sms" "$base/ok" true 'sims = ( { iccid = "8944100000000000001"; number = "12"; } );'
start_daemon
ok 'a mail comes' until_true heard '^mail: Subject: twoway needs a person'
ok 'to whom it was meant for' heard '^mail: RCPT TO:<night@example.org>'
ok 'from whom it should be' heard '^mail: MAIL FROM:<twoway@example.org>'
ok 'a program is told, too' until_true heard '"type":"alert"'
same 'the key that signs it is its own' 600 "$(stat -c %a "$dir/alert.secret")"
if command -v openssl >/dev/null; then
	body=$(grep '^{"type":"alert"' "$received" | head -n 1)
	awk -v RS='== ' '/"type":"alert"/' "$received" >"$dir/alert"
	id=$(sed -n 's/^webhook-id: //p' "$dir/alert" | head -n 1)
	at=$(sed -n 's/^webhook-timestamp: //p' "$dir/alert" | head -n 1)
	same 'its signature is right' "webhook-signature: v1,$(printf '%s.%s.%s' "$id" "$at" "$body" |
		openssl dgst -sha256 -hmac "$(cat "$dir/alert.secret")" -binary | base64)" \
		"$(grep '^webhook-signature' "$dir/alert" | head -n 1)"
fi
