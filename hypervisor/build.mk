# SPDX-License-Identifier: GPL-2.0-only
#
# The hypervisor: every .c and .S below hypervisor/ becomes build/hv/<room>/<file>.o.
#
#   build/trine-syms   ELF64 with symbols and debugging information
#   build/trine        what boots: the same bytes in an ELF32 file, which both multiboot 1
#                      (qemu -kernel) and multiboot 2 (GRUB) take
#   build/trine.map    where everything went
#
# DEBUG=0 leaves out assertions and lock-order checks.

HYPERVISOR_TARGETS := $(B)/trine $(B)/trine-syms

DEBUG		?= 1
HV_LD		?= ld
HV_OBJCOPY	?= objcopy

# Only the compiler's own headers and the Xen ABI's: a libc header included by mistake is an error.
HV_INC		:= $(B)/hv/include
HV_CPPFLAGS	:= -nostdinc -isystem $(shell $(CC) -print-file-name=include) -isystem $(HV_INC) \
		   -Ihypervisor -Iinclude -I$(B)/hv -D__XEN_TOOLS__=1 -MMD -MP \
		   $(if $(filter 1,$(DEBUG)),-DDEBUG)
HV_CFLAGS	:= -std=gnu11 -O2 -g $(WARNINGS) -Wvla -Wframe-larger-than=4608 -ffreestanding -fpie -mcmodel=small \
		   -fvisibility=hidden -include hypervisor/lib/hidden.h -mno-red-zone \
		   -mgeneral-regs-only -fno-stack-protector \
		   $(if $(filter 1,$(DEBUG)),-fno-omit-frame-pointer,-fomit-frame-pointer) \
		   -fno-strict-aliasing -fno-common -fno-asynchronous-unwind-tables \
		   -fcf-protection=none -fno-jump-tables -ffunction-sections -fdata-sections
# One file would otherwise have its loops turned into calls of itself.
HV_CFLAGS_lib/string := -fno-builtin -fno-tree-loop-distribute-patterns
HV_ASFLAGS	:= -g -Wa,--fatal-warnings

# clang has no such gcc option, and says so.
ifneq ($(shell $(CC) --version 2>/dev/null | grep -c clang),0)
HV_CFLAGS	:= $(HV_CFLAGS) -Wno-unknown-warning-option -Wno-gnu-variable-sized-type-not-at-end
HV_CFLAGS_lib/string := -fno-builtin
HV_ASFLAGS	:= -g
endif

HV_SOURCES	:= $(sort $(wildcard hypervisor/*/*.c hypervisor/*/*.S))
HV_OBJECTS	:= $(patsubst hypervisor/%,$(B)/hv/%.o,$(basename $(HV_SOURCES)))

# A change of compiler or flags rebuilds.
HV_FLAGS_STAMP	:= $(B)/hv/flags
HV_FLAGS_NOW	:= $(CC) $(HV_CPPFLAGS) $(HV_CFLAGS) $(HV_ASFLAGS)
ifneq ($(shell cat $(HV_FLAGS_STAMP) 2>/dev/null),$(strip $(HV_FLAGS_NOW)))
$(shell mkdir -p $(B)/hv && echo '$(strip $(HV_FLAGS_NOW))' > $(HV_FLAGS_STAMP))
endif

$(HV_INC)/xen:
	@test -e /usr/include/xen/xen.h || { echo "error: Xen's public headers are missing:" \
		"run 'make deps' (or install libxen-dev)" >&2; false; }
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfn /usr/include/xen $@

$(B)/hv/%.o: hypervisor/%.c $(HV_FLAGS_STAMP) | $(HV_INC)/xen
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_CPPFLAGS) $(HV_CFLAGS) $(HV_CFLAGS_$*) -c -o $@ $<

$(B)/hv/%.o: hypervisor/%.S $(HV_FLAGS_STAMP) | $(HV_INC)/xen
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_CPPFLAGS) $(HV_ASFLAGS) -c -o $@ $<

$(B)/hv/%.lds: hypervisor/%.lds
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c -Ihypervisor $< -o $@

$(B)/trine-syms: $(HV_OBJECTS) hypervisor/trine.lds
	$(call say,LD,$@)
	$(Q)$(HV_LD) -m elf_x86_64 -static -nostdlib -z max-page-size=4096 -z noexecstack \
		--no-warn-rwx-segments --build-id=sha1 --gc-sections --orphan-handling=error \
		-T hypervisor/trine.lds -Map $(B)/trine.map -o $@ $(HV_OBJECTS)

$(B)/hv/trine.bin: $(B)/trine-syms
	$(Q)$(HV_OBJCOPY) -O binary $< $@

# The ELF32 file holds the image and, as .bss, what must be free behind it.
$(B)/trine: $(B)/hv/trine.bin hypervisor/boot/wrap.lds
	$(call say,WRAP,$@)
	$(Q)size=$$(nm $(B)/trine-syms | awk '$$3 == "image_bss_size" { print "0x" $$1 }'); \
	printf '.section .image,"awx"\n.globl _start\n_start: .incbin "%s"\n.bss\n.skip %s\n' \
		$< $$size > $(B)/hv/wrap.S
	$(Q)$(CC) -m32 -c -o $(B)/hv/wrap.o $(B)/hv/wrap.S
	$(Q)$(HV_LD) -m elf_i386 -z max-page-size=4096 -static --no-warn-rwx-segments --build-id=none -z noexecstack \
		-T hypervisor/boot/wrap.lds -o $@ $(B)/hv/wrap.o

-include $(HV_OBJECTS:.o=.d)
