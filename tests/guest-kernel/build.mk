# SPDX-License-Identifier: GPL-2.0-only
#
# The guest kernel (pv-guest-patches/) and the 32-bit Debian it boots to. See README.md.
#
#	make guest-kernel		build/guest-kernel/{vmlinux,bzImage,modules.tar}
#	make guest-userland		the disk image with Debian i386 and the tests in it
#	make check-guest-kernel		everything that is tested about it; long
#	make check-guest-kernel CASES="10-ring1 90-native"

GK		:= tests/guest-kernel
GKB		:= $(B)/guest-kernel
GK_PROGRAMS	:= $(patsubst $(GK)/programs/%.c,$(GKB)/programs/%,$(wildcard $(GK)/programs/*.c))
GK_CASES	?= $(sort $(basename $(notdir $(wildcard $(GK)/cases/*.case))))

.PHONY: guest-kernel guest-userland check-guest-kernel
guest-kernel: $(GKB)/.made-from
guest-userland: $(GKB)/userland.img

# Asked every time, answered at once when nothing has changed; make then looks at the file's time.
.PHONY: ask-guest-kernel
$(GKB)/.made-from: ask-guest-kernel
	$(Q)$(MAKE) --no-print-directory -C pv-guest-patches ring1
$(GKB)/unpatched/.made-from: ask-guest-kernel
	$(Q)$(MAKE) --no-print-directory -C pv-guest-patches unpatched
$(GKB)/x86_64/.made-from: ask-guest-kernel
	$(Q)$(MAKE) --no-print-directory -C pv-guest-patches x86_64

# i386 without position independence: the assembly in them names variables by their addresses.
$(GKB)/programs/%: $(GK)/programs/%.c $(GK)/programs/test.h $(GK)/build.mk | $(DEPS_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -m32 -no-pie -msse2 -std=gnu11 -O2 $(WARNINGS) -o $@ $< -lpthread

$(GKB)/debian-i386.tar: $(GK)/debian-i386 | $(DEPS_KERNEL_STAMP)
	$(call say,DEBIAN,$@ (packages from the mirror; a minute or two))
	$(Q)mkdir -p $(@D)
	$(Q)$(GK)/debian-i386 $@

GK_IMAGE_FILES	:= $(GK)/make-image $(wildcard $(GK)/scripts/*) $(shell find $(GK)/root -type f)

$(GKB)/userland.img: $(GKB)/debian-i386.tar $(GKB)/.made-from $(GK_PROGRAMS) $(GK_IMAGE_FILES)
	$(call say,IMAGE,$@)
	$(Q)$(GK)/make-image $@ $< $(GKB)/programs $(GKB)/modules.tar

# The long tests' image: the modules of all three kernels, and Linux's own tests.
$(GKB)/selftests/.made: $(GKB)/.made-from $(GK)/make-selftests $(GK)/selftests.txt
	$(call say,CC,$(@D) (its own tests; minutes))
	$(Q)$(GK)/make-selftests $(GKB)/source $(@D)
	$(Q)cp $(GK)/selftests.txt $(@D)/ && touch $@

$(GKB)/userland-long.img: $(GKB)/debian-i386.tar $(GKB)/.made-from $(GKB)/unpatched/.made-from \
		$(GKB)/x86_64/.made-from $(GKB)/selftests/.made $(GK_PROGRAMS) $(GK_IMAGE_FILES)
	$(call say,IMAGE,$@)
	$(Q)$(GK)/make-image $@ $< $(GKB)/programs $(GKB)/modules.tar $(GKB)/unpatched/modules.tar \
		$(GKB)/x86_64/modules.tar $(GKB)/selftests

check-guest-kernel: $(HYPERVISOR) $(TOOLS_TARGETS) $(SYS_INPUTS) $(GKB)/userland.img $(GKB)/userland-long.img
	$(Q)$(SYS_HERE)/run cases --hypervisor $(HYPERVISOR) \
		$(foreach c,$(if $(filter command line,$(origin CASES)),$(CASES),$(GK_CASES)),$(wildcard $(GK)/cases/$(c).case))
