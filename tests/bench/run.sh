#!/bin/sh
# All figures: a table on standard output, and BUILD/bench.json, one object a line. $1: a build folder.
# Behind it --quick, --help, or rows by name: those of `bench --help`, and codec, keywords, flow, makespan.
set -eu
build=$1
shift
rows= others= options=
for word in "$@"; do
	case $word in
	codec | keywords | flow | makespan) others="$others $word" ;;
	--quick) options=$word ;;
	*) rows="$rows $word" ;;
	esac
done
case " $rows " in
*" --help "*)
	ninja -C "$build" tests/bench/bench >/dev/null
	"$build/tests/bench/bench" --help
	printf '  %-12s  %s\n' codec 'PDUs, one segment' keywords 'a keyword among 100,000' \
		flow 'the flow dispatcher, and 100,000 contacts in conversation' \
		makespan 'bulk on modems of different speeds'
	exit
	;;
esac
[ -n "$rows$others" ] || { others='codec keywords flow makespan' rows=' '; }
for name in floor bench bench_fill bench_codec bench_keywords bench_flow bench_makespan; do
	echo "tests/bench/$name"
done | xargs ninja -C "$build" >/dev/null
printf '%s, %s processors, %s\n\n' "$(uname -srm)" "$(nproc)" \
	"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
# Words of rows and options hold no blanks.
# shellcheck disable=SC2086
[ -z "$rows" ] || "$build/tests/bench/bench" "$build" --json "$build/bench.json" $options $rows
printf '\n'
for name in $others; do
	case $name in
	flow | makespan) "$build/tests/bench/bench_$name" --json "$build/bench.json" ;;
	*) "$build/tests/bench/bench_$name" ;;
	esac
done
