#!/bin/sh
# The description of the API by a validator of somebody else's, installed from npm's registry into the build folder;
# where that cannot be had the test is skipped and says so (77). That it describes the routes and the objects as
# they are is test_http_route's.
build=$1
root=$2
tests=$(cd "$(dirname "$0")" && pwd)
skip() {
	printf 'skipped: %s\n' "$1"
	exit 77
}
command -v node >/dev/null && command -v npm >/dev/null || skip 'node and npm are not installed'
packages=$build/node-openapi
validator=$packages/node_modules/@seriousme/openapi-schema-validator
if [ ! -d "$validator" ]; then
	mkdir -p "$packages"
	timeout 300 npm install --prefix "$packages" --no-audit --no-fund --no-save --ignore-scripts \
		@seriousme/openapi-schema-validator@2 >"$packages/npm.log" 2>&1 ||
		skip "the registry of npm is out of reach: $(tail -n 1 "$packages/npm.log")"
fi
node "$tests/node/openapi.mjs" "$validator" "$root/src/http/openapi.json" || exit 1
# A description that is none is refused, or the run above says nothing.
sed 's/"openapi": "3.1.0"/"openapi": "3.1.0", "pathes": {}/' "$root/src/http/openapi.json" >"$packages/bad.json"
! node "$tests/node/openapi.mjs" "$validator" "$packages/bad.json" >/dev/null 2>&1
