#!/bin/sh
# Twilio's own client for Node against the daemon: node/*.js is a program as one is written for Twilio.
# The client is installed from its registry into the build folder, once; where node, npm or the registry
# cannot be had the test is skipped and says so (77).
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
	timeout 300 npm install --prefix "$packages" --no-audit --no-fund --no-save --ignore-scripts \
		twilio@5 >"$dir/npm.log" 2>&1 ||
		skip "the registry of npm is out of reach: $(tail -n 1 "$dir/npm.log")"
fi
cat >"$dir/free.js" <<'END'
const server = require('net').createServer();
server.listen(0, '127.0.0.1', () => { console.log(server.address().port); server.close(); });
END
hook=$(node "$dir/free.js")

start_sim 2
settings 2
printf 'keywords = ( { match = "HOURS"; reply = "Mon to Fri"; } );\n' >"$dir/flows/hello.conf"
start_daemon
ok 'two modems become ready' until_true ready 2
port=$(sed -n 's/.*api_port=\([0-9]*\).*/\1/p' "$dir/twowayd.log" | tail -n 1)
sid=$(twoway accounts --json | sed -n 's/.*"sid": *"\(AC[0-9a-f]*\)".*/\1/p')

NODE_PATH=$packages/node_modules node "$tests/node/twilio.js" "http://127.0.0.1:$port" "$sid" \
	"$(cat "$dir/default.token")" +447700900001 +447700900002 "$hook" "$build/twoway" \
	>"$dir/node.log" 2>&1
same "the client's run" 0 "$?"
cat "$dir/node.log"
checks=$((checks + $(grep -c '^ok\|^FAIL' "$dir/node.log")))
ok 'the client looked at much' test "$(grep -c '^ok' "$dir/node.log")" -ge 150
