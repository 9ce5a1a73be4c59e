# SPDX-License-Identifier: GPL-2.0-only
#
# Unit tests: the rooms' own sources, compiled for Linux, under ASan and UBSan.
#
# Every tests/unit/<room>/*_test.c (or test_*.c) is one program. Its head says what it is made of:
#
#   // sources: paging/type.c mem/frame.c       files of hypervisor/, else of tests/unit/, else of
#                                              the whole tree
#   // libs: -lxenctrl                          more libraries, if any
#   // flags: -DX                               more compiler flags for this test's own file, if any
#
# lib/, what of cpu/ and mem/ runs anywhere, and the fakes (tests/unit/fakes/) stand in a library: they
# are linked where they are needed and the program has nothing of the same name.

UNIT		:= $(B)/unit
# The tool's own tests are built by dom0-tools/build.mk, against its own libraries.
UNIT_TESTS	:= $(filter-out tests/unit/tools/%,$(sort $(wildcard tests/unit/*/*_test.c tests/unit/*/test_*.c)))
UNIT_PROGRAMS	:= $(patsubst tests/unit/%.c,$(UNIT)/%,$(UNIT_TESTS)) $(TOOL_TESTS)
UNIT_CC		?= $(HOSTCC)
UNIT_SANITIZE	?= -fsanitize=address,undefined -fno-sanitize-recover=undefined
UNIT_CFLAGS	:= -std=gnu11 -g -O1 $(WARNINGS) -Wno-missing-prototypes $(UNIT_SANITIZE) \
		   -fno-omit-frame-pointer -fno-strict-aliasing -DDEBUG -DHCALL_UNITS_BETWEEN_LOOKS=1 -D__XEN_TOOLS__=1 -MMD -MP
# Ours in front of the real ones: a fake cpu/, and a layout.h whose windows Linux lets us have.
UNIT_INC	:= -Itests/unit/fakes -I$(UNIT)/include -Ihypervisor -Iinclude -Itests/unit

UNIT_LIB_SRC	:= $(filter-out hypervisor/lib/string.c,$(wildcard hypervisor/lib/*.c)) \
		   $(addprefix hypervisor/,cpu/lock.c cpu/softirq.c cpu/tlb.c \
		     mem/alloc.c mem/boot_alloc.c mem/heap.c mem/e820.c) \
		   $(wildcard tests/unit/fakes/*.c tests/unit/fakes/*/*.c)
UNIT_LIB_OBJ	:= $(patsubst %.c,$(UNIT)/obj/%.o,$(UNIT_LIB_SRC))

$(UNIT)/include/mem/layout.h: hypervisor/mem/layout.h
	$(Q)mkdir -p $(@D)
	$(Q)sed -E 's/^(#define (FRAMETABLE_START|DIRECTMAP_START|DIRECTMAP_END|M2P_RW_START|M2P32_RW_START)[[:space:]]+0x)ffff8/\100001/' \
		$< > $@

$(UNIT)/obj/%.o: %.c | $(UNIT)/include/mem/layout.h
	$(call say,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(UNIT_CC) $(UNIT_CFLAGS) $(UNIT_INC) -c -o $@ $<

$(UNIT)/libhost.a: $(UNIT_LIB_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^

# $(call unit-find,x.c): where a source named in a test's head is.
unit-find	= $(firstword $(wildcard hypervisor/$1 tests/unit/$1 $1) hypervisor/$1)

define unit-program
$(UNIT)/$1: UNIT_LIBS := $(shell sed -n 's|^// libs:||p' tests/unit/$1.c)
$(UNIT)/obj/tests/unit/$1.o: UNIT_CFLAGS += $(shell sed -n 's|^// flags:||p' tests/unit/$1.c)
$(UNIT)/$1: $(UNIT)/obj/tests/unit/$1.o \
	$(foreach s,$(shell sed -n 's|^// sources:||p' tests/unit/$1.c),$(patsubst %.c,$(UNIT)/obj/%.o,$(call unit-find,$s))) \
	$(UNIT)/libhost.a
	$$(call say,HOSTLD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(UNIT_CC) $(UNIT_SANITIZE) -o $$@ $$^ $$(UNIT_LIBS) -lcmocka
endef
$(foreach t,$(patsubst tests/unit/%.c,%,$(UNIT_TESTS)),$(eval $(call unit-program,$t)))

# One failing to build fails alone: the others are still run.
.PHONY: check-unit
check-unit: deps
	$(Q)$(MAKE) --no-print-directory -k -s $(UNIT_PROGRAMS) || true
	$(Q)tests/unit/run $(UNIT_PROGRAMS)

-include $(shell find $(UNIT) -name '*.d' 2>/dev/null)
