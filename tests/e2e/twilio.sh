#!/bin/sh
# Twilio's own client for Node against the daemon. It is installed from its registry into the build folder, once;
# where node, npm or the registry cannot be had the test is skipped and says so (77).
. "$(dirname "$0")/lib.sh"

skip() {
	trap - EXIT INT TERM
	rm -rf "$dir"
	printf 'skipped: %s\n' "$1"
	exit 77
}
command -v node >/dev/null && command -v npm >/dev/null || skip 'node and npm are not installed'
packages=$build/node
if [ ! -d "$packages/node_modules/twilio" ]; then
	mkdir -p "$packages"
	timeout 300 npm install --prefix "$packages" --no-audit --no-fund --no-save --ignore-scripts twilio@5 \
		>"$dir/npm.log" 2>&1 || skip "the registry of npm is out of reach: $(tail -n 1 "$dir/npm.log")"
fi
node -e 'const s = require("net").createServer(); s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });' \
	>"$dir/port"
hook=$(cat "$dir/port")

start_sim 1
settings 1
mkdir -p "$dir/flows"
printf 'keywords = ( { match = "HOURS"; reply = "Mon to Fri"; } );\n' >"$dir/flows/hello.conf"
start_daemon
ok 'a modem becomes ready' until_true ready 1
port=$(sed -n 's/.*api_port=\([0-9]*\).*/\1/p' "$dir/twowayd.log" | tail -n 1)
sid=$(twoway accounts --json | sed -n 's/.*"sid": *"\(AC[0-9a-f]*\)".*/\1/p')
twoway handset +447700900141 STOP >/dev/null

NODE_PATH=$packages/node_modules node "$tests/node/twilio.js" "http://127.0.0.1:$port" "$sid" \
	"$(cat "$dir/default.token")" +447700900001 "$hook" >"$dir/node.log" 2>&1 &
node_pid=$!
texts() { grep -q '^text$' "$dir/node.log" || ! kill -0 "$node_pid" 2>/dev/null; }
until_true texts
same 'its answer is the reply' 'You said ünknown + words' "$(twoway handset +447700900142 'ünknown + words')"
wait "$node_pid"
same "the client's run" 0 "$?"
cat "$dir/node.log"
ok 'the client looked at much' test "$(grep -c '^ok' "$dir/node.log")" -ge 45
