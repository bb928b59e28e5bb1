#!/bin/sh
# run.sh SOURCES OUT SUITE [ARCH]: builds the packages in a root of SUITE, then installs, upgrades and
# purges them in a clean one. With ARCH they are built across, their unit tests run in an emulator, and the
# clean root is one of ARCH, which this machine must be able to run (binfmt_misc). Roots are kept in OUT,
# so that a second run needs no download. Wants root, debootstrap and a mirror; ends with a count.
set -u
sources=$1
out=$2
suite=$3
arch=${4-}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
failures=0
checks=0
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

say() { printf '%s\n' "$*"; }
give_up() {
	say "run.sh: $*" >&2
	exit 1
}
leave() { umount "$work/proc" "$work/dev/pts" 2>/dev/null; }
end() {
	trap - EXIT INT TERM
	leave
}
trap end EXIT
trap 'exit 1' INT TERM

# ok WHAT COMMAND…
ok() {
	what=$1
	shift
	checks=$((checks + 1))
	if "$@" >"$out/check.log" 2>&1; then
		say "ok   $what"
	else
		say "FAIL $what"
		sed 's/^/     /' "$out/check.log" | tail -n 15
		failures=$((failures + 1))
	fi
}
not() { ! "$@"; }
inside() { chroot "$work" "$@"; }
shell() { chroot "$work" sh -c "$1"; }

# ---- roots ----

# $1: where, the rest more options
make_clean_root() {
	made=$1
	shift
	[ ! -f "$made.done" ] || return 0
	say "Making a root of $suite ${*-} …"
	rm -rf --one-file-system "$made"
	debootstrap --variant=minbase "$@" "$suite" "$made" "$mirror" >"$out/debootstrap.log" 2>&1 ||
		give_up "debootstrap failed: see $out/debootstrap.log"
	# Nothing is started in a root that is no machine.
	printf '#!/bin/sh\nexit 101\n' >"$made/usr/sbin/policy-rc.d"
	chmod +x "$made/usr/sbin/policy-rc.d"
	: >"$made.done"
}

# $1: the root to begin from
enter() {
	leave
	rm -rf --one-file-system "$work"
	cp -a "$1" "$work"
	cp -L /etc/resolv.conf "$work/etc/resolv.conf"
	mount -t proc proc "$work/proc" && mount -t devpts devpts "$work/dev/pts" ||
		give_up "/proc and /dev/pts cannot be mounted in $work"
	shell 'apt-get update -q' >"$out/update.log" 2>&1 || give_up "no package lists: see $out/update.log"
}

make_tools() {
	[ ! -f "$tools.done" ] || return 0
	enter "$native"
	say 'Installing what the build needs …'
	mkdir -p "$work/src"
	cp -a "$sources/debian" "$work/src/"
	if [ -n "$arch" ]; then
		shell "dpkg --add-architecture $arch && apt-get update -q && apt-get install -y -q \
			--no-install-recommends crossbuild-essential-$arch qemu-user-static" >"$out/tools.log" 2>&1 ||
			give_up "see $out/tools.log"
	fi
	shell "apt-get install -y -q --no-install-recommends dpkg-dev lintian &&
		cd /src && apt-get build-dep -y -q --no-install-recommends ${arch:+-a $arch} ./" >>"$out/tools.log" 2>&1 ||
		give_up "see $out/tools.log"
	leave
	rm -rf --one-file-system "$tools" "$work/src"
	mv "$work" "$tools"
	: >"$tools.done"
}

# debhelper runs no tests of a build across: the unit tests run behind it, in the emulator.
build_across() {
	cpu=$(chroot "$work" dpkg-architecture -a"$arch" -q DEB_HOST_GNU_CPU 2>/dev/null)
	triple=$(chroot "$work" dpkg-architecture -a"$arch" -q DEB_HOST_GNU_TYPE 2>/dev/null)
	printf "[binaries]\nexe_wrapper = '/usr/bin/qemu-%s-static'\n" "$cpu" >"$work/src/emulator.ini"
	shell "cd /src/twoway && TWOWAY_MESON_OPTIONS='--cross-file /src/emulator.ini' \
		DEB_BUILD_OPTIONS='nocheck noddebs' dpkg-buildpackage -b -us -uc -a$arch" >"$out/build.log" 2>&1 ||
		give_up "the packages cannot be built: see $out/build.log"
	# qemu-user knows no TIOCGEXCL.
	ok "the unit tests pass on an emulated $cpu" shell "cd /src/twoway && CK_TIMEOUT_MULTIPLIER=10 \
		meson test -C obj-$triple --no-rebuild --timeout-multiplier 10 \$(meson test -C obj-$triple --list \
		--suite unit 2>/dev/null | sed -n 's/.* \(test_[a-z0-9_]*\)\$/\1/p' | grep -vx test_sim_port)"
}

