#!/bin/sh
# A campaign from the draft to its results: who it would go to, sent over a kill, paused, canceled; what
# came of it in figures; and a code redeemed at the counter.
. "$(dirname "$0")/lib.sh"

start_sim 2
settings 2
cat >"$dir/flows/shop.conf" <<'END'
	lists = ( { name = "offers"; } );
	fields = ( { name = "city"; type = "text"; }, { name = "nps"; type = "integer"; } );
	vouchers = ( { name = "spring"; generate = "SPRING99999"; per_contact = 1; } );
	goals = ( { name = "bought"; when = "redeemed('spring')"; within = "14d"; } );
	keywords = (
	  { match = "CASH"; redeem = { series = "spring"; code = "{args}"; };  reply = "{redeemed}"; },
	  { match = "RATE"; do = ( { ask = "From 0 to 10?"; expect = "0..10"; save = "nps"; }, { reply = "Thanks"; } ); }
	);
END
start_daemon
ok 'two modems become ready' until_true ready 2
{
	echo number,name,city
	i=0
	while [ "$i" -lt 40 ]; do
		printf '+4477019%05d,N%s,%s\n' "$i" "$i" "$([ $((i % 4)) -eq 0 ] && echo Leeds || echo York)"
		i=$((i + 1))
	done
} >"$dir/people.csv"
ends 0 twoway import "$dir/people.csv" --list offers --source 'paper form, May 2026'
twoway handset +447701900003 STOP --wait 5 >/dev/null 2>&1

ends 64 twoway campaign new may
has 'a campaign wants a text' "$out" 'text is missing'
ends 65 twoway campaign new may --list offers --text 'Hi {nmae}'
has 'a template is looked at when it is made' "$out" 'did you mean {name}'
ends 0 twoway campaign new may --list offers --when "city = 'York'" --text 'Hi {name}, code {voucher}' --voucher spring
has 'who it would go to is told' "$out" '29 contacts, 29 segments'
has 'and who not' "$out" 'left out: 1 without consent, 10 by the expression'
has 'with samples' "$out" '+447701900001.*Hi N1, code SPRING'
has 'it is a draft' "$(twoway campaign)" 'may .*draft'
ends 0 twoway campaign start may
kill -9 "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
start_daemon
ok 'the daemon is back' until_true ready 2
ok 'it goes on to its end' until_true sh -c "$build/twoway campaign show may --json | grep -q '\"state\": *\"done\"'"
show=$(twoway campaign show may)
has 'all who agreed have it' "$show" '29 of 29 sent'
texts=$(twoway messages --limit 0 --direction outbound --json | grep -o '+4477019[0-9]*' | sort | uniq -d | wc -l)
same 'nobody has it twice' 0 "$texts"
ends 66 twoway campaign show june
ends 65 twoway campaign start may
has 'what is over is over' "$out" 'it is over'

# What came of it.
code=$(twoway vouchers --json --series spring | sed -n 's/.*"code": *"\([^"]*\)".*/\1/p' | sed -n 1p)
has 'codes were drawn' "$(twoway vouchers series)" 'spring .*29 *0'
ends 0 twoway vouchers redeem "$code"
same 'a code is redeemed at the counter' ok "$out"
ends 65 twoway vouchers redeem "$code"
same 'once' used "$out"
ends 66 twoway vouchers redeem NOTHING
has 'that is a conversion of the campaign' "$(twoway stats campaigns)" 'may .* 29 .* 1 *3.4%'
has 'and of the goal' "$(twoway stats goals)" 'bought *1'
has 'the series is counted' "$(twoway stats vouchers)" 'spring *29 *1 *3.4%'
has 'texts are, by the hour' "$(twoway stats messages --by hour --lines)" '+447700900001'
same 'an export has a line each' 30 "$(twoway vouchers export | wc -l)"
ends 64 twoway stats nothing
for rating in 9 10 3; do
	twoway handset +4477019009$(printf %02d $rating) RATE --wait 5 >/dev/null 2>&1
	twoway handset +4477019009$(printf %02d $rating) $rating --wait 5 >/dev/null 2>&1
done
has 'a question for 0 to 10 is an NPS' "$(twoway stats keywords)" 'RATE *3 *3 .*+33'

# Two texts, a pace, a pause, and an end.
ends 0 twoway campaign new ab --list offers --text 'Half price' --text-b '2 for 1' --split 70:30 --pace 60
ends 0 twoway campaign start ab
ok 'it is sent' until_true sh -c "$build/twoway campaign show ab --json | grep -q '\"sent\": *1'"
ends 0 twoway campaign pause ab
has 'it is paused' "$out" 'ab: paused'
has 'why a message waits is told' "$(twoway why "$(twoway messages --limit 0 --state queued --json | sed -n 's/.*"id": *"\(SM[0-9a-f]*\)".*/\1/p' | sed -n 1p)")" 'its campaign is paused'
ends 0 twoway campaign cancel ab
ok 'and taken back' until_true sh -c "$build/twoway campaign show ab --json | grep -q '\"state\": *\"canceled\"'"
same 'nothing waits' '' "$(twoway messages --limit 0 --state queued --json)"
has 'no verdict from so little' "$(twoway campaign show ab)" 'none yet'
