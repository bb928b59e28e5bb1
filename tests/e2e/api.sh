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
