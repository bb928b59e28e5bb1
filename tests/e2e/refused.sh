#!/bin/sh
# refused.sh BUILD: entries and a profile with a bad value are refused by name, file and line, and the rest
# serves; check and reload take nothing by halves.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# A place for each mistake: modem0 is good, each of the others has one.
configuration() {	# PIN NUMBER QUOTA ICCID PORT
	mkdir -p "$dir/boards" "$dir/flows"
	[ -f "$dir/flows/hello.conf" ] || cp "$source_root/flows/hello.conf" "$dir/flows/"
	cat >"$dir/twoway.conf" <<-END
	country = "GB"; database = "$dir/twoway.db"; flows = [ "$dir/flows" ]; boards = [ "$dir/boards" ];
	api = { listen = "127.0.0.1:0"; socket = "$TWOWAY_SOCKET"; };
	modems = (
	  { name = "good"; port = "$dir/modem0"; number = "+447700900001"; },
	  { name = "pin"; port = "$dir/modem1"; pin = "$1"; },
	  { name = "number"; port = "$dir/modem2"; number = "$2"; },
	  { name = "quota"; port = "$dir/modem3"; },
	  { name = "twice"; port = "$dir/modem4"; },
	  { name = "tty"; port = "$5"; }
	);
	sims = (
	  { iccid = "8944104477009000049"; quota = { per_day = $3; }; },
	  { iccid = "8944104477009000056"; number = "+447700900005"; },
	  { iccid = "$4"; number = "+447700900055"; }
	);
	END
}
profile() { printf 'usb = [ "1234:5678" ];\nantigravity = true;\n' >"$dir/boards/mine.conf"; }
state() { twoway modems --json | sed -n "s/.*\"name\": *\"$1\".*\"state\": *\"\([a-z_]*\)\".*/\1/p"; }
is() { [ "$(state "$1")" = "$2" ]; }
trouble() { twoway modems --json | grep "\"name\": *\"$1\"" | sed -n 's/.*"last_error": *"\([^"]*\)".*/\1/p'; }
troubles() { twoway status --json; }

start_sim 6
configuration 12x4 +44770 -5 8944104477009000056 /dev/null
profile

ends 78 "$build/twowayd" --config "$dir/twoway.conf" --check
has 'the PIN is named with its line' "$out" 'twoway.conf:5: error: a PIN has four to eight digits'
has 'the number' "$out" 'twoway.conf:6: error: "+44770"'
has 'the quota' "$out" 'twoway.conf:12: error: `per_day` must lie between 0 and'
has 'the device that is no port' "$out" 'twoway.conf:9: error: /dev/null is no serial port'
has 'the SIM that stands twice' "$out" 'twoway.conf:14: error: `iccid` "8944104477009000056" stands already in line 13'
has 'the capability' "$out" 'mine.conf:2: error: `antigravity` is not known here'
configuration 1234 +447700900003 5 8944104477009000064 "$dir/sim.log"
rm "$dir/boards/mine.conf"
ends 78 "$build/twowayd" --config "$dir/twoway.conf" --check
has 'the file that is no port' "$out" 'twoway.conf:9: error: .*sim.log is no serial port'
profile
configuration 12x4 +44770 -5 8944104477009000056 /dev/null
ends 78 "$build/twoway" check --config "$dir/twoway.conf"

start_daemon
ok 'the daemon serves all the same' until_true is good ready
ok 'the SIM that stands twice works by its first entry' until_true is twice ready
same 'a text is answered' 'Mon to Fri 8-18, Sat 9-13. Text REPAIR if something is broken.' \
	"$(twoway handset +447700900123 HOURS --to +447700900001 --wait 60)"
same 'the modem with the bad PIN is not used' failed "$(state pin)"
has 'and says where' "$(trouble pin)" 'its entry is refused: .*twoway.conf:5: a PIN has four to eight digits'
same 'nor is the one with the bad number' failed "$(state number)"
has 'and says where' "$(trouble number)" 'twoway.conf:6: '
ok 'the SIM with the bad quota is not used' until_true is quota stranger
has 'and says where' "$(trouble quota)" 'twoway.conf:12: `per_day` must lie'
twoway modems accept quota >"$dir/accept.log" 2>&1
same 'nobody can accept it' 65 $?
has 'what is no tty says where' "$(trouble tty)" \
	'its entry is refused: .*twoway.conf:9: /dev/null is no serial port'
for what in 'twoway.conf:5: modem pin is not used' 'twoway.conf:6: modem number is not used' \
	'twoway.conf:12: SIM 8944104477009000049 is not used' \
	'twoway.conf:14: SIM 8944104477009000056 is not used' 'mine.conf:2: this profile is not used'; do
	has "status tells: $what" "$(troubles)" "$what"
done
doctor=$(twoway doctor --config "$dir/twoway.conf" 2>&1)
has 'doctor says what it means' "$doctor" 'the entry is not used after a start'
same 'and each entry once' 1 "$(printf '%s\n' "$doctor" | grep -c 'twoway.conf:14: ')"
ends 78 "$build/twoway" reload
same 'a reload that brings mistakes is refused, and all goes on' ready "$(state good)"

configuration 1234 +447700900003 5 8944104477009000064 "$dir/modem5"
rm "$dir/boards/mine.conf"
ends 0 "$build/twoway" reload
for name in good pin number quota twice tty; do
	ok "corrected: $name is ready" until_true is $name ready
done
same 'nothing is wrong any more' 0 "$(troubles | grep -c 'is not used')"
