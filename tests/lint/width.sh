#!/bin/sh
# width.sh ROOT: no line of the sources is wider than 100 columns, tabs of 8.
cd "$1" || exit 2
failed=0
count=0

# Continuation bytes of UTF-8 take no column.
wide_lines() { LC_ALL=C sed 's/[\x80-\xBF]//g' "$1" | expand | LC_ALL=C awk 'length > 100 { print NR }'; }

for file in $(find include src -name '*.[ch]' | LC_ALL=C sort); do
	count=$((count + 1))
	for line in $(wide_lines "$file"); do
		printf '%s:%s: wider than 100 columns\n' "$file" "$line"
		failed=1
	done
done
[ $count -gt 0 ] || { echo "width.sh: no sources in $1" >&2; exit 2; }
exit $failed
