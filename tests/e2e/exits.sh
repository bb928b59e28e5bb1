#!/bin/sh
# exits.sh BUILD: what the pages promise of the command line and no other run asks for.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

echo 07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07 >"$dir/pdu"
twoway pdu decode <"$dir/pdu" >/dev/full 2>"$dir/err"
same 'a full disk under pdu is told as one' 73 $?

# No `country`: national numbers are those of the SIMs.
start_sim 2
settings 2
sed -i 's/country = "GB";//; s/name = "m0";/& imei = "359093007629571";/; s/name = "m1";/& imei = "359093007629605";/' \
	"$dir/twoway.conf"
start_daemon
ok 'the modem becomes ready' until_true ready 1
is_another() { twoway modems --json | grep '"name":"m1"' | grep -q '"state":"absent".*is another modem now (IMEI 359093007629589 '; }
ok 'a port with the IMEI of another modem is not used' until_true is_another
ok 'a national number is sent to' twoway send 07700900123 Hello
same 'and found by the same' Hello "$(twoway messages --with 07700900123 --json | sed 's/.*"text":"\([^"]*\)".*/\1/')"

# A file given again is sent again only where something was asked for otherwise.
printf '+447700900171\tone\n' >"$dir/file"
first=$(twoway send --file "$dir/file" --at +2h)
same 'the same file again is the same message' "$first" "$(twoway send --file "$dir/file" --at +2h 2>/dev/null)"
ok 'with a key it is another' test "$first" != "$(twoway send --file "$dir/file" --at +2h --key k 2>/dev/null)"
