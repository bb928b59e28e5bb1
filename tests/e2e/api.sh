#!/bin/sh
# Programs log in and talk to the daemon over TCP: tokens, their scopes, what they reach.
. "$(dirname "$0")/lib.sh"

start_sim 2
settings 2
start_daemon
ok 'two modems become ready' until_true ready 2
port=$(sed -n 's/.*api_port=\([0-9]*\).*/\1/p' "$dir/twowayd.log" | tail -n 1)
base=http://127.0.0.1:$port
code() { curl -s -o "$dir/answer" -w '%{http_code}' "$@"; }

made=$(twoway token add shop --scope send 2>/dev/null)
secret=${made#* } id=${made% *}
same 'an id and a secret are told' '34 32' "${#id} ${#secret}"
same 'Bearer sends' 201 "$(code -H "Authorization: Bearer $secret" -H 'Content-Type: application/json' \
	-d '{"to":"+447700900123","text":"hello"}' "$base/api/v1/messages")"
same 'and reads nothing' 403 "$(code -H "Authorization: Bearer $secret" "$base/api/v1/messages")"
same 'Basic takes both' 201 "$(code -u "$id:$secret" -H 'Content-Type: application/json' \
	-d '{"to":"+447700900123","text":"hello again"}' "$base/api/v1/messages")"
ends 65 twoway token add shop
ends 64 twoway token add
has 'tokens are listed' "$(twoway token list)" "shop *$id *default *send"
same 'their secrets are not in the database' '' "$(grep -l "$secret" "$dir"/twoway.db* "$dir/twowayd.log")"
stop_daemon
start_daemon
ok 'two modems are ready again' until_true ready 2
port=$(sed -n 's/.*api_port=\([0-9]*\).*/\1/p' "$dir/twowayd.log" | tail -n 1)
base=http://127.0.0.1:$port
same 'a token outlives a restart' 403 "$(code -H "Authorization: Bearer $secret" "$base/api/v1/messages")"
ends 0 twoway token revoke shop
same 'and opens nothing once it is revoked' 401 "$(code -H "Authorization: Bearer $secret" "$base/api/v1/messages")"
ends 66 twoway token revoke shop
made=$(twoway token add op --scope operator 2>/dev/null)
same "an operator's reaches modems" 200 "$(code -H "Authorization: Bearer ${made#* }" "$base/api/v1/modems")"

# Twilio's surface, with what a client library sends.
sid=$(twoway accounts --json | sed -n 's/.*"sid": *"\(AC[0-9a-f]*\)".*/\1/p')
twilio() { # METHOD PATH [FIELD…]
	method=$1 rest=$2
	shift 2
	for value in "$@"; do
		set -- "$@" --data-urlencode "$value"
		shift
	done
	curl -s -o "$dir/answer" -w '%{http_code}' -X "$method" -u "$sid:$(cat "$dir/default.token")" "$@" \
		"$base/2010-04-01/Accounts/$sid$rest"
}
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$dir/answer"; }
same 'a message is created' 201 "$(twilio POST /Messages.json To=+447700900140 From=+447700900001 'Body=1+1 = 2 & ü')"
same 'it is queued: it has its number' queued "$(field status)"
message=$(field sid)
delivered() { twilio GET "/Messages/$message.json" >/dev/null && [ "$(field status)" = delivered ]; }
ok 'and delivered' until_true delivered
same 'with its text' '1+1 = 2 & ü' "$(field body)"
same 'it is found' 200 "$(twilio GET "/Messages.json?To=%2B447700900140&PageSize=1")"
has 'by its number' "$(cat "$dir/answer")" "\"sid\": *\"$message\""
same 'its text is taken back' 200 "$(twilio POST "/Messages/$message.json" Body=)"
same 'it is empty' '' "$(field body)"
same 'it is deleted' 204 "$(twilio DELETE "/Messages/$message.json")"
same 'and gone' 404 "$(twilio GET "/Messages/$message.json")"
twoway handset +447700900141 STOP >/dev/null
same 'who has left is not written to' 400 "$(twilio POST /Messages.json To=+447700900141 From=+447700900001 Body=x)"
has 'by the code' "$(cat "$dir/answer")" '"code": *21610'
same 'numbers are listed' 200 "$(twilio GET /IncomingPhoneNumbers.json)"
has 'all of them' "$(cat "$dir/answer")" '+447700900002'

# The same over TLS: by the certificate alone.
stop_daemon
sed -i "s|^api = { |api = { certificate = \"$source_root/tests/vectors/http_cert.pem\"; key = \"$source_root/tests/vectors/http_key.pem\"; |" \
	"$dir/twoway.conf"
start_daemon
ok 'two modems are ready behind TLS' until_true ready 2
port=$(sed -n 's/.*api_port=\([0-9]*\).*/\1/p' "$dir/twowayd.log" | tail -n 1)
base=https://127.0.0.1:$port
same 'who trusts the certificate is answered' 200 "$(code --cacert "$source_root/tests/vectors/http_cert.pem" \
	-u "$sid:$(cat "$dir/default.token")" "$base/2010-04-01/Accounts/$sid.json")"
same 'who does not is not' 000 "$(code -u "$sid:$(cat "$dir/default.token")" "$base/2010-04-01/Accounts/$sid.json")"
same 'and in clear nobody is' 000 "$(code "http://127.0.0.1:$port/healthz")"
same 'a page from elsewhere is refused' 403 "$(code --cacert "$source_root/tests/vectors/http_cert.pem" \
	-H 'Origin: https://evil.example' -u "$sid:$(cat "$dir/default.token")" "$base/api/v1/messages")"
