# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmarks of a whole system: one program of each width, in an initramfs with what it runs.

BSYS		:= $(BENCH_DIR)/system
BSYS_OUT	:= $(B)/bench/sys
BSYS_CFLAGS	:= -std=gnu11 -O2 -static $(WARNINGS)
BSYS_SOURCES	:= $(addprefix $(BSYS)/,main.c calls.c processes.c switch.c files.c memory.c)

define BSYS_WIDTH
$(BSYS_OUT)/bench$(1): $(BSYS_SOURCES) $(BSYS)/measure.h $(BSYS)/build.mk | $(DEPS_STAMP)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CC) -m$(1) $(BSYS_CFLAGS) -o $$@ $(BSYS_SOURCES)

$(BSYS_OUT)/%$(1): $(BSYS)/%.c $(BSYS)/build.mk | $(DEPS_STAMP)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CC) -m$(1) $(BSYS_CFLAGS) -o $$@ $$<

$(B)/bench/system-$(1).cpio: $(BSYS_OUT)/bench$(1) $(BSYS_OUT)/hello$(1) $(BSYS_OUT)/sh$(1)
	$$(call say,CPIO,$$@)
	$$(Q)rm -rf $(BSYS_OUT)/tree$(1) && mkdir -p $(BSYS_OUT)/tree$(1)/bin $(BSYS_OUT)/tree$(1)/dev
	$$(Q)cd $(BSYS_OUT) && cp bench$(1) tree$(1)/init && cp hello$(1) tree$(1)/bin/hello && \
		cp sh$(1) tree$(1)/bin/sh
	$$(Q)(cd $(BSYS_OUT)/tree$(1) && find . | cpio -o -H newc --quiet -R 0:0) > $$@.new
	$$(Q)rm -rf $(BSYS_OUT)/tree$(1) && mv $$@.new $$@
endef
$(foreach w,32 64,$(eval $(call BSYS_WIDTH,$(w))))

.PHONY: bench-system
# BENCH_SYSTEM_OPTIONS: see tests/bench/system/run --help
bench-system: deps bench-hypervisor $(B)/system/vmlinux $(SYS)/xen $(B)/bench/system-64.cpio $(B)/bench/system-32.cpio
	$(Q)$(BSYS)/run $(BENCH_SYSTEM_OPTIONS)
