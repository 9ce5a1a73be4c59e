// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pointers a guest may not give: into the hypervisor's area, off the end of an address space, to where
 * nothing can be.
 *
 * Rule: whatever size is read or written there, -EFAULT, and nothing has been read or written. The
 * hypervisor copies with its own rights, so only a check in front keeps a guest out: a page of ours is
 * named by its other address, in the hypervisor's map of all memory, and must stay as it is. FAIL is a
 * guest that reads or writes any memory there is. (A 32-bit guest cannot say such an address; what it
 * sees of the hypervisor, the machine-to-physical table, is read-only.)
 */
#include "rt.h"

static uint8_t *page;

static void reads(word at, const char *what)
{
	struct {
		const char *size;
		long rc;
	} got[] = {
		{ "4 bytes (send)", event_op(EVTCHNOP_send, (void *)at) },
		{ "4 bytes (unmask)", event_op(EVTCHNOP_unmask, (void *)at) },
		{ "8 bytes (features)", xen_version(XENVER_get_features, (void *)at) },
		{ "16 bytes (trap table)", set_trap_table((void *)at) },
		{ "16 bytes (poll)", sched_op(SCHEDOP_poll, (void *)at) },
		{ "24 bytes (status)", event_op(EVTCHNOP_status, (void *)at) },
		{ "a multicall", hcall2(__HYPERVISOR_multicall, at, 1) },
		{ "an mmu_update", hcall4(__HYPERVISOR_mmu_update, at, 1, 0, DOMID_SELF) },
		{ "a domctl", hcall1(__HYPERVISOR_domctl, at) },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(got); i++)
		if (got[i].rc != -XEFAULT)
			test_fail("%s: %s from %#lx: %ld", what, got[i].size, at, got[i].rc);
}

static void writes(word at, const char *what)
{
	struct {
		const char *size;
		long rc;
	} got[] = {
		{ "4 or 8 bytes (parameters)", xen_version(XENVER_platform_parameters, (void *)at) },
		{ "16 bytes (name)", xen_version(XENVER_extraversion, (void *)at) },
		{ "16 bytes (handle)", xen_version(XENVER_guest_handle, (void *)at) },
		{ "runstate", vcpu_op(VCPUOP_get_runstate_info, 0, (void *)at) },
		{ "1024 bytes (capabilities)", xen_version(XENVER_capabilities, (void *)at) },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(got); i++)
		if (got[i].rc != -XEFAULT)
			test_fail("%s: %s to %#lx: %ld", what, got[i].size, at, got[i].rc);
}

static void neither(word at, const char *what)
{
	reads(at, what);
	writes(at, what);
}

static void untouched(const char *what)
{
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		if (page[i] != 0x5a) {
			test_fail("%s: byte %#x of our page is %#x", what, i, page[i]);
			memset(page, 0x5a, PAGE_SIZE);
		}
}

void test_main(void)
{
	page = page_alloc();
	memset(page, 0x5a, PAGE_SIZE);
	neither(8, "nothing there");
#ifdef __x86_64__
	neither(0xffff830000000000ul + (mfn_of(page) << 12), "our page by its other address");
	untouched("by its other address");
	neither(0xffff830000000000ul + (mfn_of(page) << 12) + PAGE_SIZE - 24, "its end");
	untouched("its end");
	neither(0xffff800000000000ul, "the hypervisor's first byte");
	neither(0xffff820000000000ul, "the table of frames");
	neither(0xffff82d040200000ul, "the hypervisor's code");
	neither(0xffff87fffffffff8ul, "the hypervisor's last word");
	neither(0xffff87fffffffffful, "the hypervisor's last byte");
	neither(0x0000800000000000ul, "the hole's first byte");
	neither(0xffff7ffffffffff8ul, "the hole's last word");
	neither(0x00007ffffffffffful, "the last byte of programs");
	neither(0xfffffffffffffff8ul, "the last word there is");
#else
	neither(0xfffffffcul, "the last word there is");
	neither(0xfffffffful, "the last byte there is");
	writes(m2p_start, "the machine-to-physical table");
	writes(m2p_end - 32, "its end");
#endif
	untouched("after all that");
}
