// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the plugins need of QEMU's interface for plugins.
 *
 * QEMU's header is in no package of Debian 12; the few declarations needed are here (version 1 of the
 * interface, that of QEMU 7.2).
 */
#pragma once

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
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
enum { MEM_READ = 1, MEM_WRITE = 2 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*cb)(unsigned int vcpu, void *data), int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int vcpu, void *data), int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn *insn, int access, int op, void *ptr,
					  uint64_t imm);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
								int argc, char **argv);

/* Where Trine and Xen live, in every address space. */
static inline bool is_hypervisor(uint64_t address)
{
	return address >= 0xffff800000000000 && address < 0xffff880000000000;
}

/* A row's marker (ops/measure.h): a NOP with "RT" in its displacement. 0: it begins, 1: it ends, -1: none. */
static inline int row_marker(const struct qemu_plugin_insn *insn)
{
	const uint8_t *b = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) != 7 || b[0] != 0x0f || b[1] != 0x1f || b[2] != 0x80 || b[4] != 'R' ||
	    b[5] != 'T')
		return -1;
	return b[3] != 0;
}

/* The file of the argument `out=FILE`; NULL if there is none. */
static inline FILE *out_file(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			return fopen(argv[i] + 4, "w");
	return NULL;
}
