# SPDX-License-Identifier: GPL-2.0-only
#
# Test kernels: one folder, one main.c, one binary for each width. See README.md.

GUEST_DIR	:= tests/guest
GUEST_LIB	:= $(GUEST_DIR)/lib
GUEST_TESTS	:= $(sort $(patsubst $(GUEST_DIR)/%/main.c,%,$(wildcard $(GUEST_DIR)/*/main.c)))

# A folder with a file `only` names the one width it is for, and why.
guest-widths	= $(if $(wildcard $(GUEST_DIR)/$(1)/only),$(firstword $(file <$(GUEST_DIR)/$(1)/only)),pv32 pv64)
GUEST_ELFS	:= $(foreach t,$(GUEST_TESTS),$(foreach w,$(call guest-widths,$(t)),$(B)/guest/$(t)-$(w).elf))

GUEST_CFLAGS	:= -std=gnu11 -O2 -g $(WARNINGS) -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
		   -fno-strict-aliasing -fno-asynchronous-unwind-tables -fcf-protection=none -fno-builtin \
		   -mgeneral-regs-only -D__XEN_INTERFACE_VERSION__=0x00040e00 -D__XEN_TOOLS__ -I$(GUEST_LIB)
GUEST_pv32	:= -m32 -march=i686
GUEST_pv64	:= -m64 -mno-red-zone -mcmodel=kernel
GUEST_LDpv32	:= elf_i386
GUEST_LDpv64	:= elf_x86_64

GUEST_HEADERS	:= $(wildcard $(GUEST_LIB)/*.h include/trine/selftest.h)
guest-lib	= $(addprefix $(B)/guest/lib-$(1)/,boot.o print.o hypercall.o trap.o mm.o event.o other.o \
		  $(if $(filter pv32,$(1)),start_32.o,start_64.o))

define GUEST_WIDTH
$(B)/guest/lib-$(1)/%.o: $(GUEST_LIB)/%.c $(GUEST_HEADERS) $(GUEST_DIR)/build.mk
	@mkdir -p $$(@D)
	$$(Q)$(CC) $(GUEST_CFLAGS) $(GUEST_$(1)) -c -o $$@ $$<

$(B)/guest/lib-$(1)/%.o: $(GUEST_LIB)/%.S $(GUEST_HEADERS) $(GUEST_DIR)/build.mk
	@mkdir -p $$(@D)
	$$(Q)$(CC) $(filter-out -std=%,$(GUEST_CFLAGS)) $(GUEST_$(1)) -D__ASSEMBLY__ -c -o $$@ $$<

$(B)/guest/lib-$(1)/guest.lds: $(GUEST_LIB)/guest.lds.S $(GUEST_HEADERS)
	@mkdir -p $$(@D)
	$$(Q)$(CC) -E -P -x assembler-with-cpp -D__ASSEMBLY__ -fno-pic $(GUEST_$(1)) -I$(GUEST_LIB) -o $$@ $$<

$(B)/guest/%-$(1).elf: $(GUEST_DIR)/%/main.c $$(call guest-lib,$(1)) $(B)/guest/lib-$(1)/notes.o \
		$(B)/guest/lib-$(1)/guest.lds $(GUEST_HEADERS)
	@mkdir -p $(B)/guest/obj
	$$(Q)$(CC) $(GUEST_CFLAGS) $(GUEST_$(1)) -c -o $(B)/guest/obj/$$*-$(1).o $$<
	$$(Q)printf 'const char *const test_name = "%s";\n' $$* | \
		$(CC) -O2 $(GUEST_$(1)) -fno-pic -include stddef.h -x c -c -o $(B)/guest/obj/$$*-$(1)-name.o -
	$$(Q)$(if $(V:0=),echo,true) LD $$@
	$$(Q)set -e; notes=$(B)/guest/lib-$(1)/notes.o; \
	if [ -f $(GUEST_DIR)/$$*/notes.S ]; then \
		notes=$(B)/guest/obj/$$*-$(1)-notes.o; \
		$(CC) $(GUEST_$(1)) -fno-pic -D__ASSEMBLY__ -I$(GUEST_LIB) -c -o $$$$notes $(GUEST_DIR)/$$*/notes.S; \
	fi; \
	ld -m $(GUEST_LD$(1)) -nostdlib --no-warn-rwx-segments -z noexecstack -z max-page-size=4096 --build-id=none \
		-T $(B)/guest/lib-$(1)/guest.lds -o $$@ $(B)/guest/obj/$$*-$(1).o $(B)/guest/obj/$$*-$(1)-name.o \
		$(call guest-lib,$(1)) $$$$notes
endef
$(foreach w,pv32 pv64,$(eval $(call GUEST_WIDTH,$(w))))

.PHONY: guest-tests check-guest
.SECONDARY:
guest-tests: $(GUEST_ELFS)

check-guest: guest-tests $(B)/trine
	$(Q)$(GUEST_DIR)/run
