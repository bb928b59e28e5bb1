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

# shellcheck source=tests/vm/lib.sh
. "$tests/lib.sh"

need_tools udevadm
udevd=$(ls /usr/lib/systemd/systemd-udevd /lib/systemd/systemd-udevd 2>/dev/null | head -n 1)
[ -n "$udevd" ] || skip 'there is no udevd here'
fetch_kernel

# ---- the initramfs ----

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
copy_modules "$root" dummy_hcd libcomposite usb_f_fs option ftdi_sio cdc_acm xhci_pci virtio_pci virtio_console
cp "$tests/init" "$root/init"
cp "$tests/checks.sh" "$tests/guest.sh" "$root/"
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
pack_initramfs

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
report
