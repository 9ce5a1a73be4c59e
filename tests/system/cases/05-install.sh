#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Installing and its undoing, and the unpacking of kernels, on this machine's own file system.

set -u

cd "$(dirname "$0")/../../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dest=$work/dest

verdict()	# NAME WHY-IT-FAILED
{
	if [ -z "$2" ]; then echo "PASS 05-install/$1"; else echo "FAIL 05-install/$1: $2"; fi
}

# A machine with one kernel, packed as Debian packs kernels.
mkdir -p "$dest/boot" "$dest/etc/default"
elf=/usr/lib/grub-xen/grub-x86_64-xen.bin
tests/system/pack-kernels $elf "$work/packed"
cp "$work/packed/zstd.bzimage" "$dest/boot/vmlinuz-6.0-test"
(cd "$dest" && find . | sort) > "$work/before"

why=
${MAKE:-make} --no-print-directory install DESTDIR="$dest" > "$work/log" 2>&1 || why=$(tail -n 3 "$work/log")
for file in boot/trine-*.elf usr/sbin/trine usr/sbin/trine-extract-kernel etc/trine/demo.cfg \
	    etc/grub.d/21_linux_trine etc/kernel/postinst.d/trine etc/kernel/postrm.d/trine \
	    usr/share/man/man1/trine.1.gz usr/share/bash-completion/completions/trine; do
	ls "$dest"/$file > "$work/ls" 2>&1 || why="$why no $file"
done
verdict "make install puts everything where Debian expects it" "$why"

why=
cmp -s $elf "$dest/boot/trine-vmlinux-6.0-test" || why="/boot/trine-vmlinux-6.0-test is not the kernel"
verdict "make install keeps the ELF of the kernels that are there" "$why"

why=
for packed in "$work"/packed/*.bzimage "$work/packed/gzip.bzimage"; do
	packaging/trine-extract-kernel "$packed" "$work/out" 2> "$work/log" || why="$packed: $(cat "$work/log")"
	cmp -s $elf "$work/out" || why="$why; ${packed##*/} came out wrong"
done
verdict "trine-extract-kernel unpacks gzip, xz, zstd and lz4" "$why"

why=
head -c 20000 "$work/packed/xz.bzimage" > "$work/vmlinuz-cut"
for bad in /etc/passwd "$work/vmlinuz-cut" "$work/none"; do
	rm -f "$work/out"
	if packaging/trine-extract-kernel "$bad" "$work/out" > "$work/log" 2>&1; then
		why="$bad was taken"
	elif [ "$(wc -l < "$work/log")" != 1 ] || [ -e "$work/out" ] || [ -e "$work/out.new" ]; then
		why="$bad: $(cat "$work/log")"
	fi
done
verdict "trine-extract-kernel refuses what is no kernel, in one line, leaving nothing" "$why"

why=
${MAKE:-make} --no-print-directory uninstall DESTDIR="$dest" > "$work/log" 2>&1 || why=$(tail -n 3 "$work/log")
left=$(cd "$dest" && find . -not -type d | sort | comm -13 <(grep -v '/$' "$work/before") -)
[ -z "$left" ] || why="$why left: $left"
verdict "make uninstall leaves nothing" "$why"
