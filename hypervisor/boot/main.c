// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine_main(): the order of everything, from the loader's hand to the first guest instruction.
 *
 * Each step needs those above it and nothing else; what goes wrong stops the machine with one line
 * that names cause and remedy.
 */
#include "boot/cmdline.h"
#include "boot/loader.h"
#include "console/console.h"
#include "control/lifecycle.h"
#include "control/platform.h"
#include "cpu/asm.h"
#include "cpu/descriptor.h"
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/percpu.h"
#include "dom0/builder.h"
#include "entry/entry.h"
#include "hypercall/hypercall.h"
#include "guest/cpuid.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/string.h"
#include "machine/acpi.h"
#include "machine/framebuffer.h"
#include "machine/ipi.h"
#include "machine/irq.h"
#include "machine/lapic.h"
#include "machine/pci.h"
#include "machine/stop.h"
#include "machine/uart.h"
#include "mem/alloc.h"
#include "mem/e820.h"
#include "mem/map.h"
#include "paging/paging.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/timer.h"
#include "trap/trap.h"

#define MIB		(1ul << 20)
#define LOW_MEMORY	0x100000ul

static_assert(sizeof(struct cpu_info) == 216, "head.S: CPU_INFO_SIZE");

extern char boot_stack[], image_start[], image_end[];

void trine_main(uint32_t magic, uint32_t info_pa);

/* Until the console room takes over. */
static void early_sink(enum log_level level, bool about_guest, const char *line)
{
	char text[300];
	int n = snprintf(text, sizeof(text), "(trine) %s\n", line);

	(void)level;
	(void)about_guest;
	uart_write(text, MIN((size_t)n, sizeof(text) - 1));
	screen_write(text, MIN((size_t)n, sizeof(text) - 1));
}

static void stop_on_bug(const char *line)
{
	machine_stop("%s", line);
}

/* What we have to say goes somewhere from here on. A screen is used when asked for, or when the
 * serial line asked for is not there. */
static void start_output(void)
{
	if (options.com2 && !uart_init(2, options.com2_text))
		options.vga = true;
	else if (!options.com2 && options.com1 && !uart_init(1, options.com1_text))
		options.vga = true;
	if (options.vga)
		screen_init(&boot_info.framebuffer);
	log_set_sink(early_sink);
	log_set_levels(options.host_level, options.guest_level);
}

static uint64_t image_pa(const char *p)
{
	return (uint64_t)p - HV_TEXT_START;
}

static void reserve_what_is_in_use(void)
{
	boot_reserve(0, LOW_MEMORY);
	boot_reserve(image_pa(image_start), image_pa(image_end));
	for (unsigned int i = 0; i < boot_info.module_count; i++)
		boot_reserve(ALIGN_DOWN(boot_info.module[i].start, PAGE_SIZE),
			     ALIGN_UP(boot_info.module[i].end, PAGE_SIZE));
}

static void say_memory(void)
{
	static const char *const types[] = { "?", "RAM", "reserved", "ACPI", "NVS", "unusable" };

	for (unsigned int i = 0; i < e820_host.count; i++) {
		const struct e820_entry *e = &e820_host.entry[i];

		log_debug("memory 0x%012lx-0x%012lx %s", e->addr, e->addr + e->size - 1,
			  types[e->type]);
	}
	log_info("memory: %lu MiB of RAM, %lu MiB free", e820_ram_bytes(&e820_host) / MIB,
		 free_frame_count() * PAGE_SIZE / MIB);
}

static void say_modules(void)
{
	for (unsigned int i = 0; i < boot_info.module_count; i++)
		log_info("module %u: %lu KiB at %#lx: %s", i,
			 (boot_info.module[i].end - boot_info.module[i].start) / 1024,
			 boot_info.module[i].start, boot_info.module[i].cmdline);
}

