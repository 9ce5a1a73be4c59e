// SPDX-License-Identifier: GPL-2.0-only
// sources: trap/decode.c
/* The instruction decoder: what it knows, how long it is, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bits.h"
#include "trap/decode.h"

struct sample {
	const char *text;
	uint8_t bytes[15];
	unsigned int count, mode;
	uint16_t opcode;
	unsigned int op_bytes;
};

static const struct sample known[] = {
	{ "mov %rax,(%rbx)", { 0x48, 0x89, 0x03 }, 3, 64, 0x89, 8 },
	{ "mov %eax,(%rbx)", { 0x89, 0x03 }, 2, 64, 0x89, 4 },
	{ "mov %ax,(%rbx)", { 0x66, 0x89, 0x03 }, 3, 64, 0x89, 2 },
	{ "mov %al,(%rbx)", { 0x88, 0x03 }, 2, 64, 0x88, 1 },
	{ "mov %r9,0x10(%r12)", { 0x4d, 0x89, 0x4c, 0x24, 0x10 }, 5, 64, 0x89, 8 },
	{ "mov %rax,0x1000(%rip)", { 0x48, 0x89, 0x05, 0, 0x10, 0, 0 }, 7, 64, 0x89, 8 },
	{ "mov %rax,0x1000(,%rbx,8)", { 0x48, 0x89, 0x04, 0xdd, 0, 0x10, 0, 0 }, 8, 64, 0x89, 8 },
	{ "movq $-1,(%rax)", { 0x48, 0xc7, 0x00, 0xff, 0xff, 0xff, 0xff }, 7, 64, 0xc7, 8 },
	{ "movw $1,(%rax)", { 0x66, 0xc7, 0x00, 1, 0 }, 5, 64, 0xc7, 2 },
	{ "lock andb $0xfd,(%rdi)", { 0xf0, 0x80, 0x27, 0xfd }, 4, 64, 0x80, 1 },
	{ "lock cmpxchg %rcx,(%rdx)", { 0xf0, 0x48, 0x0f, 0xb1, 0x0a }, 5, 64, 0x0fb1, 8 },
	{ "lock btrq $1,(%rdi)", { 0xf0, 0x48, 0x0f, 0xba, 0x37, 1 }, 6, 64, 0x0fba, 8 },
	{ "lock cmpxchg8b (%esi)", { 0xf0, 0x0f, 0xc7, 0x0e }, 4, 32, 0x0fc7, 4 },
	{ "mov %eax,0x1234(%si)", { 0x67, 0x89, 0x84, 0x34, 0x12 }, 5, 32, 0x89, 4 },
	{ "mov %eax,0x12345678", { 0xa3, 0x78, 0x56, 0x34, 0x12 }, 5, 32, 0xa3, 4 },
	{ "movabs %rax,addr", { 0x48, 0xa3, 1, 2, 3, 4, 5, 6, 7, 8 }, 10, 64, 0xa3, 8 },
	{ "rep stosq", { 0xf3, 0x48, 0xab }, 3, 64, 0xab, 8 },
	{ "int $0x20", { 0xcd, 0x20 }, 2, 64, OP_INT, 4 },
	{ "in $0x61,%al", { 0xe4, 0x61 }, 2, 64, 0xe4, 1 },
	{ "out %eax,%dx", { 0xef }, 1, 64, 0xef, 4 },
	{ "outw %ax,%dx", { 0x66, 0xef }, 2, 64, 0xef, 2 },
	{ "mov %cr8,%rax's shape", { 0x44, 0x0f, 0x20, 0xc0 }, 4, 64, OP_MOV_FROM_CR, 4 },
	{ "mov %rax,%cr3", { 0x0f, 0x22, 0xd8 }, 3, 64, OP_MOV_TO_CR, 4 },
	{ "xsetbv", { 0x0f, 0x01, 0xd1 }, 3, 64, OP_GROUP7, 4 },
	{ "wrmsr", { 0x0f, 0x30 }, 2, 32, OP_WRMSR, 4 },
	{ "mov %ax,(%bx+si)", { 0x89, 0x00 }, 2, 16, 0x89, 2 },
};

static void known_instructions_have_their_length(void **state)
{
	struct insn in;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		const struct sample *s = &known[i];

		if (!insn_decode(&in, s->bytes, sizeof(s->bytes), s->mode) ||
		    in.length != s->count || in.opcode != s->opcode || in.op_bytes != s->op_bytes)
			fail_msg("%s: length %u, opcode %#x, operand of %u", s->text, in.length,
				 in.opcode, in.op_bytes);
	}
}

static void a_cut_instruction_is_none(void **state)
{
	struct insn in;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		for (unsigned int n = 0; n < known[i].count; n++)
			if (insn_decode(&in, known[i].bytes, n, known[i].mode))
				fail_msg("%s: %u bytes were enough", known[i].text, n);
}

static void unknown_instructions_are_refused(void **state)
{
	static const uint8_t unknown[][4] = {
		{ 0x90 }, { 0xc3 }, { 0x0f, 0x05 }, { 0x0f, 0x01 + 0xfe }, { 0xcf }, { 0x9a },
		{ 0x0f, 0x29, 0x00 }, { 0xd9, 0x00 }, { 0x62 }, { 0xc5, 0xf8, 0x77 },
	};
	struct insn in;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_false(insn_decode(&in, unknown[i], sizeof(unknown[i]), 64));
}

static void prefixes_alone_never_end(void **state)
{
	uint8_t bytes[32];
	struct insn in;

	(void)state;
	memset(bytes, 0x66, sizeof(bytes));
	assert_false(insn_decode(&in, bytes, sizeof(bytes), 64));
	bytes[15] = 0xf4;	/* a byte too far */
	assert_false(insn_decode(&in, bytes, sizeof(bytes), 64));
	bytes[14] = 0xf4;
	assert_true(insn_decode(&in, bytes, sizeof(bytes), 64));
	assert_int_equal(in.length, 15);
}

