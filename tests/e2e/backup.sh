#!/bin/sh
# A backup is made under load; the daemon is killed and its database deleted, then damaged; the backup is
# put in its place and everything goes on.
. "$(dirname "$0")/lib.sh"

start_sim 2 --latency 5
settings 2
start_daemon
ok 'two modems become ready' until_true ready 2

i=0
while [ "$i" -lt 300 ]; do
	i=$((i + 1))
	printf '+4477009%05d\tnumber %d\n' $((10000 + i)) "$i"
done >"$dir/batch"
twoway send --file "$dir/batch" >"$dir/ids" 2>/dev/null &
load=$!
ends 0 twoway backup "$dir/early.db"
wait "$load"
has 'texts are answered meanwhile' "$(twoway handset +447700900123 hours)" '9-13'
ends 0 twoway backup "$dir/copy.db"
has 'it says how large it is' "$out" 'KiB'
ok 'nobody else may read it' test -z "$(find "$dir/copy.db" -perm /077)"
ends 73 twoway backup "$dir/copy.db"
has 'it replaces nothing' "$out" 'there already'
ends 73 twoway backup /nowhere/at/all.db
ends 64 twoway backup
ok 'nothing is left beside the database' test ! -e "$dir/twoway.db.backup"
ends 75 twoway restore "$dir/copy.db" --config "$dir/twoway.conf"
has 'not under a running daemon' "$out" 'stop the daemon'

kill -9 "$daemon_pid" && wait "$daemon_pid" 2>/dev/null
rm -f "$dir"/twoway.db*
start_daemon
waits() { grep -q 'no database' "$dir/twowayd.log"; }
ok 'it waits for its database' until_true waits
has 'status says what to do' "$(twoway status --json)" '"troubles":\["the database is gone or damaged: `twoway restore'
has 'doctor does not call the daemon silent' "$(twoway doctor --config "$dir/twoway.conf" --json)" '^{"kind":"no_database"'
printf 'no database' >"$dir/junk"
ends 65 twoway restore "$dir/junk" --config "$dir/twoway.conf"
ends 66 twoway restore "$dir/missing.db" --config "$dir/twoway.conf"
ok 'nothing was put there' test ! -e "$dir/twoway.db"
ends 0 twoway restore "$dir/copy.db" --config "$dir/twoway.conf"
ok 'the daemon goes on by itself' until_true ready 2
has 'with what was in it' "$(twoway messages --with +447700900123 --json)" '9-13'
same 'all of it' 300 "$(twoway messages --direction outbound --limit 0 --json | grep -c 'number [0-9]')"
has 'and answers' "$(twoway handset +447700900124 hours)" '9-13'
stop_daemon

printf 'rotten' >"$dir/twoway.db"
rm -f "$dir/twoway.db-wal" "$dir/twoway.db-shm"
ends 0 twoway restore "$dir/copy.db" --config "$dir/twoway.conf"
has 'the damaged one is kept' "$(ls "$dir")" 'twoway.db.bad-'
ends 0 twoway restore "$dir/early.db" --config "$dir/twoway.conf" --json
has 'a sound one too' "$out" 'twoway.db.old-'
start_daemon
ok 'an early one works as well' until_true ready 2
has 'texts are answered' "$(twoway handset +447700900125 hours)" '9-13'
