# SPDX-License-Identifier: GPL-2.0-only
#
# Measuring: see README.md. The guests use the runtime of the guest tests; the hypervisor measured is
# built without assertions, beside the one that is tested.

BENCH_DIR	:= tests/bench
BENCH_KINDS	:= ops domains
BENCH_ELFS	:= $(foreach k,$(BENCH_KINDS),$(B)/bench/$(k)-pv32.elf $(B)/bench/$(k)-pv64.elf)
BENCH_HEADERS	:= $(wildcard $(BENCH_DIR)/*/*.h) $(GUEST_HEADERS) $(BENCH_DIR)/build.mk

# A guest is every C file of its folder, and the handlers of ops/.
bench-objects	= $(patsubst $(BENCH_DIR)/%.c,$(B)/bench/obj-$(2)/%.o,$(wildcard $(BENCH_DIR)/$(1)/*.c)) \
		  $(B)/bench/obj-$(2)/ops/entry.o $(B)/bench/obj-$(2)/name.o

define BENCH_WIDTH
$(B)/bench/obj-$(1)/%.o: $(BENCH_DIR)/%.c $(BENCH_HEADERS)
	@mkdir -p $$(@D)
	$$(Q)$(CC) $(GUEST_CFLAGS) $(GUEST_$(1)) -I$(BENCH_DIR)/ops -c -o $$@ $$<

$(B)/bench/obj-$(1)/%.o: $(BENCH_DIR)/%.S $(BENCH_HEADERS)
	@mkdir -p $$(@D)
	$$(Q)$(CC) $(filter-out -std=%,$(GUEST_CFLAGS)) $(GUEST_$(1)) -D__ASSEMBLY__ -c -o $$@ $$<

$(B)/bench/obj-$(1)/name.o: $(BENCH_DIR)/build.mk
	@mkdir -p $$(@D)
	$$(Q)printf 'const char *const test_name = "bench";\n' | \
		$(CC) -O2 $(GUEST_$(1)) -fno-pic -include stddef.h -x c -c -o $$@ -
endef
$(foreach w,pv32 pv64,$(eval $(call BENCH_WIDTH,$(w))))

define BENCH_GUEST
$(B)/bench/$(1)-$(2).elf: $(call bench-objects,$(1),$(2)) $(call guest-lib,$(2)) \
		$(B)/guest/lib-$(2)/notes.o $(B)/guest/lib-$(2)/guest.lds
	$$(Q)ld -m $(GUEST_LD$(2)) -nostdlib --no-warn-rwx-segments -z noexecstack -z max-page-size=4096 \
		--build-id=none -T $(B)/guest/lib-$(2)/guest.lds -o $$@ $$(filter %.o,$$^)
endef
$(foreach k,$(BENCH_KINDS),$(foreach w,pv32 pv64,$(eval $(call BENCH_GUEST,$(k),$(w)))))

.PHONY: bench check-bench bench-hypervisor
bench-hypervisor:
	$(Q)$(MAKE) --no-print-directory B=$(B)/bench/release DEBUG=0 $(B)/bench/release/trine

# BENCH_OPTIONS: see tests/bench/run --help
bench: deps bench-hypervisor $(BENCH_ELFS) $(SYS)/xen
	$(Q)CC=$(CC) $(BENCH_DIR)/run $(BENCH_OPTIONS)

$(B)/bench/test-classes: $(BENCH_DIR)/plugin/test-classes.c $(BENCH_DIR)/plugin/classes.h | $(DEPS_STAMP)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O1 -fsanitize=address $(WARNINGS) -o $@ $<

# The quick part: Trine alone, against the committed figures.
check-bench: bench-hypervisor $(BENCH_ELFS) $(B)/bench/test-classes
	$(Q)$(B)/bench/test-classes
	$(Q)CC=$(CC) $(BENCH_DIR)/run --check

-include tests/bench/system/build.mk
