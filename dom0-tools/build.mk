# SPDX-License-Identifier: GPL-2.0-only
#
# The trine command, and the unit tests of its own libraries.

TOOL_DIR	:= $(B)/dom0-tools
TOOL		:= $(TOOL_DIR)/trine
TOOLS_TARGETS	:= $(TOOL)

TOOL_SRC	:= $(wildcard dom0-tools/*.c dom0-tools/*/*.c)
TOOL_OBJ	:= $(TOOL_SRC:dom0-tools/%.c=$(TOOL_DIR)/%.o)
TOOL_CFLAGS	:= -std=gnu11 -O2 -g $(WARNINGS) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Idom0-tools \
		   -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
TOOL_LIBS	:= -lxlutil -lxenlight -lxenguest -lxenctrl -lxenstore -lxentoollog -ljson-c \
		   -lz -llzma -lzstd -llz4

$(TOOL): $(TOOL_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -pie -Wl,-z,relro,-z,now -o $@ $(TOOL_OBJ) $(TOOL_LIBS)

$(TOOL_DIR)/%.o: dom0-tools/%.c dom0-tools/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(TOOL_OBJ:.o=.d)

# The tests of lib/, each a program of its own, with the library's files built under sanitizers.
# tests/unit/build.mk runs them too, among all unit tests.
TOOL_TEST_DIR	:= $(B)/unit/tools
TOOL_TESTS	:= $(patsubst tests/unit/tools/%.c,$(TOOL_TEST_DIR)/%,$(wildcard tests/unit/tools/test_*.c))
TOOL_LIB_SRC	:= $(filter-out dom0-tools/lib/domref.c,$(wildcard dom0-tools/lib/*.c))
TOOL_TEST_OBJ	:= $(TOOL_LIB_SRC:dom0-tools/lib/%.c=$(TOOL_TEST_DIR)/lib/%.o)
TOOL_TEST_FLAGS	:= -std=gnu11 -O1 -g $(WARNINGS) -D_GNU_SOURCE -Idom0-tools -Itests/unit/tools \
		   "-DUNPACK_MAX=(64UL << 20)" \
		   -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TOOL_TEST_LIBS	:= -lcmocka -lxlutil -lxenlight -ljson-c -lz -llzma -lzstd -llz4

$(TOOL_TEST_DIR)/lib/%.o: dom0-tools/lib/%.c dom0-tools/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOL_TEST_FLAGS) -MMD -MP -c -o $@ $<

$(TOOL_TEST_DIR)/%: tests/unit/tools/%.c $(TOOL_TEST_OBJ) dom0-tools/build.mk
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOL_TEST_FLAGS) -MMD -MP -MF $@.d -o $@ $< $(TOOL_TEST_OBJ) $(TOOL_TEST_LIBS)

-include $(TOOL_TEST_OBJ:.o=.d) $(TOOL_TESTS:=.d)

.PHONY: check-unit-tools
check-unit-tools: $(TOOL_TESTS)
	$(Q)tests/unit/run $(TOOL_TESTS)
