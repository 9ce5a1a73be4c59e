// SPDX-License-Identifier: GPL-2.0-only
/*
 * NMI, machine checks, and the debug registers guests may have.
 *
 * A guest's breakpoints must not fire on our own data or code: #DB in ring 0 without end is a
 * machine that stands still (advisories 12, 265, 444). So their addresses are checked when set,
 * reserved bits and GD never reach the CPU, and I/O breakpoints need the guest's CR4.DE.
 */
#include "trap/trap.h"

#include "cpu/asm.h"
#include "cpu/percpu.h"
#include "cpu/softirq.h"
#include "lib/log.h"
#include "sched/switch.h"

#define DR6_SETTABLE	0xe00ful	/* B0-B3, BD, BS, BT */
#define DR6_ONES	0xffff0ff0ul
#define DR7_SETTABLE	0xffff03fful	/* enables, LE, GE, conditions and lengths */
#define DR7_ONE		0x400ul
#define DR7_GD		(1ul << 13)

static bool has_io_breakpoint(uint64_t dr7)
{
	for (unsigned int i = 0; i < 4; i++)
		if ((dr7 >> (16 + 4 * i) & 3) == 2)
			return true;
	return false;
}

static bool breakpoint_ok(const struct domain *d, uint64_t va)
{
	if (d->is_32bit)
		return va < HV32_VIRT_START;
	return is_canonical(va) && guest_range_ok(va, 8);
}

int debugreg_check(const struct vcpu *v, unsigned int reg, uint64_t *value)
{
	switch (reg) {
	case 0: case 1: case 2: case 3:
		if (!breakpoint_ok(v->domain, *value))
			return refuse(-EPERM, "breakpoint at %#lx", *value);
		return 0;
	case 4: case 6:
		if (*value >> 32)
			return refuse(-EINVAL, "dr6 %#lx", *value);
		*value = (*value & DR6_SETTABLE) | DR6_ONES;
		return 0;
	case 5: case 7:
		if (*value >> 32)
			return refuse(-EINVAL, "dr7 %#lx", *value);
		if (*value & DR7_GD)
			return refuse(-EPERM, "dr7 %#lx: general detect", *value);
		if (has_io_breakpoint(*value) && !(v->cr4 & CR4_DE))
			return refuse(-EPERM, "dr7 %#lx: I/O breakpoint", *value);
		*value = (*value & DR7_SETTABLE) | DR7_ONE;
		return 0;
	default:
		return refuse(-EINVAL, "debug register %u", reg);
	}
}

int debugreg_set(struct vcpu *v, unsigned int reg, uint64_t value)
{
	int rc = debugreg_check(v, reg, &value);

	if (rc)
		return rc;
	if (reg == 4 || reg == 5)
		reg += 2;
	v->debugreg[reg] = value;
	if (v == current)
		vcpu_load_debugregs(v);
	return 0;
}

int64_t hc_set_debugreg(struct hcall *h)
{
	if (h->args[0] > 7)
		return refuse(-EINVAL, "debug register %lu", h->args[0]);
	return debugreg_set(h->v, (unsigned int)h->args[0], h->args[1]);
}

int64_t hc_get_debugreg(struct hcall *h)
{
	switch (h->args[0]) {
	case 0: case 1: case 2: case 3: case 6: case 7:
		return (int64_t)h->v->debugreg[h->args[0]];
	case 4: case 5:
		return (int64_t)h->v->debugreg[h->args[0] + 2];
	default:
		return refuse(-EINVAL, "debug register %lu", h->args[0]);
	}
}

void trap_debug(struct vcpu *v, struct guest_regs *regs)
{
	uint64_t dr6 = read_dr6();

	(void)regs;
	write_dr6(DR6_ONES);
	v->debugreg[6] |= dr6 & DR6_SETTABLE;
	trap_inject(v, VEC_DB, 0);
}

/*
 * Port 0x61 says why: a memory parity error or an I/O check. The control domain is told at its
 * next return; an NMI may come anywhere, so nothing here takes a lock but the console's, and that
 * only when we were not in ring 0.
 */
void trap_nmi(struct guest_regs *regs)
{
	uint8_t reason = inb(0x61);

	if (dom0 && dom0->vcpu_count && dom0->vcpu[0]) {
		dom0->vcpu[0]->nmi_pending = true;
		softirq_leave_on(dom0->vcpu[0]->cpu, SOFTIRQ_SCHED);
	}
	if (regs_cpl(regs))
		log_warn("nmi, reason %#x", reason & 0xc0);
	if (reason & 0xc0) {
		outb((reason & 0x0f) | 0x0c, 0x61);
		outb(reason & 0x03, 0x61);
	}
}

__attribute__((noreturn)) static void machine_check_stop(const struct guest_regs *regs)
{
	regs_dump(regs);
	bug("machine check", (int)this_cpu(), "the processor reports a fatal error");
}

void trap_machine_check(struct guest_regs *regs)
{
	machine_check_stop(regs);
}