/* 0x48 is DEC EAX outside of 64-bit mode, which we do not know. */
static void rex_is_a_prefix_of_64_bit_code_only(void **state)
{
	static const uint8_t bytes[] = { 0x48, 0x89, 0x03 };
	static const uint8_t spent[] = { 0x48, 0x66, 0x89, 0x03 };
	struct insn in;

	(void)state;
	assert_false(insn_decode(&in, bytes, sizeof(bytes), 32));
	assert_true(insn_decode(&in, spent, sizeof(spent), 64));
	assert_int_equal(in.op_bytes, 2);
	assert_false(in.rex);
}

static void registers_are_written_as_the_cpu_does(void **state)
{
	struct guest_regs regs = { .rax = 0x1122334455667788, .rsp = 0xaaaaaaaaaaaaaaaa };
	struct insn in = { .op_bytes = 4 };

	(void)state;
	insn_reg_write(&in, &regs, 0, 0xffffffff99999999);
	assert_int_equal(regs.rax, 0x99999999);
	regs.rax = 0x1122334455667788;
	in.op_bytes = 2;
	insn_reg_write(&in, &regs, 0, 0xabcd);
	assert_int_equal(regs.rax, 0x112233445566abcd);
	in.op_bytes = 1;
	insn_reg_write(&in, &regs, 4, 0x12);	/* ah */
	assert_int_equal(regs.rax, 0x11223344556612cd);
	assert_int_equal(insn_reg_read(&in, &regs, 4), 0x12);
	in.rex = true;
	insn_reg_write(&in, &regs, 4, 0x12);	/* spl */
	assert_int_equal(regs.rsp, 0xaaaaaaaaaaaaaa12);
}

/* Against the CPU this runs on. */
static void arithmetic_sets_the_flags_of_the_cpu(void **state)
{
	static const uint64_t values[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000,
					   0x7fffffffffffffff, 0x8000000000000000, ~0ul, 0x55 };
	const uint64_t defined[] = { 0x8d5, 0x8c5, 0, 0, 0x8c5, 0x8d5, 0x8c5, 0x8d5 };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(values); j++) {
			uint64_t a = values[i], b = values[j], r, f, flags = 2;

#define CHECK(number, insn)							\
	do {									\
		r = a;								\
		__asm__(insn " %2, %0; pushf; pop %1" : "+r" (r), "=r" (f) : "r" (b) : "cc"); \
		flags = 2;							\
		assert_int_equal(insn_arith(number, a, b, 8, &flags), r);	\
		assert_int_equal(flags & defined[number], f & defined[number]);	\
	} while (0)
			CHECK(0, "add");
			CHECK(1, "or");
			CHECK(4, "and");
			CHECK(5, "sub");
			CHECK(6, "xor");
			CHECK(7, "cmp");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_instructions_have_their_length),
		cmocka_unit_test(a_cut_instruction_is_none),
		cmocka_unit_test(unknown_instructions_are_refused),
		cmocka_unit_test(prefixes_alone_never_end),
		cmocka_unit_test(rex_is_a_prefix_of_64_bit_code_only),
		cmocka_unit_test(registers_are_written_as_the_cpu_does),
		cmocka_unit_test(arithmetic_sets_the_flags_of_the_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
