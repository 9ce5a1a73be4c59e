# SPDX-License-Identifier: GPL-2.0-only
#
# make lint: habits that a compiler does not check (style of the house). Fails on a broken rule; sizes
# and formatting are only told.
# make book: the hypervisor in reading order, on standard output.

LINT_CC		?= $(CC)
.PHONY: lint book
lint: $(HV_INC)/xen
	$(Q)tests/habits/rooms
	$(Q)tests/habits/bans
	$(Q)tests/habits/headers $(LINT_CC) $(filter-out -MMD -MP,$(HV_CPPFLAGS)) $(HV_CFLAGS)
	$(Q)tests/habits/format
	$(Q)tests/habits/longest

book:
	$(Q)tests/habits/book
