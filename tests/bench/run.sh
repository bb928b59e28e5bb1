#!/bin/sh
# All figures: a table on standard output, and BUILD/bench.json, one object a line. $1: a build folder.
# The rest goes to the benchmark: --quick, or rows by name.
set -eu
build=$1
shift
ninja -C "$build" tests/bench/floor tests/bench/bench tests/bench/bench_fill tests/bench/bench_codec \
	tests/bench/bench_keywords tests/bench/bench_makespan >/dev/null
printf '%s, %s processors, %s\n\n' "$(uname -srm)" "$(nproc)" \
	"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
"$build/tests/bench/bench" "$build" --json "$build/bench.json" "$@"
printf '\n'
"$build/tests/bench/bench_codec"
"$build/tests/bench/bench_keywords"
"$build/tests/bench/bench_makespan" --json "$build/bench.json"
