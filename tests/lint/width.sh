#!/bin/sh
# width.sh LIST ROOT: no line of the sources is wider than 100 columns, tabs of 8. LIST names the files and
# folders (with a / behind) that still have such lines: it only ever gets shorter, so what has none any
# more must leave it.
list=$1
cd "$2" || exit 2
failed=0
count=0

# Continuation bytes of UTF-8 take no column.
wide_lines() { LC_ALL=C sed 's/[\x80-\xBF]//g' "$1" | expand | LC_ALL=C awk 'length > 100 { print NR }'; }
is_listed() { grep -qx -e "$1" -e "$(dirname "$1")/" "$list"; }

wide=
for file in $(find include src -name '*.[ch]' | LC_ALL=C sort); do
	count=$((count + 1))
	lines=$(wide_lines "$file")
	[ -n "$lines" ] || continue
	wide="$wide $file $(dirname "$file")/ "
	is_listed "$file" && continue
	for line in $lines; do
		printf '%s:%s: wider than 100 columns\n' "$file" "$line"
	done
	failed=1
done
while read -r entry; do
	case $wide in
	*" $entry "*) ;;
	*) printf '%s: has no wide line any more: take it out of %s\n' "$entry" "$(basename "$list")"; failed=1 ;;
	esac
done <"$list"
[ $count -gt 0 ] || { echo "width.sh: no sources in $2" >&2; exit 2; }
exit $failed
