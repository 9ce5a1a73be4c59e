// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words: a small printf, the console (console_io for the first domain, the ring for others), and
 * the protocol of trine/selftest.h.
 */
#include <stdarg.h>
#include <stdint.h>

#include <xen/io/console.h>

#include "../../../include/trine/selftest.h"
#include "rt.h"

static enum { BEST, SKIPPED, FAILED, BROKEN } worst;
static unsigned int lines_said;

void *memcpy(void *to, const void *from, size_t n)
{
	char *t = to;
	const char *f = from;

	while (n--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int c, size_t n)
{
	char *t = to;

	while (n--)
		*t++ = c;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

char *strstr(const char *s, const char *what)
{
	size_t n = strlen(what);

	for (; *s; s++)
		if (!memcmp(s, what, n < strlen(s) ? n : strlen(s) + 1))
			return (char *)s;
	return NULL;
}

struct sink {
	char *at, *end;
};

static void put(struct sink *s, char c)
{
	if (s->at < s->end)
		*s->at++ = c;
}

static void put_text(struct sink *s, const char *text, int width)
{
	for (; *text; width--)
		put(s, *text++);
	while (width-- > 0)
		put(s, ' ');
}

/* Divide by ten in two steps, for 32-bit code without a library; gives the remainder. */
static unsigned int divide_by_10(uint64_t *v)
{
	uint32_t hi = *v >> 32, lo = *v, rem;

	rem = hi % 10;
	hi /= 10;
	asm("divl %2" : "+a"(lo), "+d"(rem) : "r"(10));
	*v = (uint64_t)hi << 32 | lo;
	return rem;
}

static void put_number(struct sink *s, uint64_t v, unsigned int base, int width, char pad,
		       bool negative)
{
	char digits[24];
	int n = 0;

	do {
		unsigned int d = v & 15;

		if (base == 16)
			v >>= 4;
		else
			d = divide_by_10(&v);
		digits[n++] = d < 10 ? '0' + d : 'a' + d - 10;
	} while (v);
	if (negative && pad == '0')
		put(s, '-');
	for (width -= n + negative; width > 0; width--)
		put(s, pad);
	if (negative && pad != '0')
		put(s, '-');
	while (n)
		put(s, digits[--n]);
}

static int format_va(char *out, size_t size, const char *fmt, va_list ap)
{
	struct sink s = { out, out + size - 1 };

	for (; *fmt; fmt++) {
		int longs = 0, width = 0;
		char pad = ' ';
		bool alt = false;
		int64_t v;

		if (*fmt != '%') {
			put(&s, *fmt);
			continue;
		}
		fmt++;
		for (; *fmt == '#' || *fmt == '0' || *fmt == '-'; fmt++) {
			alt |= *fmt == '#';
			if (*fmt == '0')
				pad = '0';
		}
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + *fmt - '0';
		for (; *fmt == 'l' || *fmt == 'z'; fmt++)
			longs++;
		switch (*fmt) {
		case 's':
			put_text(&s, va_arg(ap, const char *), width);
			break;
		case 'c':
			put(&s, va_arg(ap, int));
			break;
		case 'd':
			v = longs > 1 ? va_arg(ap, long long)
			    : longs   ? va_arg(ap, long)
				      : va_arg(ap, int);
			put_number(&s, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, width, pad, v < 0);
			break;
		case 'p':
			put_text(&s, "0x", 0);
			put_number(&s, (word)va_arg(ap, void *), 16, width, pad, false);
			break;
		case 'u':
		case 'x':
			v = longs > 1 ? va_arg(ap, unsigned long long) :
			    longs ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int);
			if (alt)
				put_text(&s, "0x", 0);
			put_number(&s, v, *fmt == 'x' ? 16 : 10, width, pad, false);
			break;
		default:
			put(&s, *fmt);
		}
	}
	*s.at = '\0';
	return s.at - out;
}

int format_text(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = format_va(out, size, fmt, ap);
	va_end(ap);
	return n;
}

/* A guest that is not the first has a ring, which another domain empties. */
static void ring_write(const char *text, size_t n)
{
	volatile struct xencons_interface *ring = mfn_to_va(si->console.domU.mfn);
	struct evtchn_send send = { .port = si->console.domU.evtchn };

	for (; n; n--, text++) {
		while (ring->out_prod - ring->out_cons >= sizeof(ring->out)) {
			event_op(EVTCHNOP_send, &send);
			sched_op(SCHEDOP_yield, NULL);
		}
		ring->out[ring->out_prod & (sizeof(ring->out) - 1)] = *text;
		barrier();
		ring->out_prod++;
	}
	event_op(EVTCHNOP_send, &send);
}

static void console_write(const char *text, size_t n)
{
	hcall3(__HYPERVISOR_console_io, CONSOLEIO_write, n, text);
	if (!(si->flags & SIF_INITDOMAIN))
		ring_write(text, n);
}

static void say_line(const char *verdict, const char *fmt, va_list ap)
{
	char line[400];
	int n = 0;

	if (lines_said++ > 60 && verdict)
		return; /* one broken rule can fail a thousand times; the verdict is known */
	if (verdict)
		n = format_text(line, sizeof(line), "%s %s: ", verdict, test_name);
	n += format_va(line + n, sizeof(line) - n - 1, fmt, ap);
	line[n++] = '\n';
	console_write(line, n);
}

static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(NULL, fmt, ap);
	va_end(ap);
}

#define SAY(kind, verdict)				\
	do {						\
		va_list ap;				\
							\
		if (worst < (kind))			\
			worst = (kind);			\
		va_start(ap, fmt);			\
		say_line(verdict, fmt, ap);		\
		va_end(ap);				\
	} while (0)

void note(const char *fmt, ...)
{
	SAY(BEST, NULL);
}

void test_fail(const char *fmt, ...)
{
	SAY(FAILED, SELFTEST_FAIL);
}

void test_error(const char *fmt, ...)
{
	SAY(BROKEN, SELFTEST_ERROR);
}

void test_skip(const char *fmt, ...)
{
	SAY(SKIPPED, SELFTEST_SKIP);
}

void bench_report(const char *what, uint64_t value, const char *unit)
{
	say(SELFTEST_BENCH " %s %llu %s", what, (unsigned long long)value, unit);
}

void test_begin(void);
void test_begin(void)
{
	say(SELFTEST_RUN " %s %s", test_name, WIDE ? "pv64" : "pv32");
}

void test_end(void)
{
	static const char *const verdicts[] = { SELFTEST_OK, SELFTEST_SKIP, SELFTEST_FAIL,
						SELFTEST_ERROR };
	struct sched_shutdown off = { .reason = SHUTDOWN_poweroff };

	lines_said = 0;
	say("%s %s" SELFTEST_END, verdicts[worst], test_name);
	for (;;)
		sched_op(SCHEDOP_shutdown, &off);
}
