#!/bin/sh
# What meson installs is whole and in its place: $2 are the sanitizers that the build has.
. "$(dirname "$0")/lib.sh"
sanitizers=$2
root=$dir/root
cfg=$dir/root/etc/twoway

ok 'meson installs' env DESTDIR="$root" meson install -C "$build" --no-rebuild --quiet
prefix=$root$(sed -n 's/^prefix=//p' "$(find "$root" -name twoway.pc)")
for file in bin/twowayd bin/twoway bin/twoway-sim share/twoway/boards/generic.conf \
	share/twoway/flows/words/en.conf share/twoway/flows/hello.conf share/man/man1/twoway.1 \
	share/man/man1/twoway-sim.1 share/man/man5/twoway.conf.5 share/man/man5/twoway-flow.5 \
	share/man/man5/twoway-board.5 share/man/man8/twowayd.8 include/twoway/sms.h include/twoway/at.h \
	lib/systemd/system/twoway.service lib/sysusers.d/twoway.conf share/doc/twoway/LICENSE \
	share/bash-completion/completions/twoway share/zsh/vendor-completions/_twoway; do
	ok "$file is there" test -s "$prefix/$file"
done

# ---- the configuration ----

ok 'twoway.conf changes nothing' "$build/twowayd" --check --config "$cfg/twoway.conf"
same 'and holds no setting' '' "$(grep -v '^\(#.*\)\?$' "$cfg/twoway.conf")"
# A setting stands right behind its #, or indented by two blanks; a sentence behind one blank.
sed 's/^#\([^ ]\|  \)/\1/' "$cfg/twoway.conf" >"$dir/all.conf"
ok 'nor does one that is woken break it' "$build/twoway" check "$dir/all.conf"
"$build/twoway" check --settings | sed 's/ .*//; s/.*[.]//' | sort -u >"$dir/settings"
sed -n 's/^[ ]*\([a-z_]*\) = .*/\1/p' "$dir/all.conf" | sort -u >"$dir/shown"
same 'every setting is in it' '' "$(comm -23 "$dir/settings" "$dir/shown")"
same 'the example answers nobody' '0 keywords: nothing to object' \
	"$("$build/twoway" check "$cfg/flows/hello.conf")"
ok 'until it is woken' "$build/twoway" check "$prefix/share/twoway/flows/hello.conf"
echo '# mine' >"$cfg/twoway.conf"
ok 'meson installs again' env DESTDIR="$root" meson install -C "$build" --no-rebuild --quiet
same 'what is mine stays' '# mine' "$(cat "$cfg/twoway.conf")"

# ---- the manual ----

for page in "$prefix"/share/man/man*/*; do
	same "$(basename "$page") is well formed" '' "$(mandoc -T lint -W warning "$page")"
done
"$build/twoway" --help | sed -n 's/^  \([a-z]\{2,\}\)  *[A-Z].*/\U\1/p' | sort >"$dir/verbs"
sed -n 's/^.SH "\(.*\)"$/\1/p' "$prefix/share/man/man1/twoway.1" | sort >"$dir/told"
ok 'there are verbs' test "$(wc -l <"$dir/verbs")" -gt 10
same 'twoway(1) tells of every verb' '' "$(comm -23 "$dir/verbs" "$dir/told")"
"$build/twoway" check --settings | sed 's/ .*//' | sort >"$dir/settings"
sed -n 's/^.fB\(.*\).fR$/\1/p' "$prefix/share/man/man5/twoway.conf.5" | sort >"$dir/told"
ok 'there are settings' test "$(wc -l <"$dir/settings")" -gt 90
same 'twoway.conf(5) tells of every setting' '' "$(comm -23 "$dir/settings" "$dir/told")"

# ---- completion ----

if command -v bash >/dev/null; then
	completed=$(PATH=$build:$PATH bash -c '. "$1"; shift
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); $(complete -p "$1" | sed "s/.*-F //; s/ .*//") "$1"
		echo "${COMPREPLY[@]}"' - "$prefix/share/bash-completion/completions/twoway" twoway modems p)
	same 'bash completes twoway modems p' 'pause' "$completed"
	completed=$(PATH=$build:$PATH bash -c '. "$1"; COMP_WORDS=(twowayd --ch); COMP_CWORD=1
		_twoway_options twowayd; echo "${COMPREPLY[@]}"' - \
		"$prefix/share/bash-completion/completions/twoway")
	has 'bash completes twowayd --ch' "$completed" '^--check'
fi
if command -v zsh >/dev/null; then
	ok 'zsh reads its completion' zsh -n "$prefix/share/zsh/vendor-completions/_twoway"
fi

# ---- the codec and the engine for others ----

flags=$(PKG_CONFIG_SYSROOT_DIR=$root pkg-config --with-path="$(dirname "$(find "$root" -name twoway.pc)")" \
	--cflags --libs twoway)
[ "$sanitizers" = none ] || flags="$flags -fsanitize=$sanitizers"
# shellcheck disable=SC2086 # flags are several words
ok 'another program builds with them' cc -std=c17 -Wall -Wextra -Werror -o "$dir/outside" \
	"$tests/outside.c" $flags
has 'and works' "$("$dir/outside" | head -n 1)" '^Hi from Info$'

# ---- the unit ----

if command -v systemd-analyze >/dev/null; then
	sed "s|^ExecStart=.*|ExecStart=$build/twowayd|" "$prefix/lib/systemd/system/twoway.service" \
		>"$dir/twoway.service"
	same 'systemd reads the unit' '' "$(systemd-analyze verify --man=no "$dir/twoway.service" 2>&1 |
		grep -F twoway)"
	has 'its exposure is 2.0 or less' "$(systemd-analyze security --offline=true --no-pager \
		"$dir/twoway.service")" 'Overall exposure level.*: \([01][.]\|2[.]0\)'
else
	echo 'skipped: no systemd-analyze here'
fi
