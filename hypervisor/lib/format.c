// SPDX-License-Identifier: GPL-2.0-only
/* Formatted text. In: log, console. One buffer, no allocation, no locale, no floating point. */
#include "lib/format.h"

#include <stdbool.h>

#include "lib/string.h"

struct out {
	char *at;
	size_t size;
	size_t length;		/* what would have been written, so far */
};

/* One conversion, as parsed: %[flags][width][.precision][size]letter */
struct spec {
	bool left, zero, alternate, plus, space;
	int width;
	int precision;		/* -1: none given */
	int size;		/* bytes of the argument */
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->size)
		o->at[o->length] = c;
	o->length++;
}

static void pad(struct out *o, char c, int count)
{
	for (; count > 0; count--)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text, int length)
{
	if (!s->left)
		pad(o, ' ', s->width - length);
	for (int i = 0; i < length; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, ' ', s->width - length);
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	int length = 0;

	if (!text)
		text = "(null)";
	while ((s->precision < 0 || length < s->precision) && text[length])
		length++;
	put_text(o, s, text, length);
}

/* prefix: a sign or 0x. Zeros come between it and the digits, blanks before it. */
static void put_number(struct out *o, const struct spec *s, uint64_t value, unsigned int base,
		       bool upper, const char *prefix)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[24];
	int length = 0, zeros, blanks;
	int prefix_length = 0;

	do {
		text[length++] = digits[value % base];
		value /= base;
	} while (value);
	if (s->precision == 0 && length == 1 && text[0] == '0')
		length = 0;

	while (prefix[prefix_length])
		prefix_length++;
	zeros = s->precision > length ? s->precision - length : 0;
	blanks = s->width - prefix_length - zeros - length;
	if (s->zero && !s->left && s->precision < 0 && blanks > 0) {
		zeros = blanks;
		blanks = 0;
	}

	if (!s->left)
		pad(o, ' ', blanks);
	for (int i = 0; i < prefix_length; i++)
		put(o, prefix[i]);
	pad(o, '0', zeros);
	while (length)
		put(o, text[--length]);
	if (s->left)
		pad(o, ' ', blanks);
}

static void put_signed(struct out *o, const struct spec *s, int64_t value)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

	put_number(o, s, magnitude, 10, false,
		   value < 0 ? "-" : s->plus ? "+" : s->space ? " " : "");
}

static const char *parse_count(const char *p, int *count, va_list *args)
{
	if (*p == '*') {
		*count = va_arg(*args, int);
		return p + 1;
	}
	for (*count = 0; *p >= '0' && *p <= '9'; p++)
		if (*count < 10000)
			*count = *count * 10 + (*p - '0');
	return p;
}

/* Gives the place of the conversion's letter. */
static const char *parse_spec(const char *p, struct spec *s, va_list *args)
{
	*s = (struct spec){ .precision = -1, .size = sizeof(int) };
	for (;; p++) {
		if (*p == '-')
			s->left = true;
		else if (*p == '0')
			s->zero = true;
		else if (*p == '#')
			s->alternate = true;
		else if (*p == '+')
			s->plus = true;
		else if (*p == ' ')
			s->space = true;
		else
			break;
	}
	p = parse_count(p, &s->width, args);
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
	if (*p == '.')
		p = parse_count(p + 1, &s->precision, args);
	for (;; p++) {
		if (*p == 'l' || *p == 'z')
			s->size = sizeof(long);
		else if (*p == 'h')
			s->size = s->size == sizeof(short) ? 1 : (int)sizeof(short);
		else
			return p;
	}
}

static uint64_t take_unsigned(const struct spec *s, va_list *args)
{
	if (s->size == sizeof(long))
		return va_arg(*args, unsigned long);
	if (s->size == sizeof(short))
		return (unsigned short)va_arg(*args, unsigned int);
	if (s->size == 1)
		return (unsigned char)va_arg(*args, unsigned int);
	return va_arg(*args, unsigned int);
}

static int64_t take_signed(const struct spec *s, va_list *args)
{
	if (s->size == sizeof(long))
		return va_arg(*args, long);
	if (s->size == sizeof(short))
		return (short)va_arg(*args, int);
	if (s->size == 1)
		return (signed char)va_arg(*args, int);
	return va_arg(*args, int);
}

static void convert(struct out *o, struct spec *s, char letter, va_list *args)
{
	uint64_t value;
	char c;

	switch (letter) {
	case 'd':
	case 'i':
		put_signed(o, s, take_signed(s, args));
		break;
	case 'u':
		put_number(o, s, take_unsigned(s, args), 10, false, "");
		break;
	case 'o':
		put_number(o, s, take_unsigned(s, args), 8, false, s->alternate ? "0" : "");
		break;
	case 'x':
	case 'X':
		value = take_unsigned(s, args);
		put_number(o, s, value, 16, letter == 'X', s->alternate && value ? "0x" : "");
		break;
	case 'p':
		put_number(o, s, (uint64_t)va_arg(*args, void *), 16, false, "0x");
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_text(o, s, &c, 1);
		break;
	case 's':
		put_string(o, s, va_arg(*args, const char *));
		break;
	default:
		put(o, '%');
		if (letter != '%')
			put(o, letter);
		break;
	}
}

int vsnprintf(char *out, size_t size, const char *fmt, va_list args)
{
	struct out o = { .at = out, .size = size };
	struct spec s;
	va_list mine;

	va_copy(mine, args);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s, &mine);
		if (!*fmt)
			break;
		convert(&o, &s, *fmt, &mine);
	}
	va_end(mine);

	if (size)
		out[o.length < size ? o.length : size - 1] = 0;
	return (int)o.length;
}

int snprintf(char *out, size_t size, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(out, size, fmt, args);
	va_end(args);
	return length;
}

size_t string_copy(char *dst, const char *src, size_t size)
{
	size_t length = strlen(src);

	if (size) {
		size_t fits = length < size ? length : size - 1;

		memcpy(dst, src, fits);
		dst[fits] = 0;
	}
	return length;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

uint64_t strtou64(const char *s, const char **end)
{
	int base = 10;
	uint64_t value = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_of(s[2]) < 16) {
		base = 16;
		s += 2;
	} else if (s[0] == '0') {
		base = 8;
	}
	for (; digit_of(*s) < base; s++)
		value = value * (unsigned int)base + (unsigned int)digit_of(*s);
	if (end)
		*end = s;
	return value;
}
