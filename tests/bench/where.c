// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin: how often each instruction ran, row by row.
 *
 * The guest executes a marker before and after the chunks of a row (ops/main.c), a NOP with a number in
 * its displacement. Between the two every instruction counts, by its address. tests/bench/where turns
 * addresses into functions and rooms.
 *
 * QEMU's plugin header is in no package of Debian 12; the few declarations needed are here (interface
 * version 1, of QEMU 7.2).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum { CB_NO_REGS };
enum { INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int vcpu, void *data), int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *ptr, uint64_t imm);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
								int argc, char **argv);

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
	static const uint8_t marker[6] = { 0x0f, 0x1f, 0x80, 0, 'R', 'T' };

	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *bytes = qemu_plugin_insn_data(insn);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64,
							   &slot_of(qemu_plugin_insn_vaddr(insn))->count, 1);
		if (qemu_plugin_insn_size(insn) == 7 && !memcmp(bytes, marker, 3) && bytes[4] == 'R' &&
		    bytes[5] == 'T')
			qemu_plugin_register_vcpu_insn_exec_cb(insn, bytes[3] ? end : begin, CB_NO_REGS, NULL);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	if (argc < 1 || strncmp(argv[0], "out=", 4))
		return 1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
