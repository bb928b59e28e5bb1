#!/bin/sh
# Every configuration in README.md, docs/ and the manual that says which file it is (its first line is a comment with
# a path) is read by twoway check.
. "$(dirname "$0")/lib.sh"

mkdir -p "$dir/samples"
awk -v dir="$dir/samples" '
	/^    # \/etc\/twoway\/.*\.conf$/ { n++; out = sprintf("%s/%d.conf", dir, n) }
	out && !/^(    |$)/ { close(out); out = "" }
	out { print substr($0, 5) > out }
' "$source_root/README.md" "$source_root"/docs/*.md "$source_root"/docs/man/*.md
found=0
for sample in "$dir"/samples/*.conf; do
	found=$((found + 1))
	sed -i "2,\$s|/etc/twoway/flows|$source_root/flows/hello.conf|" "$sample"
	ok "$(head -n 1 "$sample")" "$build/twoway" check "$sample"
done
ok 'there are samples' test "$found" -ge 4
