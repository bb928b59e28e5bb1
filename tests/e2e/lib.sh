# What the end-to-end runs share: a folder of their own, the virtual bank, the daemon, and an end that
# stops only what was started here. Sourced with $1 = the build folder.
build=$1
tests=$(cd "$(dirname "$0")" && pwd)
source_root=$(cd "$tests/../.." && pwd)
dir=$(mktemp -d /tmp/twoway-e2e-XXXXXX)
TWOWAY_DATA=$source_root
TWOWAY_SOCKET=$dir/twoway.sock
TWOWAY_SIM=$dir/control
NO_COLOR=1
export TWOWAY_DATA TWOWAY_SOCKET TWOWAY_SIM NO_COLOR
sim_pid='' daemon_pid='' failures=0 checks=0

end() {
	trap - EXIT INT TERM
	for pid in $daemon_pid $sim_pid; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	if [ "$failures" -gt 0 ]; then
		printf '%s\n' '--- twowayd.log'
		tail -n 40 "$dir/twowayd.log" 2>/dev/null
	fi
	rm -rf "$dir"
	printf '%s checks, %s failures\n' "$checks" "$failures"
	[ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
	exit $?		# a bare exit of a trap ends as the script did, whatever failed
}
trap end EXIT
trap 'exit 1' INT TERM

# ok WHAT COMMAND…: the command succeeds
ok() {
	what=$1
	shift
	checks=$((checks + 1))
	if "$@"; then
		printf 'ok   %s\n' "$what"
	else
		printf 'FAIL %s\n' "$what"
		failures=$((failures + 1))
	fi
}
# same WHAT EXPECTED GOT
same() {
	checks=$((checks + 1))
	if [ "$2" = "$3" ]; then
		printf 'ok   %s\n' "$1"
	else
		printf 'FAIL %s\n     expected: %s\n     got:      %s\n' "$1" "$2" "$3"
		failures=$((failures + 1))
	fi
}
# has WHAT TEXT PATTERN: a basic regular expression is found
has() {
	checks=$((checks + 1))
	if printf '%s\n' "$2" | grep -q -- "$3"; then
		printf 'ok   %s\n' "$1"
	else
		printf 'FAIL %s\n     expected: %s\n     got:      %s\n' "$1" "$3" "$2"
		failures=$((failures + 1))
	fi
}
# ends CODE COMMAND…: the exit code; what it printed is in $out
ends() {
	want=$1
	shift
	out=$("$@" 2>&1 </dev/null)
	same "$(basename "$1") ${2-} ${3-} ends $want" "$want" "$?"
}
# until_true COMMAND…: asks again for at most a minute
until_true() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || return 1
		sleep 0.1
	done
}

start_sim() {
	"$build/twoway-sim" --dir "$dir" --numbers +447700900001 --modems "$@" >"$dir/sim.log" 2>&1 </dev/null &
	sim_pid=$!
	until_true test -S "$dir/control" || { cat "$dir/sim.log"; exit 1; }
}
# settings N [MORE]: N modems of the virtual bank
settings() {
	{
		printf 'country = "GB"; database = "%s/twoway.db"; flows = [ "%s/flows" ];\n' "$dir" "$dir"
		printf 'api = { listen = "127.0.0.1:0"; socket = "%s"; };\n' "$TWOWAY_SOCKET"
		printf '%s\n' "${2-}"
		printf 'modems = (\n'
		i=0
		while [ "$i" -lt "$1" ]; do
			[ "$i" -eq 0 ] || printf ',\n'
			printf '  { name = "m%s"; port = "%s/modem%s"; number = "+4477009%05d"; }' "$i" "$dir" "$i" $((i + 1))
			i=$((i + 1))
		done
		printf '\n);\n'
	} >"$dir/twoway.conf"
	mkdir -p "$dir/flows"
	[ -f "$dir/flows/hello.conf" ] || cp "$source_root/flows/hello.conf" "$dir/flows/"
}
start_daemon() {
	"$build/twowayd" --config "$dir/twoway.conf" >>"$dir/twowayd.log" 2>&1 </dev/null &
	daemon_pid=$!
}
ready() {
	"$build/twoway" status --json | grep -q "\"ready\": *$1[,}]"
}
stop_daemon() {
	kill "$daemon_pid" && wait "$daemon_pid"
	daemon_status=$?
	daemon_pid=''
}
twoway() { "$build/twoway" "$@"; }
