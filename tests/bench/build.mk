# SPDX-License-Identifier: GPL-2.0-only
#
# Measuring: see README.md. The guests use the runtime of the guest tests; the hypervisor measured is
# built without assertions, beside the one that is tested.

BENCH_DIR	:= tests/bench
BENCH_ELFS	:= $(B)/bench/ops-pv32.elf $(B)/bench/ops-pv64.elf

define BENCH_WIDTH
$(B)/bench/ops-$(1).elf: $(BENCH_DIR)/ops/main.c $(BENCH_DIR)/ops/measure.h $(BENCH_DIR)/ops/entry.S $(call guest-lib,$(1)) \
		$(B)/guest/lib-$(1)/notes.o $(B)/guest/lib-$(1)/guest.lds $(GUEST_HEADERS) $(BENCH_DIR)/build.mk
	@mkdir -p $(B)/bench/obj
	$$(Q)$(CC) $(GUEST_CFLAGS) $(GUEST_$(1)) -c -o $(B)/bench/obj/main-$(1).o $(BENCH_DIR)/ops/main.c
	$$(Q)$(CC) $(filter-out -std=%,$(GUEST_CFLAGS)) $(GUEST_$(1)) -D__ASSEMBLY__ -c \
		-o $(B)/bench/obj/entry-$(1).o $(BENCH_DIR)/ops/entry.S
	$$(Q)printf 'const char *const test_name = "bench";\n' | \
		$(CC) -O2 $(GUEST_$(1)) -fno-pic -include stddef.h -x c -c -o $(B)/bench/obj/name-$(1).o -
	$$(Q)ld -m $(GUEST_LD$(1)) -nostdlib --no-warn-rwx-segments -z noexecstack -z max-page-size=4096 \
		--build-id=none -T $(B)/guest/lib-$(1)/guest.lds -o $$@ $(B)/bench/obj/main-$(1).o \
		$(B)/bench/obj/entry-$(1).o $(B)/bench/obj/name-$(1).o $(call guest-lib,$(1)) \
		$(B)/guest/lib-$(1)/notes.o
endef
$(foreach w,pv32 pv64,$(eval $(call BENCH_WIDTH,$(w))))

.PHONY: bench check-bench bench-hypervisor
bench-hypervisor:
	$(Q)$(MAKE) --no-print-directory B=$(B)/bench/release DEBUG=0 $(B)/bench/release/trine

# BENCH_OPTIONS: see tests/bench/run --help
bench: deps bench-hypervisor $(BENCH_ELFS) $(SYS)/xen
	$(Q)$(BENCH_DIR)/run $(BENCH_OPTIONS)

# The quick part: Trine alone, against the committed figures.
check-bench: bench-hypervisor $(BENCH_ELFS)
	$(Q)$(BENCH_DIR)/run --check

-include tests/bench/system/build.mk
