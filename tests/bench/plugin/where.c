// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin: how often each instruction ran, row by row.
 *
 * The guest executes a marker before and after the chunks of a row (ops/main.c), a NOP with a number in
 * its displacement. Between the two every instruction counts, by its address. tests/bench/where turns
 * addresses into functions and rooms.
 */
#include "qemu.h"

#define SLOTS	(1u << 20)

static struct slot {
	uint64_t address, count;
} slots[SLOTS];
static FILE *out;
static unsigned int rows;

static struct slot *slot_of(uint64_t address)
{
	unsigned int i = (address * 0x9e3779b97f4a7c15) >> 44;

	while (slots[i].address && slots[i].address != address)
		i = (i + 1) % SLOTS;
	slots[i].address = address;
	return &slots[i];
}

static void begin(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	for (unsigned int i = 0; i < SLOTS; i++)
		slots[i].count = 0;
}

static void end(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	fprintf(out, "row %u\n", rows++);
	for (unsigned int i = 0; i < SLOTS; i++)
		if (slots[i].count)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", slots[i].address, slots[i].count);
	fflush(out);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		int marker = row_marker(insn);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64,
							   &slot_of(qemu_plugin_insn_vaddr(insn))->count, 1);
		if (marker >= 0)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marker ? end : begin, CB_NO_REGS, NULL);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	out = out_file(argc, argv);
	if (!out)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
