#!/bin/sh
# service.sh DEB STICK OUT: boots a guest whose init is systemd, with a stick plugged in, installs the
# package DEB there and runs service-checks.sh: the unit as it is used. The guest is a minimal root of this
# machine's release with what DEB depends on, and the distribution's kernel; everything lies below OUT.
# STICK is the stick's program (tests/vm/stick.c). Only root can make the root. Ends with the guest's count.
set -eu
deb=$1
stick=$2
mkdir -p "$3"
out=$(cd "$3" && pwd)
tests=$(cd "$(dirname "$0")" && pwd)
root=$out/root
machine=$out/machine
patience=1500	# seconds until a guest that says nothing more is given up

# shellcheck source=tests/vm/lib.sh
. "$tests/lib.sh"

need_tools mmdebstrap mke2fs
[ "$(id -u)" = 0 ] || skip 'the root of the guest can only be made by root'
fetch_kernel

# ---- the machine's root: kept, the package itself is installed by the guest ----

depends=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/ *([^)]*)//g; s/|.*//; s/ //g' | paste -s -d,)
if [ "$(cat "$out/machine.done" 2>/dev/null)" != "$depends" ]; then
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && say "${VERSION_CODENAME-}")
	say "Making a root of $suite with systemd …"
	rm -rf --one-file-system "$machine"
	mmdebstrap --variant=minbase --include="systemd-sysv,udev,dbus,kmod,procps,$depends" "$suite" "$machine" \
		>"$out/machine.log" 2>&1 || skip "no root can be made: see $out/machine.log"
	printf '%s\n' "$depends" >"$out/machine.done"
fi
rm -rf "$machine/lib/modules"
copy_modules "$machine" dummy_hcd libcomposite usb_f_fs option ftdi_sio
cp "$deb" "$machine/root/twoway.deb"
cp "$tests/service-checks.sh" "$machine/root/checks.sh"
cp "$tests/guest.sh" "$machine/guest.sh"
cp "$stick" "$machine/usr/local/bin/stick"
# The virtual bank is no part of what is tested: it is there before the package.
dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$machine/usr/local" --strip-components=2 ./usr/bin/twoway-sim \
	./usr/share/twoway/boards
cat >"$machine/etc/systemd/system/checks.service" <<'END'
[Unit]
Description=What is asked of the installed package
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'exec sh /root/checks.sh >/dev/ttyS0 2>&1 </dev/null'
ExecStopPost=systemctl poweroff --no-block
[Install]
WantedBy=multi-user.target
END
mkdir -p "$machine/etc/systemd/system/multi-user.target.wants"
ln -sf ../checks.service "$machine/etc/systemd/system/multi-user.target.wants/"
for unit in serial-getty@ttyS0 getty@tty1 apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
	e2scrub_all.timer fstrim.timer; do
	case $unit in *.timer) ;; *) unit=$unit.service ;; esac
	ln -sf /dev/null "$machine/etc/systemd/system/$unit"
done
echo twoway >"$machine/etc/hostname"
: >"$machine/etc/fstab"
rm -f "$out/disk"
mke2fs -q -t ext4 -d "$machine" "$out/disk" 1500M >"$out/disk.log" 2>&1 || skip "see $out/disk.log"

# ---- an initramfs that finds the disk ----

rm -rf "$root"
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/root"
cp "$busybox" "$root/bin/busybox"
copy_modules "$root" virtio_pci virtio_blk crc32c_generic ext4
cat >"$root/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in virtio_pci virtio_blk crc32c_generic ext4; do modprobe $module; done
until [ -b /dev/vda ]; do usleep 50000; done
mount -t ext4 /dev/vda /root
exec switch_root /root /sbin/init
END
chmod +x "$root/init"
pack_initramfs

rm -f "$out/console.log"
say "Booting Linux $release with systemd …"
timeout "$patience" qemu-system-x86_64 -accel tcg -cpu max -m 1024 -nodefaults -no-reboot -display none \
	-kernel "$out/kernel/boot/vmlinuz-$release" -initrd "$out/initramfs.gz" \
	-append 'console=ttyS0 quiet loglevel=3 panic=-1 systemd.show_status=no' \
	-drive file="$out/disk",format=raw,if=virtio,cache=unsafe \
	-serial "file:$out/console.log" </dev/null >"$out/qemu.log" 2>&1 ||
	say "qemu ended with $?: see $out/qemu.log"
report
