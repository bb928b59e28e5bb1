#!/bin/sh
# What programs and people reach through the native API: flows, settings, lists, contacts, exports, events
# that go on where a reader was, and files that are given again.
. "$(dirname "$0")/lib.sh"

api() { # METHOD PATH [CURL OPTION…]: the status; the answer is in $dir/answer
	method=$1 path=$2
	shift 2
	curl -s -o "$dir/answer" -w '%{http_code}' -X "$method" --unix-socket "$TWOWAY_SOCKET" "$@" "http://twoway$path"
}
shop() { printf 'lists = ( { name = "offers"; } );\nkeywords = ( { match = "%s"; reply = "%s"; } );\n' "$1" "$2" >"$dir/shop.conf"; }

start_sim 1
settings 1
start_daemon
ok 'a modem becomes ready' until_true ready 1

# Flows, with the file as the source.
shop OPEN 'We are open.'
ends 0 twoway flows check "$dir/shop.conf"
same 'a check changes nothing' '' "$(ls "$dir/flows" | grep shop)"
ends 0 twoway flows put "$dir/shop.conf"
same 'the flow is at work at once' 'We are open.' "$(twoway handset +447700900150 OPEN)"
same 'its file is what was put' "$(cat "$dir/shop.conf")" "$(twoway flows show shop.conf)"
printf 'keywords = ( { match = "OPEN"; replyy = "x"; } );\n' >"$dir/bad.conf"
ends 78 twoway flows put "$dir/bad.conf" --name shop.conf
has 'what is wrong is named by line' "$out" 'shop.conf:1: error: '
same 'what was there stays' 'We are open.' "$(twoway handset +447700900150 OPEN)"
same 'nothing is left beside it' "hello.conf shop.conf" "$(ls -A "$dir/flows" | tr '\n' ' ' | sed 's/ $//')"
ends 66 twoway flows show none.conf

# Settings that are changed while it runs.
ends 0 twoway settings set valid_for 6h
has 'a setting is changed' "$(twoway settings --json)" '"name": *"valid_for".*"value": *"6h".*"changed": *true'
ends 65 twoway settings set valid_for soon
ends 66 twoway settings set database x
message=$(twoway send +447700900151 hello | cut -d' ' -f1)
api GET "/api/v1/messages/$message" >/dev/null
valid=$(sed -n 's/.*"valid_until": *"\([^"]*\)".*/\1/p' "$dir/answer")
made=$(sed -n 's/.*"created_at": *"\([^"]*\)".*/\1/p' "$dir/answer")
same 'and counts at once' 21600 "$(($(date -d "$valid" +%s) - $(date -d "$made" +%s)))"
stop_daemon
start_daemon
ok 'a modem is ready again' until_true ready 1
has 'it outlives a restart' "$(twoway settings --json)" '"name": *"valid_for".*"value": *"6h"'
ends 0 twoway settings unset valid_for
has 'until it is taken back' "$(twoway settings --json)" '"name": *"valid_for".*"value": *"2d".*"changed": *false'
has 'who changed it is written down' "$(twoway audit)" 'valid_for *unset'

# Contacts and lists.
printf 'Number;Name\n+447700900160;Ann\n+447700900161;"B; C"\nnobody;D\n' >"$dir/contacts.csv"
same 'a CSV file is brought along' 200 "$(api POST '/api/v1/contacts.csv?list=offers&source=paper+form' \
	-H 'Content-Type: text/csv' --data-binary "@$dir/contacts.csv")"
has 'two are on the list' "$(cat "$dir/answer")" '"joined": *2'
has 'a bad line is named' "$(cat "$dir/answer")" '"line": *4'
same 'a contact is written' 200 "$(api PUT /api/v1/contacts/%2B447700900160 -H 'Content-Type: application/json' \
	-d '{"zone":"Europe/London","fields":{"nps":"9"}}')"
has 'and keeps what was known' "$(cat "$dir/answer")" '"name":"Ann".*"zone":"Europe/London".*"nps":"9"'
same 'a zone that is none is refused' 400 "$(api PUT /api/v1/contacts/%2B447700900160 \
	-H 'Content-Type: application/json' -d '{"zone":"Nowhere"}')"
ends 0 twoway lists leave +447700900160 offers --source 'by telephone'
has 'who leaves has left' "$(twoway contacts show +447700900160)" 'offers *left'
has 'the evidence says how' "$(twoway consent +447700900160)" 'by telephone'
ok 'and its chain holds' twoway consent --verify
same 'contacts leave as CSV' 200 "$(api GET /api/v1/contacts.csv)"
has 'with their cells' "$(cat "$dir/answer")" '^+447700900161,"B; C",'
ends 0 twoway lists leave +447700900161 --source 'by letter'
ends 77 twoway send +447700900161 hello

