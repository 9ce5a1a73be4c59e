# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian packages that building, testing and running Trine needs. `make deps` installs those
# that are missing and does nothing, quickly, when none is.

DEPS_BUILD	:= gcc make libxen-dev libjson-c-dev zlib1g-dev liblzma-dev libzstd-dev liblz4-dev \
		   pkg-config
DEPS_TEST	:= clang clang-format libcmocka-dev libclang-rt-14-dev gcc-multilib \
		   qemu-system-x86 ovmf xen-utils-4.17 xen-utils-common xenstore-utils \
		   grub-pc-bin grub-efi-amd64-bin grub-common grub-xen-host mtools xorriso mmdebstrap \
		   busybox-static cpio linux-image-amd64 dosfstools e2fsprogs \
		   xz-utils zstd lz4 kmod fdisk python3

DEPS_STAMP	:= $(B)/.deps

.PHONY: deps
deps: $(DEPS_STAMP)

$(DEPS_STAMP): deps.mk
	$(Q)mkdir -p $(@D)
	$(Q)missing=$$(dpkg-query -W -f '$${Package} $${Status}\n' $(DEPS_BUILD) $(DEPS_TEST) 2>/dev/null | \
		awk '/ok installed/ { print $$1 }' | sort > $@.have; \
		printf '%s\n' $(DEPS_BUILD) $(DEPS_TEST) | sort | comm -23 - $@.have); rm -f $@.have; \
	if [ -n "$$missing" ]; then \
		echo "installing from Debian:" $$missing; \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -q --no-install-recommends $$missing; \
	fi
	$(Q)touch $@
