#!/bin/sh
# run.sh BUILD OUT: boots a guest whose kernel meets sticks with their true USB ids, and runs checks.sh
# in it. The guest is the distribution's kernel and an initramfs of busybox, udevd and what BUILD holds;
# everything of it lies below OUT. Ends with the guest's count.
set -eu
build=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
tests=$(cd "$(dirname "$0")" && pwd)
source_root=$(cd "$tests/../.." && pwd)
root=$out/root
patience=300	# seconds until a guest that says nothing more is given up

say() { printf '%s\n' "$*"; }
skip() { say "skipped: $*"; exit 0; }

[ "$(uname -m)" = x86_64 ] || skip "the guest is an amd64 machine, this is $(uname -m)"
for tool in qemu-system-x86_64 busybox modprobe depmod cpio udevadm; do
	command -v "$tool" >/dev/null || skip "there is no $tool here"
done
udevd=$(ls /usr/lib/systemd/systemd-udevd /lib/systemd/systemd-udevd 2>/dev/null | head -n 1)
[ -n "$udevd" ] || skip 'there is no udevd here'
busybox=$(command -v busybox)
! ldd "$busybox" >/dev/null 2>&1 || skip 'busybox is not static: install busybox-static'

# ---- the kernel, unpacked from its package ----

if [ ! -f "$out/kernel.done" ]; then
	package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p')
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

# ---- the initramfs ----

copy_program() {	# with the libraries that it names
	mkdir -p "$root$2"
	cp -L "$1" "$root$2/"
	ldd "$1" | sed -n 's/.* => \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) .*/\1/p' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		[ -e "$root$library" ] || cp -L "$library" "$root$library"
	done
}

copy_module() {		# with what it needs
	modprobe -d "$out/kernel" -S "$release" --show-depends "$1" | sed -n 's/^insmod \([^ ]*\).*/\1/p' |
	while read -r file; do
		target=$root/lib/modules/$release/${file#*"/lib/modules/$release/"}
		mkdir -p "$(dirname "$target")"
		cp "$file" "$target"
	done
}

rm -rf "$root"
mkdir -p "$root/bin" "$root/sbin" "$root/dev" "$root/proc" "$root/sys" "$root/run" "$root/tmp" "$root/etc" \
	"$root/var/lib/twoway" "$root/usr/lib/udev/rules.d" "$root/usr/share/twoway"
cp "$busybox" "$root/bin/busybox"
copy_program "$udevd" /usr/lib/systemd
copy_program "$(command -v udevadm)" /usr/bin
for program in twowayd twoway twoway-sim; do
	copy_program "$build/$program" /usr/bin
done
copy_program "$build/tests/vm/stick" /usr/bin
cp -r "$source_root/boards" "$source_root/flows" "$root/usr/share/twoway/"
for rules in 50-udev-default 60-serial 80-drivers; do
	cp "$(ls /usr/lib/udev/rules.d/$rules.rules /lib/udev/rules.d/$rules.rules 2>/dev/null | head -n 1)" \
		"$root/usr/lib/udev/rules.d/"
done
for rules in "$source_root"/udev/*.rules "$build"/udev/*.rules; do
	[ ! -e "$rules" ] || cp "$rules" "$root/usr/lib/udev/rules.d/"
done
depmod -b "$out/kernel" "$release"
for module in dummy_hcd libcomposite usb_f_fs option ftdi_sio cdc_acm xhci_pci virtio_pci virtio_console; do
	copy_module "$module"
done
cp "$modules"/modules.order "$modules"/modules.builtin* "$root/lib/modules/$release/"
depmod -b "$root" "$release"
cp "$tests/init" "$root/init"
cp "$tests/checks.sh" "$root/checks.sh"
cat >"$root/etc/passwd" <<'END'
root:x:0:0::/:/bin/sh
twoway:x:990:990::/var/lib/twoway:/bin/sh
nobody:x:65534:65534::/:/bin/sh
END
# The groups that the rules of udev name.
cat >"$root/etc/group" <<'END'
root:x:0:
tty:x:5:
disk:x:6:
lp:x:7:
kmem:x:15:
dialout:x:20:twoway
cdrom:x:24:
tape:x:26:
audio:x:29:
video:x:44:
input:x:104:
sgx:x:105:
kvm:x:106:
render:x:107:
twoway:x:990:
nogroup:x:65534:
END
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initramfs.gz"

# ---- the machine: a bridge chip (FTDI) whose line ends at the guest's own /dev/vport0p1 ----

rm -f "$out/line" "$out/console.log"
say "Booting Linux $release …"
timeout "$patience" qemu-system-x86_64 -accel tcg -cpu max -m 512 -nodefaults -no-reboot -display none \
	-kernel "$out/kernel/boot/vmlinuz-$release" -initrd "$out/initramfs.gz" \
	-append 'console=ttyS0 quiet loglevel=3 panic=-1' \
	-serial "file:$out/console.log" \
	-chardev socket,id=far,path="$out/line",server=on,wait=off \
	-chardev socket,id=near,path="$out/line" \
	-device qemu-xhci,id=usb -device usb-serial,bus=usb.0,chardev=far \
	-device virtio-serial-pci -device virtserialport,chardev=near,name=line </dev/null >"$out/qemu.log" 2>&1 ||
	say "qemu ended with $?: see $out/qemu.log"
tr -d '\r' <"$out/console.log" | sed -n '/^== /,$p'
tr -d '\r' <"$out/console.log" | grep -q '^[1-9][0-9]* passed, 0 failed$'
