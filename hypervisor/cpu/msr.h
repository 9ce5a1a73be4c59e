// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of model-specific registers and the bits of control registers that we name. */
#pragma once

#define MSR_TSC			0x10
#define MSR_APIC_BASE		0x1b
#define MSR_PLATFORM_ID		0x17
#define MSR_FEATURE_CONTROL	0x3a
#define MSR_SPEC_CTRL		0x48
#define MSR_PRED_CMD		0x49
#define MSR_UCODE_REV		0x8b
#define MSR_PLATFORM_INFO	0xce
#define MSR_ARCH_CAPABILITIES	0x10a
#define MSR_MISC_FEATURES	0x140
#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176
#define MSR_MCG_CAP		0x179
#define MSR_MISC_ENABLE		0x1a0
#define MSR_DEBUGCTL		0x1d9
#define MSR_PAT			0x277
#define MSR_TSC_DEADLINE	0x6e0
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SFMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103
#define MSR_XSS			0xda0

#define EFER_SCE		(1ul << 0)
#define EFER_LME		(1ul << 8)
#define EFER_LMA		(1ul << 10)
#define EFER_NX			(1ul << 11)
#define EFER_FFXSE		(1ul << 14)

#define CR0_PE			(1ul << 0)
#define CR0_MP			(1ul << 1)
#define CR0_EM			(1ul << 2)
#define CR0_TS			(1ul << 3)
#define CR0_ET			(1ul << 4)
#define CR0_NE			(1ul << 5)
#define CR0_WP			(1ul << 16)
#define CR0_AM			(1ul << 18)
#define CR0_NW			(1ul << 29)
#define CR0_CD			(1ul << 30)
#define CR0_PG			(1ul << 31)

#define CR4_VME			(1ul << 0)
#define CR4_PVI			(1ul << 1)
#define CR4_TSD			(1ul << 2)
#define CR4_DE			(1ul << 3)
#define CR4_PSE			(1ul << 4)
#define CR4_PAE			(1ul << 5)
#define CR4_MCE			(1ul << 6)
#define CR4_PGE			(1ul << 7)
#define CR4_PCE			(1ul << 8)
#define CR4_OSFXSR		(1ul << 9)
#define CR4_OSXMMEXCPT		(1ul << 10)
#define CR4_UMIP		(1ul << 11)
#define CR4_FSGSBASE		(1ul << 16)
#define CR4_PCIDE		(1ul << 17)
#define CR4_OSXSAVE		(1ul << 18)
#define CR4_SMEP		(1ul << 20)
#define CR4_SMAP		(1ul << 21)
#define CR4_PKE			(1ul << 22)

#define XCR0_X87		(1ul << 0)
#define XCR0_SSE		(1ul << 1)
#define XCR0_AVX		(1ul << 2)
#define XCR0_BNDREGS		(1ul << 3)
#define XCR0_BNDCSR		(1ul << 4)
#define XCR0_AVX512		(7ul << 5)
#define XCR0_PKRU		(1ul << 9)

/* What we put into MSR_PAT: the ABI's order (write-back, -through, uncached-, uncached,
 * write-combining, write-protected, uncached, uncached), which guests rely on. */
#define PAT_VALUE		0x0000050100070406ul
