# SPDX-License-Identifier: GPL-2.0-only
#
# The trine command, and the unit tests of its own libraries.

TOOL_DIR	:= $(B)/dom0-tools
TOOL		:= $(TOOL_DIR)/trine
TOOLS_TARGETS	:= $(TOOL)

TOOL_SRC	:= $(wildcard dom0-tools/*.c dom0-tools/*/*.c)
TOOL_OBJ	:= $(TOOL_SRC:dom0-tools/%.c=$(TOOL_DIR)/%.o)
TOOL_CFLAGS	:= -std=gnu11 -O2 -g $(WARNINGS) -D_GNU_SOURCE -Idom0-tools \
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
