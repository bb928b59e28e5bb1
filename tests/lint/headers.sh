#!/bin/sh
# headers.sh ROOT CC...: every header compiles alone, and twice.
root=$1
shift
cd "$root" || exit 2
flags=$(pkg-config --cflags libuv sqlite3 libconfig libserialport libmicrohttpd libcurl expat jansson \
	nettle libutf8proc) || exit 2
failed=0
count=0

for header in $(find include/twoway src -name '*.h' | LC_ALL=C sort); do
	count=$((count + 1))
	# shellcheck disable=SC2086 # flags are several words
	printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
		"$@" -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-function \
			-I. -Iinclude $flags -fsyntax-only -x c - || failed=1
done
[ $count -gt 0 ] || { echo "headers.sh: no headers in $root" >&2; exit 2; }
exit $failed
