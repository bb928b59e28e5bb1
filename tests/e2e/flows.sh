#!/bin/sh
# The ready flows and their transcripts; a customer on the terminal; a conversation over kill -9.
. "$(dirname "$0")/lib.sh"

out=$("$build/twoway" test "$source_root/flows/" 2>&1 </dev/null)
same 'the ready flows do what their transcripts say' 0 "$?"
has 'every transcript is played' "$out" '^1[0-9] transcripts, .* 0 differ$'
has 'every keyword is taken' "$out" 'taken: \([0-9]*\) of \1 keywords'
ok 'the ready flows have nothing to object to' twoway check --strict "$source_root/flows"

out=$("$build/twoway" test "$tests/../vectors/sample" 2>&1 </dev/null)
same 'the sample of the whole language does what it says' 0 "$?"
has 'a text file beside flows is no transcript' "$out" '^1 transcript, .* 0 differ$'
has 'a folder of transcripts alone is one' \
	"$("$build/twoway" test "$tests/../vectors/sample/acme.conf" "$tests/../vectors/sample/tests")" '^1 transcript, .* 0 '

mkdir "$dir/marked"
printf '\357\273\277L-1\r\nL-2\r\n' >"$dir/marked/codes.txt"
printf 'vouchers = ( { name = "v"; codes = "codes.txt"; } ); keywords = ( { match = "V"; voucher = "v"; reply = "{voucher}"; } );\n' \
	>"$dir/marked/v.conf"
printf '\357\273\277> v\r\n< L-1\r\n' >"$dir/marked.txt"
ends 0 twoway test "$dir/marked/v.conf" "$dir/marked.txt"
printf 'L-\377\n' >"$dir/marked/codes.txt"
ends 78 twoway check "$dir/marked/v.conf"
has 'a code is UTF-8' "$out" 'codes.txt is not UTF-8'

printf 'at 2026-02-30 09:00\n> hours\n' >"$dir/day.txt"
ends 65 twoway test "$source_root/flows/hello.conf" "$dir/day.txt"
has 'there is no such day' "$out" 'day.txt:2: `at` wants a time'
printf 'as 07700900177\nat 2025-12-24 10:00\n> hours\n< Mon*\n' >"$dir/earlier.txt"
ends 0 twoway test "$source_root/flows/hello.conf" "$dir/earlier.txt"
printf '> hours\n< Closed.\n' >"$dir/differs.txt"
ends 65 twoway test "$source_root/flows/hello.conf" "$dir/differs.txt" --junit "$dir/junit.xml"
has 'a difference is one line' "$out" 'differs.txt:2: expected < Closed. got < Mon to Fri'
has 'and an object for programs' \
	"$(twoway test --json "$source_root/flows/hello.conf" "$dir/differs.txt")" \
	'^{"file":".*differs.txt","line":2,"offset":null,"severity":"error","text":"expected < Closed'
ok 'JUnit counts it' grep -q 'tests="1" failures="1"' "$dir/junit.xml"
printf '> hours\n' >"$dir/more.txt"
ends 65 twoway test "$source_root/flows/hello.conf" "$dir/more.txt"
has 'a message that no line expects is a difference' "$out" 'more.txt:1: expected nothing got < Mon'
ends 66 twoway test "$source_root/flows/hello.conf"
ends 66 twoway test "$dir/none"
printf 'flows = [ "%s" ]; accounts = ( { name = "one"; }, { name = "two"; } );
modems = ( { name = "m"; port = "/dev/x"; number = "+447700900005"; } );
sims = ( { iccid = "8944100000000000001"; number = "+447700900006"; account = "two"; } );\n' \
	"$dir/two" >"$dir/two.conf"
mkdir -p "$dir/two/tests"
for account in one two; do
	printf 'account = "%s"; keywords = ( { match = "%s"; reply = "Hi {long_number}"; } ); otherwise = "no %s";\n' \
		$account $account $account >"$dir/two/$account.conf"
