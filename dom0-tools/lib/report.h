/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saying why something failed: one line, what and what to do, printed by the command alone.
 *
 * A leaf that knows more than an errno can say leaves its reason with because() and returns -1.
 * The command ends with report_failure(), which prints "error: WHAT: REASON".
 * Without a reason, strerror(errno) is the reason.
 */
#pragma once

#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))

/* Keep a reason for report_failure(); always returns -1, and leaves errno alone. */
int because(const char *format, ...) PRINTF_LIKE(1, 2);

/* Was a reason left?  The text, or NULL. */
const char *reason_given(void);

/* The failure was dealt with: its reason must not colour a later one. */
void reason_forget(void);

/* Print the one error line.  Always returns -1, so that a command can end with it. */
int report_failure(const char *what, ...) PRINTF_LIKE(1, 2);

/* Something the user should know, though we go on. */
void report_warning(const char *format, ...) PRINTF_LIKE(1, 2);
