#!/bin/sh
# kill -9 in the middle of a burst, again and again: every text is answered, none is lost, and no answer
# is sent twice but what is flagged in doubt.
. "$(dirname "$0")/lib.sh"
texts=100

start_sim 4 --latency 200
settings 4 'in_doubt_wait = "2s"; auto_reply_limit = 0;'
start_daemon
ok 'four modems become ready' until_true ready 4

i=0
while [ "$i" -lt "$texts" ]; do
	i=$((i + 1))
	"$build/twoway" handset "$(printf '+4477009%05d' $((10000 + i)))" "hours $i" \
		--to "$(printf '+4477009%05d' $((i % 4 + 1)))" --wait 120 --json >"$dir/answer.$i" 2>&1 </dev/null &
	pids="${pids-} $!"
	if [ $((i % 12)) -eq 0 ]; then
		kill -9 "$daemon_pid"
		wait "$daemon_pid" 2>/dev/null
		start_daemon
	fi
done
# … and while the answers go out
for round in 1 2 3 4 5 6; do
	until_true ready 4
	until_true grep -q "message.sending" "$dir/twowayd.log"
	kill -9 "$daemon_pid"
	wait "$daemon_pid" 2>/dev/null
	cat "$dir/twowayd.log" >>"$dir/all.log"
	: >"$dir/twowayd.log"
	start_daemon
done
for pid in $pids; do
	wait "$pid"
done
answered=0 twice=0 i=0
while [ "$i" -lt "$texts" ]; do
	i=$((i + 1))
	lines=$(grep -c '"text"' "$dir/answer.$i")
	[ "$lines" -ge 1 ] && answered=$((answered + 1))
	[ "$lines" -gt 1 ] && twice=$((twice + 1))
done
same 'every text is answered' "$texts" "$answered"
inbound=$(twoway messages --direction inbound --limit 0 --json | grep -c '"id"')
same 'every text is in the database once' "$texts" "$inbound"
doubtful=$(twoway messages --direction outbound --limit 0 --json | grep -c -e '"in_doubt": *true')
printf 'answered %s, twice %s, in doubt %s\n' "$answered" "$twice" "$doubtful"
ok 'what came twice is flagged in doubt' test "$twice" -le "$doubtful"
settled() { ! twoway messages --direction outbound --limit 0 --json | grep -q -e '"state": *"queued"' -e '"state": *"sending"'; }
ok 'nothing is left in the queue' until_true settled

# A file whose daemon dies: every message is told as sent, as not sent, or as one that nobody knows of.
# It has no end, so that the daemon dies in its middle.
awk 'BEGIN { for (i = 1; ; i++) printf "+4477009%05d\tfile %d\n", 20000 + i % 3000, i }' |
	"$build/twoway" send --file - >"$dir/ids" 2>"$dir/stopped" &
file_pid=$!
until_true test -s "$dir/ids"
kill -9 "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
wait "$file_pid"
same 'a file whose daemon dies ends 69' 69 "$?"
start_daemon
until_true ready 4
told=$(grep -c . "$dir/ids")
first=$(sed -n 's/.*; lines \([0-9]*\) to [0-9]* may have been taken.*/\1/p' "$dir/stopped")
last=$(sed -n 's/.*; lines [0-9]* to \([0-9]*\) may have been taken.*/\1/p' "$dir/stopped")
same 'the lines of which nothing is known follow those that were told' $((told + 1)) "${first:-0}"
taken=$(twoway messages --direction outbound --limit 0 --json | grep -c '"text": *"file ')
ok 'what was told is there' test "$taken" -ge "$told"
ok 'what was not even given is not' test "$taken" -le "${last:-0}"
