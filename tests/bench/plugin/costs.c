// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin: which costly instructions the hypervisor ran, lap by lap.
 *
 * A row of the bench lies between two markers and reads the TSC around everything it measures; a lap is
 * what runs from one RDTSC of the guest to the next. Of each lap: instructions of hypervisor and guest,
 * ways in (SYSCALL, and gates: traps, interrupts, INT), and executions by class (classes.h), all of the
 * hypervisor. costs.py knows which laps belong to an operation.
 *
 * With entry=ADDRESS and guest=ADDRESS also, once, the instructions from the one to the other: the boot.
 */
#include "qemu.h"
#include "classes.h"

enum {
	OF_HYPERVISOR,
	OF_GUEST,
	SYSCALLS,	/* the guest's own instruction */
	WAYS_IN,	/* guest before, hypervisor now */
	NESTED,		/* the hypervisor's IRET went to the hypervisor: a trap or interrupt inside it */
	CLASSES,
	COUNTERS = CLASSES + COSTLY_NONE
};

static uint64_t counter[COUNTERS], lap_start[COUNTERS];
static bool in_row, in_guest, after_iret;
static uint64_t boot_entry, boot_guest, boot_start;
static bool booting, booted;
static FILE *out;

static void lap_end(void)
{
	fprintf(out, "lap");
	for (unsigned int i = 0; i < COUNTERS; i++)
		fprintf(out, " %" PRIu64, counter[i] - lap_start[i]);
	fputc('\n', out);
	memcpy(lap_start, counter, sizeof(counter));
}

static void row_begin(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	fprintf(out, "row\n");
	memcpy(lap_start, counter, sizeof(counter));
	in_row = true;
}

static void row_end(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	in_row = false;
	fflush(out);
}

static void guest_rdtsc(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	if (in_row)
		lap_end();
}

static void hypervisor_iret(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	after_iret = true;
}

static void hypervisor_block(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	if (in_guest)
		counter[WAYS_IN]++;
	else if (after_iret)
		counter[NESTED]++;
	in_guest = after_iret = false;
}

static void guest_block(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	in_guest = true;
	after_iret = false;
}

static void boot_begins(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	booting = !booted;
	boot_start = counter[OF_HYPERVISOR] + counter[OF_GUEST];
}

static void boot_ends(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	if (booting)
		fprintf(out, "boot %" PRIu64 "\n", counter[OF_HYPERVISOR] + counter[OF_GUEST] - boot_start);
	booted |= booting;
	booting = false;
	fflush(out);
}

static void count(struct qemu_plugin_insn *insn, unsigned int which)
{
	qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &counter[which], 1);
}

static void watch_hypervisor(struct qemu_plugin_insn *insn)
{
	struct shape s = shape_of(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));

	count(insn, OF_HYPERVISOR);
	if (s.locked)
		count(insn, CLASSES + COSTLY_LOCK);
	if (s.costly == COSTLY_STRING)
		qemu_plugin_register_vcpu_mem_inline(insn, s.string_reads ? MEM_READ : MEM_WRITE, INLINE_ADD_U64,
						     &counter[CLASSES + COSTLY_STRING], s.string_size);
	else if (s.costly != COSTLY_NONE)
		count(insn, CLASSES + s.costly);
	if (s.costly == COSTLY_IRET)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, hypervisor_iret, CB_NO_REGS, NULL);
}

static void watch_guest(struct qemu_plugin_insn *insn)
{
	const uint8_t *b = qemu_plugin_insn_data(insn);
	int marker = row_marker(insn);

	if (marker >= 0)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, marker ? row_end : row_begin, CB_NO_REGS, NULL);
	/* Registered before it is counted: a lap begins with its RDTSC. */
	if (qemu_plugin_insn_size(insn) == 2 && b[0] == 0x0f && b[1] == 0x31)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, guest_rdtsc, CB_NO_REGS, NULL);
	count(insn, OF_GUEST);
	if (qemu_plugin_insn_size(insn) == 2 && b[0] == 0x0f && (b[1] == 0x05 || b[1] == 0x34))
		count(insn, SYSCALLS);
}

static void watch_boot(struct qemu_plugin_insn *insn)
{
	uint64_t at = qemu_plugin_insn_vaddr(insn);

	if (at == boot_entry)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, boot_begins, CB_NO_REGS, NULL);
	else if (at == boot_guest)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, boot_ends, CB_NO_REGS, NULL);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	bool hypervisor = is_hypervisor(qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0)));

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, hypervisor ? hypervisor_block : guest_block, CB_NO_REGS, NULL);
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (boot_entry)
			watch_boot(insn);
		if (hypervisor)
			watch_hypervisor(insn);
		else
			watch_guest(insn);
	}
}

static uint64_t number(int argc, char **argv, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
			return strtoull(argv[i] + length + 1, NULL, 0);
	return 0;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	static const char *const names[] = {
#define ONE(name, text) text,
		COSTLY_CLASSES(ONE)
#undef ONE
	};

	(void)info;
	out = out_file(argc, argv);
	if (!out)
		return 1;
	boot_entry = number(argc, argv, "entry");
	boot_guest = number(argc, argv, "guest");
	fprintf(out, "counters hypervisor guest syscall in nested");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		fprintf(out, " %s", names[i]);
	fputc('\n', out);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
