/* SPDX-License-Identifier: MIT */
/*
 * The protocol of the test guests: one line a statement, on the console, whoever carries it.
 *
 *	SELFTEST RUN <name> <width>		the guest lives and begins
 *	SELFTEST SKIP <name>: <why>		this machine cannot show it
 *	SELFTEST FAIL <name>: <what>		the hypervisor is wrong
 *	SELFTEST ERROR <name>: <what>		the test itself is wrong, or its surroundings are
 *	SELFTEST BENCH <name> <value> <unit>	a figure; never a verdict
 *	SELFTEST <verdict> <name> end		the last line; a reader may stop the machine now
 *
 * RUN comes first.  SKIP, FAIL, ERROR and BENCH may come any number of times.  The verdict is the
 * worst of what came: OK (nothing did), SKIP, FAIL, ERROR, in this order.
 *
 * A line may have anything in front of it (a hypervisor that names the speaker, say); it begins
 * where SELFTEST_MARK begins.
 */
#pragma once

#define SELFTEST_MARK	"SELFTEST "

#define SELFTEST_RUN	SELFTEST_MARK "RUN"
#define SELFTEST_OK	SELFTEST_MARK "OK"
#define SELFTEST_SKIP	SELFTEST_MARK "SKIP"
#define SELFTEST_FAIL	SELFTEST_MARK "FAIL"
#define SELFTEST_ERROR	SELFTEST_MARK "ERROR"
#define SELFTEST_BENCH	SELFTEST_MARK "BENCH"

/* Ends the line that is the verdict. */
#define SELFTEST_END	" end"
