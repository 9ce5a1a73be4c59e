// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are the costly instructions told from the others? Bytes as an assembler gives them, and their class.
 */
#include <stdio.h>

#include "classes.h"

static const char *const names[] = {
#define ONE(name, text) text,
	COSTLY_CLASSES(ONE)
#undef ONE
	"none",
};

static const struct {
	const char *text, *bytes;
	size_t size;
	struct shape want;
} cases[] = {
#define CASE(text, bytes, ...) { text, bytes, sizeof(bytes) - 1, { .costly = __VA_ARGS__ } }
	CASE("mov %rax,%cr0", "\x0f\x22\xc0", COSTLY_CR0),
	CASE("clts", "\x0f\x06", COSTLY_CR0),
	CASE("lmsw %ax", "\x0f\x01\xf0", COSTLY_CR0),
	CASE("mov %r8,%cr3", "\x41\x0f\x22\xd8", COSTLY_CR3),
	CASE("mov %rax,%cr4", "\x0f\x22\xe0", COSTLY_CR4),
	CASE("mov %rax,%cr2", "\x0f\x22\xd0", COSTLY_NONE),
	CASE("mov %cr3,%rax", "\x0f\x20\xd8", COSTLY_NONE),
	CASE("mov %rax,%db7", "\x0f\x23\xf8", COSTLY_DR),
	CASE("wrmsr", "\x0f\x30", COSTLY_WRMSR),
	CASE("rdmsr", "\x0f\x32", COSTLY_RDMSR),
	CASE("wrfsbase %rax", "\xf3\x48\x0f\xae\xd0", COSTLY_BASE),
	CASE("wrgsbase %rax", "\xf3\x48\x0f\xae\xd8", COSTLY_BASE),
	CASE("rdgsbase %rax", "\xf3\x48\x0f\xae\xc8", COSTLY_NONE),
	CASE("swapgs", "\x0f\x01\xf8", COSTLY_SWAPGS),
	CASE("invlpg (%rax)", "\x0f\x01\x38", COSTLY_INVLPG),
	CASE("invpcid (%rax),%rdi", "\x66\x0f\x38\x82\x38", COSTLY_INVLPG),
	CASE("iretq", "\x48\xcf", COSTLY_IRET),
	CASE("sysretq", "\x48\x0f\x07", COSTLY_SYSRET),
	CASE("lock cmpxchg %rdx,(%rdi)", "\xf0\x48\x0f\xb1\x17", COSTLY_NONE, .locked = true),
	CASE("lock incl (%rdi)", "\xf0\xff\x07", COSTLY_NONE, .locked = true),
	CASE("xchg %rax,(%rdi)", "\x48\x87\x07", COSTLY_NONE, .locked = true),
	CASE("xchg %rax,%rbx", "\x48\x87\xc3", COSTLY_NONE),
	CASE("cpuid", "\x0f\xa2", COSTLY_SERIAL),
	CASE("wbinvd", "\x0f\x09", COSTLY_SERIAL),
	CASE("lfence", "\x0f\xae\xe8", COSTLY_FENCE),
	CASE("mfence", "\x0f\xae\xf0", COSTLY_FENCE),
	CASE("verw (%rsp)", "\x0f\x00\x2c\x24", COSTLY_VERW),
	CASE("verw %ax", "\x0f\x00\xe8", COSTLY_VERW),
	CASE("mov %eax,%ds", "\x8e\xd8", COSTLY_SEGMENT),
	CASE("pop %fs", "\x0f\xa1", COSTLY_SEGMENT),
	CASE("lretq", "\x48\xcb", COSTLY_SEGMENT),
	CASE("ljmp *(%rax)", "\xff\x28", COSTLY_SEGMENT),
	CASE("jmp *(%rax)", "\xff\x20", COSTLY_NONE),
	CASE("lldt %ax", "\x0f\x00\xd0", COSTLY_TABLE),
	CASE("ltr %ax", "\x0f\x00\xd8", COSTLY_TABLE),
	CASE("lgdt (%rax)", "\x0f\x01\x10", COSTLY_TABLE),
	CASE("sgdt (%rax)", "\x0f\x01\x00", COSTLY_NONE),
	CASE("xsave (%rdi)", "\x0f\xae\x27", COSTLY_XSAVE),
	CASE("xsaveopt64 (%rdi)", "\x48\x0f\xae\x37", COSTLY_XSAVE),
	CASE("xsavec (%rdi)", "\x0f\xc7\x27", COSTLY_XSAVE),
	CASE("xrstor (%rdi)", "\x0f\xae\x2f", COSTLY_XRSTOR),
	CASE("fxrstor64 (%rdi)", "\x48\x0f\xae\x0f", COSTLY_XRSTOR),
	CASE("cmpxchg16b (%rdi)", "\x48\x0f\xc7\x0f", COSTLY_NONE),
	CASE("stmxcsr (%rdi)", "\x0f\xae\x1f", COSTLY_NONE),
	CASE("out %al,(%dx)", "\xee", COSTLY_IO),
	CASE("in $0x80,%al", "\xe4\x80", COSTLY_IO),
	CASE("rdtsc", "\x0f\x31", COSTLY_RDTSC),
	CASE("rdtscp", "\x0f\x01\xf9", COSTLY_RDTSC),
	CASE("rep movsb", "\xf3\xa4", COSTLY_STRING, .string_size = 1),
	CASE("rep movsw", "\xf3\x66\xa5", COSTLY_STRING, .string_size = 2),
	CASE("rep movsl", "\xf3\xa5", COSTLY_STRING, .string_size = 4),
	CASE("rep stosq", "\xf3\x48\xab", COSTLY_STRING, .string_size = 8),
	CASE("nop", "\x90", COSTLY_NONE),
	CASE("mov %rcx,0xcf(%rdi)", "\x48\x89\x8f\xcf\x00\x00\x00", COSTLY_NONE),
};

int main(void)
{
	int wrong = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct shape s = shape_of((const uint8_t *)cases[i].bytes, cases[i].size);
		const struct shape *want = &cases[i].want;

		if (s.costly == want->costly && s.locked == want->locked && s.string_size == want->string_size)
			continue;
		printf("FAIL %s: %s%s, %u bytes a round; it is %s\n", cases[i].text, names[s.costly],
		       s.locked ? ", locked" : "", s.string_size, names[want->costly]);
		wrong++;
	}
	return wrong != 0;
}
