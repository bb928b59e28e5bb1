#!/bin/sh
# Contacts brought along, a customer who leaves in a sentence, the chain that proves it, and erasure.
. "$(dirname "$0")/lib.sh"

start_sim 2
settings 2
printf 'lists = ( { name = "offers"; }, { name = "news"; }, { name = "club"; double_opt_in = true;\n' >"$dir/flows/lists.conf"
printf 'confirm = "Join our club? Reply YES."; } );\n' >>"$dir/flows/lists.conf"
start_daemon
ok 'two modems become ready' until_true ready 2

# One in ten lines is bad, each in its own way.
cat >"$dir/customers.csv" <<-'END'
	Number;Name;Language;Zone;Owner;City
	+447700900100;Anna "AJ" Smith;en;Europe/London;van;Bath
	07700 900101;"Ben; Ltd";;;;
	not a number;Carl;;;;
	+447700900103;Dora;english;;;
	+447700900104;Emil;;Europe/Londn;;
	+447700900105;Fay;;;;York;too many
	+447700900100;Anna again;;;;
END
ends 64 twoway import "$dir/customers.csv" --list offers
has 'an import must say where from' "$out" 'where did their consent come from'
ends 66 twoway import "$dir/nothing.csv" --list offers --source form
ends 65 twoway import "$dir/customers.csv" --list offers --source 'paper form, May 2026'
has 'bad lines are named' "$out" "customers.csv:4: .*not a number"
has 'each' "$out" 'customers.csv:5: .*language'
has 'with its fault' "$out" 'customers.csv:6: zone: there is no time zone Europe/Londn'
has 'also in its form' "$out" 'customers.csv:7: more cells'
has 'the others are in' "$out" '2 joined offers, 1 were on it, 0 had left'
printf 'number\n+447700900150\n' >"$dir/club.csv"
ends 0 twoway import "$dir/club.csv" --list club --source 'old list'
has 'a list that asks trusts no file' "$out" '0 joined club.*1 are asked'
has 'but asks' "$(until_true sh -c "$build/twoway messages --with +447700900150 | grep -q 'Reply YES'" && echo asked)" asked
twoway handset +447700900150 yes --wait 1 >/dev/null 2>&1
has 'and YES joins' "$(twoway contacts show +447700900150)" 'club  *joined'
ends 66 twoway import "$dir/club.csv" --list clubs --source 'old list'
has 'listed' "$(twoway contacts --list offers)" 'Ben; Ltd'
has 'a contact has its fields' "$(twoway contacts show +447700900100)" 'city  *Bath'
has 'a national number is one too' "$(twoway contacts show 07700900101)" '+447700900101'
ends 66 twoway contacts show +447700900199
has 'where consent came from is kept' "$(twoway consent +447700900100)" 'join *offers .*paper form'

# 2,000 rows, and a customer is answered meanwhile.
{
	echo number,name
	i=0
	while [ "$i" -lt 2000 ]; do
		printf '+4477019%05d,N%s\n' "$i" "$i"
		i=$((i + 1))
	done
} >"$dir/many.csv"
twoway import "$dir/many.csv" --list news --source 'website' >"$dir/import.log" 2>&1 &
import_pid=$!
has 'a text is answered during an import' "$(twoway handset +447700900123 hours)" '9-13'
wait "$import_pid"
same 'the import ends well' 0 "$?"
has 'with all rows' "$(cat "$dir/import.log")" '2000 joined news'
same 'a list can be read to its end' 2000 "$(twoway contacts --list news --limit 0 --json | wc -l)"
same 'and written' 2001 "$(twoway export contacts --list news | wc -l)"

# Leaving in a sentence.
twoway send +447700900100 'see you' --at +2h --from +447700900001 >"$dir/id"
has 'a sentence leaves' "$(twoway handset +447700900100 'please take me off your list')" 'will not text you again'
ends 77 twoway send +447700900100 hello
has 'the API refuses' "$out" 'opted out'
has 'what was scheduled is canceled' "$(twoway messages --with +447700900100 --json)" '"state": *"canceled"'
has 'the text is the evidence' "$(twoway consent +447700900100)" 'stop .*take me off your list'
has 'the list is left too' "$(twoway contacts show +447700900100)" 'offers  *left'
ends 0 twoway import "$dir/many.csv" --list news --source website
has 'again changes nothing' "$out" '0 joined news, 2000 were on it'
printf 'number\n+447700900100\n' | twoway import - --list offers --source 'another form' >"$dir/import.log"
has 'and who left stays away' "$(cat "$dir/import.log")" '1 had left or were asked before'

# The chain.
ends 0 twoway consent --verify
has 'it is sound' "$out" 'default: 2005 rows, every link is sound'
head=$(twoway consent --head)
has 'its head is told' "$head" '^default 2005 [0-9a-f]\{64\}$'
has 'and a sentence of the customer is not in the log' "$(grep -c 'off your list' "$dir/twowayd.log")" '^0$'
ends 0 twoway contacts erase +447700900100
has 'a contact is erased' "$out" 'erased in 1 account'
ends 66 twoway contacts show +447700900100
ends 0 twoway consent --verify
has 'the chain still verifies' "$out" 'default: 2006 rows, every link is sound'
has 'and says why rows are empty' "$out" 'default: 2 erased by request'
has 'its texts are gone' "$(until_true sh -c "! $build/twoway export messages | grep -q 'off your list'" && echo gone)" gone
has 'and who did it is in the log' "$(twoway audit)" 'erase'
has 'evidence is exported' "$(twoway export consent | sed -n 1p)" 'sequence,at,list,kind,number,text'
stop_daemon
same 'no octet of the number is left in the file' 0 "$(cat "$dir"/twoway.db* | grep -c 'off your list')"

# Somebody changes the evidence behind the daemon's back.
sed -i 's/paper form, May 2026/paper farm, May 2026/' "$dir/twoway.db"
start_daemon
ok 'the daemon is back' until_true ready 2
ends 65 twoway consent --verify
has 'a change is found' "$out" 'default: broken at sequence 2'
ends 64 twoway consent
ends 64 twoway export everything
