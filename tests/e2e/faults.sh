#!/bin/sh
# What goes wrong around the daemon: a second one, a mistake in a file, a database that is gone or
# damaged, a port that comes late, a modem behind TCP.
. "$(dirname "$0")/lib.sh"

start_sim 2
settings 2
start_daemon
ok 'two modems become ready' until_true ready 2

ends 75 "$build/twowayd" --config "$dir/twoway.conf"
has 'the holder is named' "$out" "$daemon_pid"

printf 'keywords = ( { mach = "X"; reply = "y"; } );\n' >"$dir/flows/bad.conf"
ends 78 twoway reload
has 'the mistake has file and line' "$out" 'bad.conf:1: error'
has 'and the nearest key' "$out" 'match'
has 'the old flows stay' "$(twoway handset +447700900123 hours)" '9-13'
ends 78 twoway check "$dir/flows/bad.conf"
ends 78 "$build/twowayd" --config "$dir/twoway.conf" --check
printf 'keywords = ( { match = "NEWS"; reply = "None today."; } );\n' >"$dir/flows/bad.conf"
ends 0 twoway reload
has 'new keywords are live' "$(twoway handset +447700900123 news)" 'None today'

stop_daemon
ok 'twoway.id stands beside the database' test -f "$dir/twoway.id"
mv "$dir/twoway.db" "$dir/away.db"
rm -f "$dir/twoway.db-wal" "$dir/twoway.db-shm"
start_daemon
no_database() { curl_health | grep -q 'no database'; }
curl_health() { twoway status 2>&1; grep -h 'no database' "$dir/twowayd.log"; }
ok 'it never starts over by itself' until_true no_database
ok 'no database was made' test ! -f "$dir/twoway.db"
mv "$dir/away.db" "$dir/twoway.db"
ok 'it goes on when the database is back' until_true ready 2
has 'with all that was in it' "$(twoway messages --json)" 'None today'
stop_daemon

printf 'this is no database at all, but something else' >"$dir/twoway.db"
start_daemon
ok 'a damaged one is left alone' until_true grep -q damaged "$dir/twowayd.log"
ends 0 "$build/twowayd" --config "$dir/twoway.conf" --new
ok 'the damaged file stays' sh -c "ls '$dir'/twoway.db.bad-*"
ok 'and the daemon takes the new one' until_true ready 2
stop_daemon

settings 2 "boards = [ \"$dir/boards\" ];"
mkdir -p "$dir/boards"
printf 'identity = [ "x" ];\ncnmi = "nonsense";\n' >"$dir/boards/mine.conf"
: >"$dir/nothing"
sed -i "s|port = \"$dir/modem1\"|port = \"$dir/nothing\"|" "$dir/twoway.conf"
ends 78 "$build/twowayd" --config "$dir/twoway.conf" --check
has 'a bad profile is named by file and line' "$out" 'mine.conf:2: error'
has 'and a port that is none' "$out" 'twoway.conf:[0-9]*: error: .*no serial port'
start_daemon
ok 'the rest keeps working' until_true ready 1
has 'the modem says what is wrong' "$("$build/twoway" modems --json)" 'its entry is refused: .*nothing is no serial port'
stop_daemon

printf 'country = "GB"\nmodmes = ();\n' >"$dir/broken.conf"
ends 78 "$build/twowayd" --config "$dir/broken.conf" --check
has 'an unknown setting has a hint' "$out" 'broken.conf:2: error: .*modems'
ends 64 "$build/twowayd" --nonsense
ends 64 "$build/twowayd" leftover
ends 78 "$build/twowayd" --config "$dir/absent.conf"