/* The descriptor tables of the CPU we are on, in pages the switch code can map into windows. */
static void start_descriptors(void)
{
	void *native = hv_page_alloc(), *compat = hv_page_alloc();

	if (!native || !compat)
		machine_stop("too little memory: give the machine more");
	descriptor_cpu_init(this_cpu(), native, compat);
	descriptor_load_cpu();
}

/* What the modules occupied becomes free memory. */
static void give_back_modules(void)
{
	for (unsigned int i = 0; i < boot_info.module_count; i++) {
		uint64_t first = boot_info.module[i].start >> PAGE_SHIFT;
		uint64_t end = DIV_UP(boot_info.module[i].end, PAGE_SIZE);

		if (first >= FRAMES_LOW_COUNT)
			frames_add(mfn(first), end - first);
	}
}

/* Module 0 is the kernel, module 1, if any, its initramfs. */
static void build_dom0(void)
{
	const struct boot_module *kernel = &boot_info.module[0], *initrd = &boot_info.module[1];
	struct dom0_request request = {
		.kernel = map_pa(kernel->start), .kernel_bytes = kernel->end - kernel->start,
		.cmdline = kernel->cmdline, .pages = options.dom0_pages,
		.min_pages = options.dom0_min_pages, .max_pages = options.dom0_max_pages,
		.vcpus = options.dom0_max_vcpus ? options.dom0_max_vcpus : cpu_count,
	};

	if (boot_info.module_count > 1) {
		request.initrd = map_pa(initrd->start);
		request.initrd_bytes = initrd->end - initrd->start;
	}
	if (options.dom0_pages_negative) {
		uint64_t spare = free_frame_count();

		request.pages = spare > options.dom0_pages ? spare - options.dom0_pages : 0;
	}
	dom0_build(&request);
	give_back_modules();
}

void trine_main(uint32_t magic, uint32_t info_pa)
{
	const char *wrong, *wrong_cpu;

	percpu_stack_init(0, boot_stack);
	bug_set_hook(stop_on_bug);

	/* Who talks to us, and where we can talk to. */
	wrong = loader_read(magic, info_pa);
	cmdline_parse(boot_info.cmdline);
	start_output();
	log_info("Trine, started by %s", boot_info.loader);
	cmdline_complain();
	if (wrong)
		machine_stop("%s", wrong);

	/* This processor. */
	wrong_cpu = features_init();
	if (wrong_cpu)
		machine_stop("this processor lacks %s", wrong_cpu);
	features_cpu_init();

	/* Memory. */
	reserve_what_is_in_use();
	wrong = map_init();
	if (options.vga)
		screen_init(&boot_info.framebuffer);
	if (wrong)
		machine_stop("%s", wrong);
	start_descriptors();
	fpu_init();
	say_memory();
	say_modules();
	if (!boot_info.module_count)
		machine_stop("no dom0 kernel: give one as the first module "
			     "(module2 /boot/vmlinux-trine-... in grub.cfg)");

	/* Traps of our own, before anything else may fault. */
	entry_init();
	entry_init_cpu();
	trap_init();
	trap_init_cpu();
	console_init();
	console_guests_write = options.console_to_guests;
	hypervisor_cmdline = boot_info.cmdline;
	machine_noreboot = options.noreboot;

	/* The board and its clocks. */
	platform_efi_init(boot_info.efi_system_table);
	acpi_init(boot_info.rsdp);
	irq_silence_8259();
	lapic_init();
	lapic_init_cpu();
	irq_init();
	ipi_init();
	pci_init();
	clock_init();
	log_set_clock(clock_now_ns);
	timer_init_cpu();

	/* Who the guests are, and the first of them. */
	pte_init();
	lifecycle_init();	/* before what the special domains own: the M2P's frames are dom_xen's */
	paging_init();
	cpu_policy_boot_init();
	sched_init();
	build_dom0();
	console_late_init();
	screen_release();
	dom0_start();
	entry_reset_stack_and_idle();
}
