#!/bin/sh
# self.sh: the checks find what is wrong in the small tree bad/, all of it and nothing else.
here=$(dirname "$0")
here=$(cd "$here" && pwd) || exit 2

if found=$(sh "$here/floors.sh" floors.txt "$here/bad"); then
	echo "floors.sh passed a tree that is wrong"
	exit 1
fi
if [ "$found" != "$(cat "$here/bad/expected.txt")" ]; then
	echo "expected:"
	cat "$here/bad/expected.txt"
	echo "found:"
	echo "$found"
	exit 1
fi
if sh "$here/headers.sh" "$here/bad" "$@" 2>/dev/null; then
	echo "headers.sh passed a header that does not compile alone"
	exit 1
fi
if found=$(sh "$here/width.sh" "$here/bad"); then
	echo "width.sh passed a tree that is wrong"
	exit 1
fi
if [ "$found" != "$(cat "$here/bad/expected_width.txt")" ]; then
	echo "expected:"
	cat "$here/bad/expected_width.txt"
	echo "found:"
	echo "$found"
	exit 1
fi
