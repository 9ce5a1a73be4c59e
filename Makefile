# SPDX-License-Identifier: GPL-2.0-only
#
# Trine: the top of the build. Each folder describes its own part in a build.mk; here stand only
# what they share and the targets that span them.
#
#   make            the hypervisor (build/trine, build/trine-syms) and the tools (build/dom0-tools/trine)
#   make run        a Debian with Trine under it, in QEMU, ending at a root shell
#   make check      everything there is to test: check-unit, check-guest, check-bench, check-system
#   make install    into DESTDIR

B		:= build
CC		?= gcc
HOSTCC		?= $(CC)
V		?= 0
Q		:= $(if $(filter 1,$(V)),,@)
say		= @$(if $(filter 1,$(V)),true,printf '  %-7s %s\n' '$(strip $(1))' '$(strip $(2))')

WARNINGS	:= -Wall -Wextra -Wshadow -Wmissing-prototypes -Werror

.DEFAULT_GOAL	:= all
.DELETE_ON_ERROR:
.SUFFIXES:

include deps.mk
-include hypervisor/build.mk
-include dom0-tools/build.mk
-include tests/unit/build.mk
-include tests/guest/build.mk
-include tests/system/build.mk
-include tests/guest-kernel/build.mk
-include tests/bench/build.mk
-include tests/habits/build.mk
-include packaging/build.mk

.PHONY: all check clean
all: $(HYPERVISOR_TARGETS) $(TOOLS_TARGETS)

# One after the other, so that a failure is seen beside its cause; the last line is the sum of all.
check: deps
	$(Q)tests/check

clean:
	$(Q)rm -rf $(B)