# What is noted of a contact, and who talks with them.
ends 0 twoway contacts set +447700900160 owner=van nps=8 language=
ends 0 twoway contacts tag +447700900160 vip 'old friend'
ends 0 twoway contacts untag +447700900160 vip
has 'a contact keeps what is noted' "$(twoway contacts show +447700900160 --json)" \
	'"owner": *"van".*"nps": *"8".*"tags": *\["old friend"\]'
ends 65 twoway contacts set +447700900160 zone=Nowhere
ends 64 twoway contacts set +447700900160 nps
twoway handset +447700900150 OPEN >/dev/null
has 'conversations are listed' "$(twoway conversations)" '+447700900150 .*We are open'
ends 65 twoway conversations say +447700900150 hello
ends 0 twoway conversations take +447700900150
ends 0 twoway conversations say +447700900150 'This is Kim.'
has 'a chat shows both sides' "$(twoway conversations show +447700900150 | tr '\n' '|')" '> OPEN|.*< This is Kim\.'
ends 0 twoway conversations back +447700900150
ends 66 twoway conversations show +447700900199
has 'keywords stand in their file' "$(twoway keywords)" 'OPEN  *[1-9].*shop.conf *2'
same 'there are no goals' 'no goals' "$(twoway goals 2>&1)"
same 'nor pledges' 'no pledges' "$(twoway pledges 2>&1)"
has 'settings say which are live' "$(twoway settings)" 'valid_for  *"2d"  *yes'
same 'and are asked for alone' 0 "$(twoway settings --live | grep -c '^database')"
has 'a word is completed by its form' "$(twoway complete conversations t)" '^take'
has 'a setting by its name' "$(twoway complete settings set valid)" '^valid_for'
has 'an option by what there is' "$(twoway complete contacts --list of)" '^offers'

# The same request twice, and its key for another.
say() { api POST /api/v1/contacts/%2B447700900160/leave -H 'Content-Type: application/json' -H "Idempotency-Key: $1" -d "$2"; }
same 'a request with a key' 200 "$(say once '{"source":"by letter","list":"offers"}')"
same 'is answered again' 200 "$(say once '{"list":"offers","source":"by letter"}')"
same 'its key is for no other' 422 "$(say once '{"source":"by letter"}')"

# A file that is given again.
printf '+447700900171\tone\n+447700900172\ttwo\n' >"$dir/file.tsv"
same 'a file is sent' 2 "$(twoway send --file "$dir/file.tsv" 2>/dev/null | sort -u | wc -l)"
has 'given again it is not' "$(twoway send --file "$dir/file.tsv" 2>&1 >/dev/null)" '2 were sent within a day'
same 'unless that is meant' 0 "$(twoway send --file "$dir/file.tsv" --again 2>&1 >/dev/null | grep -c already)"
same 'each line was sent twice' 4 "$(api GET /api/v1/messages.csv >/dev/null; grep -c '+44770090017[12]' "$dir/answer")"

# Small faults of the command line.
ends 65 twoway send --at '2020-01-01 09:00' +447700900123 x
ends 65 twoway send banana x
has 'a word is no number' "$out" 'letters\|name'
ends 65 twoway at m0 AT+CMGS=5 --force
ends 77 twoway at m0 AT+CMGS=5

# Events: a reader that was away goes on where it was.
watch() { timeout "$1" curl -sN --unix-socket "$TWOWAY_SOCKET" ${3:+-H "Last-Event-ID: $3"} "http://twoway/api/v1/events?kind=message" >"$2"; }
watch 3 "$dir/first" &
first=$!
until_true grep -q '^id: ' "$dir/first"
twoway send +447700900181 seen >/dev/null
wait "$first"
last=$(sed -n 's/^id: //p' "$dir/first" | tail -n 1)
has 'a reader sees what happens' "$(cat "$dir/first")" 'event: message.sent'
twoway send +447700900182 missed >/dev/null
stop_daemon
start_daemon
ok 'a modem is ready once more' until_true ready 1
watch 2 "$dir/second" "$last"
has 'and what happened while it was away' "$(cat "$dir/second")" '+447700900182'
same 'and nothing twice' 0 "$(grep -A 1 "^id: $last\$" "$dir/second" | grep -c '^event')"
same 'no event is lost' 0 "$(grep -c 'event: lost' "$dir/second")"

# A problem names the field.
same 'a bad request' 400 "$(api GET '/api/v1/messages?limit=none')"
has 'is a problem' "$(cat "$dir/answer")" '"field":"limit"'