build() {
	make_tools
	enter "$tools"
	say "Building for $suite ${arch:-} …"
	mkdir -p "$work/src"
	cp -a "$sources" "$work/src/twoway"
	if [ -n "$arch" ]; then
		build_across
	else
		# The unit tests of a package run where it is built; the rest is bootstrap's.
		shell 'cd /src/twoway && dpkg-buildpackage -b -us -uc' >"$out/build.log" 2>&1 ||
			give_up "the packages cannot be built: see $out/build.log"
	fi
	ok 'lintian has nothing to say' shell 'cd /src && lintian --fail-on error,warning ./*.changes'
	rm -f "$out"/*.deb
	cp "$work"/src/*.deb "$out/"
}

# ---- the checks ----

check_installed() {
	ok 'apt installs it' shell 'apt-get install -y -q --no-install-recommends /root/twoway_*.deb'
	for file in /usr/bin/twowayd /usr/bin/twoway /usr/bin/twoway-sim /etc/twoway/twoway.conf \
		/etc/twoway/flows/hello.conf /usr/share/twoway/boards/generic.conf \
		/usr/share/twoway/flows/words/en.conf /usr/share/bash-completion/completions/twoway \
		/usr/share/zsh/vendor-completions/_twoway /usr/lib/systemd/system/twoway.service; do
		ok "$file is there" test -s "$work$file"
	done
	ok 'the service is enabled' test -L "$work/etc/systemd/system/multi-user.target.wants/twoway.service"
	ok 'systemd takes the unit' shell 'systemd-analyze verify --man=no twoway.service'
	ok 'its exposure is low' shell 'systemd-analyze security --offline=true --threshold=20 twoway.service'
	ok 'settings that may hold PINs are nobody'"'"'s' test \
		"$(stat -c %a "$work/etc/twoway/twoway.conf")" = 640
	ok 'the daemon is content' inside twowayd --check
	ok 'so it is as its own user' shell 'setpriv --reuid=twoway --regid=twoway --init-groups twowayd --check'
	ok 'twoway check is' inside twoway check
}

# The installed programs at work, as the service user: a text in, an answer out.
check_at_work() {
	cat >"$work/srv/trial.sh" <<-'END'
	cd /tmp && mkdir trial && cd trial && cp /usr/share/twoway/flows/hello.conf . || exit 1
	cat >twoway.conf <<-CONF
	country = "GB"; database = "/tmp/trial/twoway.db"; flows = [ "/tmp/trial/hello.conf" ];
	modems = ( { name = "one"; port = "/tmp/trial/modem0"; number = "+447700900001"; } );
	api = { listen = "127.0.0.1:0"; socket = "/tmp/trial/twoway.sock"; };
	CONF
	twoway-sim --modems 1 --dir . --profile huawei >sim.log 2>&1 &
	sim=$!
	twowayd --config twoway.conf >twowayd.log 2>&1 &
	daemon=$!
	export TWOWAY_SOCKET=/tmp/trial/twoway.sock
	for i in $(seq 300); do
		twoway status --json 2>/dev/null | grep -q '"ready": *1' && break
		sleep 0.1
	done
	twoway handset +447700900123 HOURS --sim . --wait 60
	code=$?
	kill $daemon $sim && wait
	[ $code = 0 ] || cat twowayd.log
	exit $code
	END
	ok 'it answers a text' shell \
		'setpriv --reuid=twoway --regid=twoway --init-groups sh /srv/trial.sh </dev/null'
}

# The same package as a later version that brings other settings.
make_upgrade() {
	rm -rf "$out/next"
	dpkg-deb -R "$(ls "$work"/root/twoway_*.deb)" "$out/next" &&
		sed -i 's/^Version: .*/&+next/' "$out/next/DEBIAN/control" &&
		printf '# Settings of the next version.\n' >>"$out/next/etc/twoway/twoway.conf" &&
		dpkg-deb --root-owner-group -b "$out/next" "$work/root/next.deb"
}

check_upgrade() {
	echo 'country = "GB";' >>"$work/etc/twoway/twoway.conf"
	echo 'otherwise = "We call back.";' >"$work/etc/twoway/flows/mine.conf"
	mkdir -p "$work/var/lib/twoway"
	: >"$work/var/lib/twoway/twoway.db"
	ok 'a later version is made' make_upgrade
	ok 'apt upgrades and asks nothing' shell \
		'apt-get install -y -q -o Dpkg::Options::=--force-confold /root/next.deb </dev/null'
	ok 'settings stay' grep -q '^country = "GB";$' "$work/etc/twoway/twoway.conf"
	ok 'and are nobody'"'"'s' test "$(stat -c %a "$work/etc/twoway/twoway.conf")" = 640
	ok 'flows stay' grep -q 'We call back' "$work/etc/twoway/flows/mine.conf"
	ok 'what is set is still good' inside twoway check
}

check_removal() {
	ok 'apt removes it' shell 'apt-get remove -y -q twoway </dev/null'
	ok 'and keeps messages and settings' test -e "$work/var/lib/twoway/twoway.db" -a \
		-s "$work/etc/twoway/twoway.conf"
	ok 'apt purges it and asks nothing' shell 'apt-get purge -y -q twoway </dev/null'
	for path in /etc/twoway /var/lib/twoway /usr/share/twoway /usr/bin/twowayd; do
		ok "$path is gone" not test -e "$work$path"
	done
	ok 'its user is gone' not inside getent passwd twoway
}

check_library() {
	ok 'apt installs the library' shell \
		'apt-get install -y -q --no-install-recommends gcc libc6-dev pkgconf /root/libtwoway-dev_*.deb'
	cp "$sources/tests/e2e/outside.c" "$work/root/"
	ok 'another program builds with it' shell \
		'cd /root && cc -std=c17 -o outside outside.c $(pkg-config --cflags --libs twoway) && ./outside'
}

mkdir -p "$out"
out=$(cd "$out" && pwd)
native=$out/clean
clean=$native${arch:+-$arch}
tools=$out/tools${arch:+-$arch}
work=$out/work
make_clean_root "$native"
build
[ -z "$arch" ] || make_clean_root "$clean" "--arch=$arch"
enter "$clean"
cp "$out"/*.deb "$work/root/"
rm -f "$work"/root/*-dbgsym_*
check_installed
check_at_work
check_upgrade
check_removal
[ -n "$arch" ] || check_library		# a compiler in an emulator takes long, and is the same one
say "$((checks - failures)) passed, $failures failed"
[ "$failures" -eq 0 ]
