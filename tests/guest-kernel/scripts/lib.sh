# SPDX-License-Identifier: GPL-2.0-only
#
# For the tests that are shell scripts.

fail()
{
	echo "$*"
	exit 1
}

skip()
{
	echo "$*"
	exit 77
}

under_xen()
{
	[ "$(cat /sys/hypervisor/type 2>/dev/null)" = xen ]
}
