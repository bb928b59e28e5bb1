# What the guests of ./bootstrap vm and ./bootstrap service share: the distribution's kernel, unpacked from
# its package, and pieces of an initramfs. Sourced with $out (where all of it lies), $root (the initramfs)
# and $tests set.
say() { printf '%s\n' "$*"; }
skip() { say "skipped: $*"; exit 0; }

need_tools() {
	[ "$(uname -m)" = x86_64 ] || skip "the guest is an amd64 machine, this is $(uname -m)"
	for tool in qemu-system-x86_64 busybox modprobe depmod cpio "$@"; do
		command -v "$tool" >/dev/null || skip "there is no $tool here"
	done
	busybox=$(command -v busybox)
	! ldd "$busybox" >/dev/null 2>&1 || skip 'busybox is not static: install busybox-static'
}

# Into $release and $modules.
fetch_kernel() {
	if [ ! -f "$out/kernel.done" ]; then
		package=$(apt-cache depends linux-image-amd64 2>/dev/null |
			sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p')
		[ -n "$package" ] || skip 'no package linux-image-amd64 is known here'
		say "Fetching $package …"
		rm -rf "$out/kernel" "$out"/linux-image-*.deb
		(cd "$out" && apt-get download -q "$package" >download.log 2>&1) ||
			skip "$package cannot be fetched: see $out/download.log"
		dpkg-deb -x "$out"/linux-image-*.deb "$out/kernel"
		rm "$out"/linux-image-*.deb
		: >"$out/kernel.done"
	fi
	release=$(ls "$out/kernel/lib/modules")
	modules=$out/kernel/lib/modules/$release
	[ -n "$(find "$modules" -name 'dummy_hcd.ko*')" ] || skip 'this kernel has no dummy_hcd'
	depmod -b "$out/kernel" "$release"
}

copy_program() {	# with the libraries that it names
	mkdir -p "$root$2"
	cp -L "$1" "$root$2/"
	ldd "$1" | sed -n 's/.* => \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) .*/\1/p' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		[ -e "$root$library" ] || cp -L "$library" "$root$library"
	done
}

copy_modules() {	# FOLDER MODULE…: with what they need
	folder=$1
	shift
	for module in "$@"; do
		modprobe -d "$out/kernel" -S "$release" --show-depends "$module" |
		sed -n 's/^insmod \([^ ]*\).*/\1/p' | while read -r file; do
			target=$folder/lib/modules/$release/${file#*"/lib/modules/$release/"}
			mkdir -p "$(dirname "$target")"
			cp "$file" "$target"
		done
	done
	cp "$modules"/modules.order "$modules"/modules.builtin* "$folder/lib/modules/$release/"
	depmod -b "$folder" "$release"
}

pack_initramfs() { (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initramfs.gz"; }

# What the guest said, from its first heading to its count; ends as that says.
report() {
	tr -d '\r' <"$out/console.log" | sed -n '/^== /,/^[0-9]* passed, [0-9]* failed$/p'
	tr -d '\r' <"$out/console.log" | grep -q '^[1-9][0-9]* passed, 0 failed$'
}
