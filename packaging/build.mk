# SPDX-License-Identifier: GPL-2.0-only
#
# Putting Trine on a Debian (install, uninstall), and a Debian with Trine to try (run).
#
#	make install [DESTDIR=dir]	then, on this machine, update-grub and the ELF of each kernel
#	make uninstall [DESTDIR=dir]
#	make run [ACCEL=kvm] [UEFI=1]	a disk image with Debian and Trine, in QEMU

TRINE_VERSION	?= 0.1
DESTDIR		?=
prefix		?= /usr

BOOTDIR		:= $(DESTDIR)/boot
SBINDIR		:= $(DESTDIR)$(prefix)/sbin
MANDIR		:= $(DESTDIR)$(prefix)/share/man
COMPLETIONS	:= $(DESTDIR)$(prefix)/share/bash-completion/completions
GRUBD		:= $(DESTDIR)/etc/grub.d
HOOKS		:= $(DESTDIR)/etc/kernel
PKG		:= packaging

.PHONY: install install-kernels uninstall run image

install: $(B)/trine $(B)/trine-syms $(B)/dom0-tools/trine
	$(Q)install -d $(BOOTDIR) $(SBINDIR) $(MANDIR)/man1 $(COMPLETIONS) $(GRUBD) \
		$(HOOKS)/postinst.d $(HOOKS)/postrm.d $(DESTDIR)/etc/trine
	$(Q)install -m 0644 $(B)/trine $(BOOTDIR)/trine-$(TRINE_VERSION).elf
	$(Q)install -m 0644 $(B)/trine-syms $(BOOTDIR)/trine-syms-$(TRINE_VERSION)
	$(Q)install -m 0755 $(B)/dom0-tools/trine $(SBINDIR)/trine
	$(Q)install -m 0755 $(PKG)/trine-extract-kernel $(SBINDIR)/trine-extract-kernel
	$(Q)gzip -9nc dom0-tools/man/trine.1 > $(MANDIR)/man1/trine.1.gz
	$(Q)gzip -9nc $(PKG)/trine-extract-kernel.1 > $(MANDIR)/man1/trine-extract-kernel.1.gz
	$(Q)install -m 0644 dom0-tools/completion/trine $(COMPLETIONS)/trine
	$(Q)install -m 0755 $(PKG)/grub/21_linux_trine $(GRUBD)/21_linux_trine
	$(Q)install -m 0755 $(PKG)/kernel-hooks/postinst $(HOOKS)/postinst.d/trine
	$(Q)install -m 0755 $(PKG)/kernel-hooks/postrm $(HOOKS)/postrm.d/trine
	$(Q)if [ ! -e $(DESTDIR)/etc/trine/demo.cfg ]; then \
		install -m 0644 $(PKG)/demo.cfg $(DESTDIR)/etc/trine/demo.cfg; fi
	$(Q)for image in $(BOOTDIR)/vmlinuz-*; do \
		elf=$(BOOTDIR)/trine-vmlinux-$${image##*/vmlinuz-}; \
		if [ -e "$$image" ] && [ ! "$$elf" -nt "$$image" ]; then \
			echo "  UNPACK  $$elf"; $(PKG)/trine-extract-kernel $$image $$elf; fi; done
	$(Q)if [ -z "$(DESTDIR)" ] && command -v update-grub >/dev/null; then update-grub; fi

uninstall:
	$(Q)rm -f $(BOOTDIR)/trine-*.elf $(BOOTDIR)/trine-syms-* $(BOOTDIR)/trine-vmlinux-* \
		$(SBINDIR)/trine $(SBINDIR)/trine-extract-kernel \
		$(MANDIR)/man1/trine.1.gz $(MANDIR)/man1/trine-extract-kernel.1.gz \
		$(COMPLETIONS)/trine $(GRUBD)/21_linux_trine \
		$(HOOKS)/postinst.d/trine $(HOOKS)/postrm.d/trine \
		$(DESTDIR)/etc/trine/demo.cfg
	$(Q)if [ -d $(DESTDIR)/etc/trine ]; then rmdir --ignore-fail-on-non-empty $(DESTDIR)/etc/trine; fi
	$(Q)if [ -z "$(DESTDIR)" ] && command -v update-grub >/dev/null; then update-grub; fi

# ---- a Debian to try it on -------------------------------------------------------------------

DEBIAN_ROOT	:= $(B)/debian-root.tar
IMAGE		:= $(B)/debian.img

image: $(IMAGE)

$(DEBIAN_ROOT): $(PKG)/run/debian-root | $(DEPS_STAMP)
	$(call say,DEBIAN,$@ (packages from the mirror; a minute or two))
	$(Q)$(PKG)/run/debian-root $@

# What /etc/trine/ring1-linux.cfg starts: the kernel of pv-guest-patches/, and busybox.
RING1		:= $(B)/guest-kernel

$(RING1)/busybox.cpio.gz: $(PKG)/run/busybox-initramfs $(PKG)/run/busybox-init $(RING1)/debian-i386.tar
	$(call say,CPIO,$@)
	$(Q)$< $(RING1)/debian-i386.tar $@

# The image takes them when they are there: `make run` and `make check` see to that first.
.PHONY: ring1-demo
ring1-demo: guest-kernel $(RING1)/busybox.cpio.gz
$(IMAGE): $(wildcard $(RING1)/.made-from $(RING1)/busybox.cpio.gz)
$(IMAGE): $(DEBIAN_ROOT) $(B)/trine $(B)/trine-syms $(B)/dom0-tools/trine \
	  $(wildcard $(PKG)/grub/* $(PKG)/kernel-hooks/* $(PKG)/run/*) $(PKG)/demo.cfg \
	  $(PKG)/trine-extract-kernel $(PKG)/build.mk dom0-tools/man/trine.1 dom0-tools/completion/trine
	$(call say,IMAGE,$@)
	$(Q)$(PKG)/run/make-image $(DEBIAN_ROOT) $@ "$(MAKE)" $(RING1)

# All that is needed comes first: `make run` alone on a fresh clone.
run: deps
	$(Q)$(MAKE) --no-print-directory all
	-$(Q)$(MAKE) --no-print-directory ring1-demo
	$(Q)$(MAKE) --no-print-directory $(IMAGE)
	$(Q)$(PKG)/run/start $(IMAGE)