done
printf '> one\n< Hi +447700900005\nto +447700900006\n> two\n< Hi +447700900006\n' >"$dir/two/tests/first.txt"
ends 0 twoway test --config "$dir/two.conf"
has 'the flows of the configuration bring their transcripts' "$out" '^1 transcript, 2 lines checked: 0 differ'
same 'try: a number of this account' '< Hi +447700900006' \
	"$(echo two | twoway try --config "$dir/two.conf" --account two)"
same 'try: an account without a number of its own' '< no one' \
	"$(echo two | twoway try --config "$dir/two.conf" --account one)"
same 'try: who texts' '+447700900555: name= language= zone= owner=' \
	"$(printf 'one\n/fields\n' | twoway try --config "$dir/two.conf" --from +447700900555 | sed -n 's/^one: /+447700900555: /p')"
ends 66 twoway try --config "$dir/two.conf" --account three
ends 65 twoway try --config "$dir/two.conf" --from +44
printf 'keywords = ( { match = "A"; repyl = "x"; } );\n' >"$dir/wrong.conf"
ends 78 twoway test "$dir/wrong.conf" "$dir/more.txt"
has 'a mistake in a flow is named' "$out" 'wrong.conf:1: error: .*did you mean `reply`'

out=$(printf 'rate\n3\n/as +447700900300\noffer\n/call\n/fields\n/what\n' | twoway try -v "$source_root/flows" 2>&1)
has 'try: a question' "$out" '^< From 0 to 10'
has 'try: the step is named' "$out" 'feedback.conf:[0-9]* ask$'
has 'try: another customer' "$out" '^< Welcome! 20% off'
has 'try: a missed call' "$out" '^<+447700900206 Missed call from +447700900300'
has 'try: what is known' "$out" '^  offers_seen = 1$'

mkdir -p "$dir/flows"
cp "$source_root/flows/feedback.conf" "$dir/flows/"
start_sim 1
settings 1
start_daemon
ok 'the modem becomes ready' until_true ready 1
has 'a question is put' "$(twoway handset +447700900123 rate)" 'From 0 to 10'
kill -9 "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
start_daemon
ok 'the modem is ready again' until_true ready 1
has 'its answer is understood after kill -9' "$(twoway handset +447700900123 3)" 'What went wrong'
sed -i 's/What went wrong/Why/; s/May we call you/Shall we phone you/' "$dir/flows/feedback.conf"
ok 'the flow changes meanwhile' twoway reload
has 'the conversation finishes on the flow that it began with' "$(twoway handset +447700900123 'cold soup')" 'May we call you'
cat >"$dir/flows/shoe.conf" <<'EOF'
fields = ( { name = "shoe"; type = "integer"; } );
keywords = ( { match = "SHOE"; do = ( { label = "size"; ask = "What size?"; save = "shoe"; }, { reply = "Old {shoe}."; } ); },
             { match = "HAT"; do = ( { label = "hat"; ask = "What hat?"; }, { reply = "Old hat."; } ); } );
EOF
ok 'a flow with labels' twoway reload
has 'a question of it' "$(twoway handset +447700900130 shoe)" 'What size'
has 'another' "$(twoway handset +447700900131 hat)" 'What hat'
sed -i 's/Old {shoe}/New {shoe}/; s/label = "hat"/label = "cap"/' "$dir/flows/shoe.conf"
out=$(twoway check --diff "$dir/flows/shoe.conf")
has 'check --diff: who moves' "$out" 'shoe.conf:2: 1 conversation moves at "size"$'
has 'check --diff: who ends' "$out" 'shoe.conf:3: 1 conversation ends at "hat"$'
has 'reload --move says the same' "$(twoway reload --move)" '1 move, 1 end, 1 stay$'
has 'it goes on in the new flow' "$(twoway handset +447700900130 42)" 'New 42'
has 'there is nothing more to be moved' "$(twoway reload --move)" '0 move, 0 end, 1 stay$'
has 'a new one begins on the new' "$(twoway handset +447700900124 rate; twoway handset +447700900124 2)" 'Why?'
