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

# Only for the guest kernel (`make guest-kernel`) and the Debian it boots to.
DEPS_KERNEL	:= linux-source-6.1 gcc make flex bison bc libelf-dev libssl-dev xz-utils cpio kmod rsync \
		   quilt patch ccache perl gcc-multilib mmdebstrap arch-test qemu-user-static e2fsprogs \
		   dpkg-dev python3

DEPS_MK		:= $(lastword $(MAKEFILE_LIST))
DEPS_STAMP	:= $(B)/.deps
DEPS_KERNEL_STAMP := $(B)/.deps-kernel

.PHONY: deps deps-kernel
deps: $(DEPS_STAMP)
deps-kernel: $(DEPS_KERNEL_STAMP)

$(DEPS_STAMP): DEPS := $(DEPS_BUILD) $(DEPS_TEST)
$(DEPS_KERNEL_STAMP): DEPS := $(DEPS_KERNEL)

$(DEPS_STAMP) $(DEPS_KERNEL_STAMP): $(DEPS_MK)
	$(Q)mkdir -p $(@D)
	$(Q)missing=$$(dpkg-query -W -f '$${Package} $${Status}\n' $(DEPS) 2>/dev/null | \
		awk '/ok installed/ { print $$1 }' | sort -u > $@.have; \
		printf '%s\n' $(DEPS) | sort -u | comm -23 - $@.have); rm -f $@.have; \
	if [ -n "$$missing" ]; then \
		echo "installing from Debian:" $$missing; \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -q --no-install-recommends $$missing; \
	fi
	$(Q)touch $@
