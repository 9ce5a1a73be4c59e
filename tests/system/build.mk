# SPDX-License-Identifier: GPL-2.0-only
#
# System tests: a real machine (QEMU), a real Debian kernel and Debian's own daemons.
#
#	make dom0-initramfs		what a -kernel boot needs: build/system/vmlinux and dom0.cpio
#	tests/system/run shell		boot build/trine with them, to dom0's shell on this terminal
#	tests/system/run until dom0-ready --timeout 60
#					the same, unattended: shows the console, ends when dom0 is up
#	make dom0-i386-initramfs	build/system/dom0-i386.cpio: the control domain in ring 1
#	make check-system		all cases
#	make check-system CASES=20-guests	one of them
#	HYPERVISOR=file			boots another hypervisor with the same images

SYS		:= $(B)/system
SYS_HERE	:= tests/system

# The newest kernel of which both the image and the modules are installed. Asked when it is needed:
# before `make deps` there may be none.
DEBIAN_KERNEL	= $(shell ls /boot 2>/dev/null | sed -n 's/^vmlinuz-\(.*-amd64\)$$/\1/p' | sort -V | \
			while read -r v; do [ -d /lib/modules/$$v ] && echo $$v; done | tail -n 1)

CASES		?= $(sort $(basename $(notdir $(wildcard $(SYS_HERE)/cases/*.case $(SYS_HERE)/cases/*.sh))))

.PHONY: dom0-initramfs check-system bench-boot
dom0-initramfs: $(SYS)/dom0.cpio $(SYS)/vmlinux

$(SYS)/vmlinux: packaging/trine-extract-kernel | $(DEPS_STAMP)
	$(call say,UNPACK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)packaging/trine-extract-kernel /boot/vmlinuz-$(DEBIAN_KERNEL) $@

SYS_DOM0_FILES	:= $(wildcard $(SYS_HERE)/dom0/* $(SYS_HERE)/guests/* $(SYS_HERE)/guests/bad/*)

$(SYS)/free-frames: $(SYS_HERE)/dom0/free-frames.c | $(DEPS_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 $(WARNINGS) -o $@ $< -lxenctrl

$(SYS)/dom0-base.cpio: $(SYS_HERE)/dom0-initramfs $(SYS_HERE)/pack-kernels $(SYS_HERE)/make-bzimage $(SYS)/free-frames $(SYS_DOM0_FILES) | $(DEPS_STAMP)
	$(call say,CPIO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(SYS_HERE)/dom0-initramfs $(DEBIAN_KERNEL) $@ $(SYS)/free-frames

# The tool is a second archive behind the first (Linux unpacks one after the other), so that a
# change to it costs nothing, and so that the hypervisor can be tried before the tool exists.
$(SYS)/dom0.cpio: $(SYS)/dom0-base.cpio $(wildcard $(B)/dom0-tools/trine)
	$(call say,CPIO,$@)
	$(Q)rm -rf $(SYS)/tool && mkdir -p $(SYS)/tool/usr/sbin
	$(Q)if [ -e $(B)/dom0-tools/trine ]; then cp $(B)/dom0-tools/trine $(SYS)/tool/usr/sbin/; \
		ldd $(B)/dom0-tools/trine | awk '$$3 ~ /^\// { print $$3 }' | \
		xargs -I{} install -D {} $(SYS)/tool{}; fi
	$(Q)(cat $<; cd $(SYS)/tool && find . -mindepth 1 | cpio -o -H newc --quiet -R 0:0) > $@.new
	$(Q)rm -rf $(SYS)/tool && mv $@.new $@

# ---- a control domain in ring 1: everything in it is 32-bit ----
#
# Debian has i386 libraries, but its Xen tools for 64 bits only: they are compiled here, and the
# trine command against them. See i386/.

S32		:= $(SYS)/i386
S32_ROOT	:= $(S32)/sysroot
S32_XEN		:= $(S32_ROOT)/usr/src/xen/tools
S32_CC		:= ccache gcc -m32 -march=i686 --sysroot=$(abspath $(S32_ROOT))
S32_TRINE_OBJ	:= $(TOOL_SRC:dom0-tools/%.c=$(S32)/trine/%.o)

$(S32)/.sysroot: $(SYS_HERE)/i386/sysroot | $(DEPS_KERNEL_STAMP)
	$(call say,DEBIAN,$(S32_ROOT) (i386 packages and the source of Xen from the mirror; minutes))
	$(Q)mkdir -p $(@D)
	$(Q)$< $(S32_ROOT) && touch $@

$(S32)/tools/libxen.a: $(SYS_HERE)/i386/xen-tools $(S32)/.sysroot
	$(call say,XEN,$(@D) (daemons and libraries for i386; a minute or two))
	$(Q)$< $(S32_ROOT) $(@D)

$(S32)/trine/%.o: dom0-tools/%.c dom0-tools/build.mk $(S32)/tools/libxen.a
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(S32_CC) $(TOOL_CFLAGS) -I$(S32_XEN)/include -MMD -MP -c -o $@ $<

# The whole archive: kernels' loaders make themselves known when the program starts, nobody names them.
$(S32)/tools/trine: $(S32_TRINE_OBJ) $(S32)/tools/libxen.a
	$(call say,LD,$@)
	$(Q)$(S32_CC) -static -Wl,--gc-sections -o $@ $(S32_TRINE_OBJ) \
		-Wl,--whole-archive $(S32)/tools/libxen.a -Wl,--no-whole-archive \
		-ljson-c -lz -llzma -lzstd -llz4

-include $(S32_TRINE_OBJ:.o=.d)

S32_GUESTS	:= /usr/lib/grub-xen/grub-i386-xen.bin=/guests/grub-i386-xen.bin \
		   /usr/lib/grub-xen/grub-x86_64-xen.bin=/guests/grub-x86_64-xen.bin \
		   $(B)/guest-kernel/bzImage=/guests/ring1 $(B)/guest-kernel/busybox.cpio.gz=/guests/busybox.cpio.gz \
		   $(foreach c,grub32 grub64 ring1-busybox,$(SYS_HERE)/guests/$(c).cfg=/guests/$(c).cfg)

$(SYS)/dom0-i386.cpio: $(SYS_HERE)/i386/initramfs $(S32)/tools/trine $(B)/guest-kernel/.made-from \
		$(B)/guest-kernel/busybox.cpio.gz $(SYS_DOM0_FILES)
	$(call say,CPIO,$@)
	$(Q)$< $(S32_ROOT) $(S32)/tools $(B)/guest-kernel/modules.tar $@ $(S32_GUESTS)

.PHONY: dom0-i386-initramfs
dom0-i386-initramfs: $(SYS)/dom0-i386.cpio

# What is on the disks dom0 is given, to see that it reads them.
$(SYS)/disk.img:
	$(Q)mkdir -p $(@D)
	$(Q)truncate -s 64M $@.new && printf 'trine test disk' | dd of=$@.new conv=notrunc status=none
	$(Q)mv $@.new $@

$(SYS)/acpi/endless-loader: $(SYS_HERE)/broken-acpi
	$(Q)$< $(@D)

SYS_INPUTS	:= $(SYS)/acpi/endless-loader $(SYS)/dom0.cpio $(SYS)/vmlinux $(SYS)/disk.img

HYPERVISOR	?= $(B)/trine

# A guest kernel that does not build costs its own case, not all of them.
check-system: $(HYPERVISOR) $(TOOLS_TARGETS) $(SYS_INPUTS)
	-$(Q)$(MAKE) --no-print-directory guest-userland ring1-demo dom0-i386-initramfs
	$(Q)$(MAKE) --no-print-directory $(B)/debian.img
	$(Q)$(SYS_HERE)/run cases --hypervisor $(HYPERVISOR) \
		$(foreach c,$(CASES),$(wildcard $(SYS_HERE)/cases/$(c).case $(SYS_HERE)/cases/$(c).sh))

# Debian's Xen, for comparison only: taken out of its package, not installed.
XEN_PACKAGE	:= xen-hypervisor-4.17-amd64

$(SYS)/xen:
	$(Q)mkdir -p $(@D)
	$(Q)cd $(@D) && rm -f $(XEN_PACKAGE)_*.deb && \
		{ apt-get download -q $(XEN_PACKAGE) || { apt-get update -q && apt-get download -q $(XEN_PACKAGE); }; } && \
		dpkg-deb --fsys-tarfile $(XEN_PACKAGE)_*.deb | \
		tar -xO ./boot/xen-4.17-amd64.gz | gzip -dc > xen.new && mv xen.new xen

ROUNDS		?= 3
bench-boot: $(HYPERVISOR) $(SYS)/xen $(SYS)/dom0.cpio $(SYS)/vmlinux
	$(Q)$(SYS_HERE)/bench-boot $(HYPERVISOR) $(SYS)/xen $(ROUNDS)
