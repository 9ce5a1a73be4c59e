// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 32-bit layouts of compat/abi32.h against the public headers, compiled for i386 here and now:
 * sizes, and where each member is.
 */
#include "paging/world.h"

#include <stdio.h>
#include <unistd.h>

#include "compat/abi32.h"

struct member {
	const char *public;		/* "struct x, member"; without a member: its size */
	size_t ours;
};

#define SIZE(pub, own)			{ "sizeof(struct " pub ")", sizeof(struct own) }
#define AT(pub, pubmember, own, m)	{ "offsetof(struct " pub ", " pubmember ")", \
					  offsetof(struct own, m) }

static const struct member members[] = {
	SIZE("mmu_update", mmu_update),
	AT("mmu_update", "val", mmu_update, val),
	SIZE("mmuext_op", mmuext_op32),
	AT("mmuext_op", "arg1", mmuext_op32, arg1),
	AT("mmuext_op", "arg2", mmuext_op32, arg2),
	SIZE("xen_memory_reservation", memory_reservation32),
	AT("xen_memory_reservation", "nr_extents", memory_reservation32, nr_extents),
	AT("xen_memory_reservation", "extent_order", memory_reservation32, extent_order),
	AT("xen_memory_reservation", "mem_flags", memory_reservation32, mem_flags),
	AT("xen_memory_reservation", "domid", memory_reservation32, domid),
	SIZE("xen_memory_exchange", memory_exchange32),
	AT("xen_memory_exchange", "out", memory_exchange32, out),
	AT("xen_memory_exchange", "nr_exchanged", memory_exchange32, nr_exchanged),
	SIZE("xen_memory_map", memory_map32),
	AT("xen_memory_map", "buffer", memory_map32, buffer),
	SIZE("xen_foreign_memory_map", foreign_memory_map32),
	AT("xen_foreign_memory_map", "map", foreign_memory_map32, map),
	SIZE("xen_machphys_mfn_list", machphys_mfn_list32),
	AT("xen_machphys_mfn_list", "extent_start", machphys_mfn_list32, extent_start),
	AT("xen_machphys_mfn_list", "nr_extents", machphys_mfn_list32, nr_extents),
	SIZE("xen_machphys_mapping", machphys_mapping32),
	AT("xen_machphys_mapping", "v_end", machphys_mapping32, v_end),
	AT("xen_machphys_mapping", "max_mfn", machphys_mapping32, max_mfn),
	SIZE("xen_mem_acquire_resource", mem_acquire_resource32),
	AT("xen_mem_acquire_resource", "id", mem_acquire_resource32, id),
	AT("xen_mem_acquire_resource", "nr_frames", mem_acquire_resource32, nr_frames),
	AT("xen_mem_acquire_resource", "frame", mem_acquire_resource32, frame),
	AT("xen_mem_acquire_resource", "frame_list", mem_acquire_resource32, frame_list),
};

/* The numbers need no program that runs: each is the size of an array in the object file's symbols. */
static void write_source(const char *path)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs("#include <stddef.h>\n#include <stdint.h>\n#include <xen/xen.h>\n#include <xen/memory.h>\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		fprintf(out, "char m%zu[%s + 1] = { 1 };\n", i, members[i].public);
	fclose(out);
}

static void layouts_are_what_the_public_headers_give_on_i386(void **state)
{
	char dir[] = "/tmp/abi32.XXXXXX", source[64], object[64], command[256], line[256];
	unsigned int seen = 0;
	FILE *symbols;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(source, sizeof(source), "%s/a.c", dir);
	snprintf(object, sizeof(object), "%s/a.o", dir);
	write_source(source);
	snprintf(command, sizeof(command),
		 "gcc -m32 -ffreestanding -D__XEN_TOOLS__ -c -o %s %s && nm -S %s", object, source, object);
	symbols = popen(command, "r");
	assert_non_null(symbols);
	while (fgets(line, sizeof(line), symbols)) {
		unsigned long size;
		unsigned int i;

		if (sscanf(line, "%*x %lx %*c m%u", &size, &i) != 2)
			continue;
		assert_true(i < ARRAY_SIZE(members));
		if (size - 1 != members[i].ours)
			fail_msg("%s is %lu, ours says %zu", members[i].public, size - 1,
				 members[i].ours);
		seen++;
	}
	assert_int_equal(pclose(symbols), 0);
	assert_int_equal(seen, ARRAY_SIZE(members));
	unlink(source);
	unlink(object);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_are_what_the_public_headers_give_on_i386),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
