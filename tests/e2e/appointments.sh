#!/bin/sh
# Appointments by text and by program, over a death of the daemon; their file for calendars behind a link.
. "$(dirname "$0")/lib.sh"

start_sim 2
settings 2
# Times that are always ahead: each day of the week, in two hours of the clock here and elsewhere.
cat >"$dir/flows/hello.conf" <<-'END'
	calendars = ( { name = "visits"; slots = "mon-sun 00:00-24:00"; length = "1h"; place = "12 High St"; remind = "1d"; } );
	keywords = (
		{ match = "BOOK"; do = ( { appointment = "visits"; }, { reply = "Booked {booking}: {slot} {ics}"; } ); },
		{ match = "UNBOOK"; do = ( { appointment = { calendar = "visits"; action = "cancel"; }; },
		                           { reply = "Canceled {booking|nothing}"; } ); }
	);
END
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed -i "s|listen = \"127.0.0.1:0\"|listen = \"127.0.0.1:$port\"; public_url = \"http://127.0.0.1:$port\"|" "$dir/twoway.conf"
start_daemon
ok 'two modems become ready' until_true ready 2

first=$(twoway handset +447700900100 BOOK --wait 10 2>/dev/null)
has 'three times are offered' "$first" '1: .*2: .*3: '
kill -9 "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
start_daemon
ok 'the daemon comes back' until_true ready 2
booked=$(twoway handset +447700900100 1 --wait 10 2>/dev/null)
has 'the first is booked, over a death' "$booked" 'Booked 1: 20'
link=$(printf '%s\n' "$booked" | sed -n 's/.*\(http:[^ ]*\.ics\).*/\1/p')
file=$(curl -s "$link")
has 'its file needs no login' "$file" 'BEGIN:VEVENT'
has 'and says where' "$file" 'LOCATION:12 High St'
same 'a name that was guessed finds nothing' 404 \
	"$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/appointments/AP00112233445566778899aabbccddeeff.ics")"
same 'the same comes by the command' "$file" "$(twoway appointments ics 1)"
second=$(twoway handset +447700900101 BOOK --wait 10 2>/dev/null)
ok 'another is offered other times' test "$first" != "$second"

has 'it is listed' "$(twoway appointments)" '^1  *20.* visits  *booked  *+447700900100'
has 'by number' "$(twoway appointments --with 07700900100 --json)" '"id":"1"'
same 'not of another' '' "$(twoway appointments --with 07700900101 --json 2>/dev/null)"
free=$(twoway appointments free visits --limit 5 | tail -n 1)
ends 66 twoway appointments free visit
ends 64 twoway appointments book +447700900102 "$free"
ends 65 twoway appointments book nobody "$free" --calendar visits
ends 0 twoway appointments book +447700900102 "$free" --calendar visits
has 'a program books' "$out" 'booked 2: visits'
ends 0 twoway appointments book 07700900102 "$free" --calendar visits
has 'the same again is the same' "$out" 'booked 2: visits'
ends 65 twoway appointments book +447700900103 "$free" --calendar visits
has 'a time that is taken is refused' "$out" 'somebody has this time'
other=$(twoway appointments free visits --limit 6 | tail -n 1)
ends 0 twoway appointments move 2 "$other"
has 'it is moved' "$out" 'moved 2: visits'
has 'and its contact is told' "$(twoway messages --with 07700900102)" 'Your appointment was moved'
ends 65 twoway appointments move 1 "$other"
has 'not to a time that is taken' "$out" 'somebody has this time'
ends 65 twoway appointments move 1 2026-01-01T09:00:00Z
has 'nor to one that is over' "$out" 'this time is over'
same 'one that is confirmed is not booked' '' "$(twoway appointments --state confirmed --json 2>/dev/null)"
same 'page by page' 2 "$(twoway appointments --limit 0 --json | wc -l)"
ends 0 twoway appointments cancel 2
ends 66 twoway appointments cancel 99
has 'canceled is not listed' "$(twoway appointments --json | wc -l)" '^1$'
has 'but with --all' "$(twoway appointments --all)" 'canceled'
has 'canceled by text' "$(twoway handset +447700900100 UNBOOK --wait 10 2>/dev/null)" 'Canceled 1'
has 'its file says so' "$(curl -s "$link")" 'STATUS:CANCELLED'
has 'what came of the calendar' "$(twoway stats appointments)" 'visits *[0-9]* *2 *0 *1 *2'
has 'and by the hour' "$(twoway stats appointments --by hour --json)" '"booked":2,.*"canceled":2,'
