// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock (the story is in clock.h).
 *
 * Measuring: the TSC and a counter of known rate are read together twice, ten milliseconds apart.
 * Each reading is the tightest of several tries, so that neither a slow device nor an emulator
 * that takes a break in between costs precision: what counts is how well the two ends are known,
 * not that they are exactly ten milliseconds apart.
 */
#include "time/clock.h"

#include "cpu/asm.h"
#include "cpu/features.h"
#include "cpu/lock.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "machine/acpi.h"
#include "machine/lapic.h"
#include "machine/stop.h"
#include "mem/map.h"

#define MEASURE_MS	10
#define TRIES		8

uint32_t tsc_khz;
struct clock_scale tsc_scale;
uint64_t tsc_base;

static struct clock_scale ns_scale;	/* nanoseconds to TSC ticks, for short distances */
static uint64_t wall_ns;		/* since 1970, at system time zero */
static spinlock_t clock_wall_lock = SPINLOCK_INIT(RANK_PLATFORM);

/* --- scales --- */

/* The scale that turns `from` ticks a second into `to` ticks a second. */
static struct clock_scale scale_between(uint64_t from, uint64_t to)
{
	struct clock_scale s = { 0, 0 };

	while (to >> 31) {		/* room for the fraction */
		to >>= 1;
		from >>= 1;
	}
	/* Bring `from` to just above `to`, so that the fraction uses all of its 32 bits. */
	while (from > 2 * to) {
		from >>= 1;
		s.shift--;
	}
	while (from <= to) {
		from <<= 1;
		s.shift++;
	}
	s.mul_frac = (uint32_t)((to << 32) / from);
	return s;
}

struct clock_scale clock_scale_for(uint64_t hz)
{
	return scale_between(hz, NS_PER_SEC);
}

uint64_t clock_scale_apply(struct clock_scale s, uint64_t ticks)
{
	if (s.shift < 0)
		ticks >>= -s.shift;
	else
		ticks <<= s.shift;
	return (uint64_t)((unsigned __int128)ticks * s.mul_frac >> 32);
}

/* --- counters of known rate --- */

static volatile uint32_t *hpet;

#define HPET_PERIOD	1	/* words: femtoseconds a tick */
#define HPET_CONFIG	4
#define HPET_COUNTER	60

static uint64_t hpet_read(void)
{
	return hpet[HPET_COUNTER];
}

static uint64_t pm_timer_read(void)
{
	return inl((uint16_t)acpi.pm_timer.address) & 0xffffff;
}

#define PIT_HZ		1193182
#define PIT_CHANNEL_2	0x42
#define PIT_COMMAND	0x43
#define PIT_GATE	0x61	/* bit 0 lets channel 2 count, bit 1 is the loudspeaker */

static uint64_t pit_read(void)
{
	unsigned int low;

	outb(0x80, PIT_COMMAND);	/* latch channel 2 */
	low = inb(PIT_CHANNEL_2);
	return 0xffff - (low | (unsigned int)inb(PIT_CHANNEL_2) << 8);	/* it counts down */
}

static void pit_start(void)
{
	outb((uint8_t)((inb(PIT_GATE) & ~2) | 1), PIT_GATE);
	outb(0xb0, PIT_COMMAND);	/* channel 2, both bytes, mode 0, binary */
	outb(0xff, PIT_CHANNEL_2);
	outb(0xff, PIT_CHANNEL_2);
}

struct reference {
	const char *name;
	uint64_t (*read)(void);
	uint64_t hz, mask;
};

static bool find_hpet(struct reference *ref)
{
	uint64_t period;

	if (!acpi.hpet_pa)
		return false;
	hpet = ioremap(acpi.hpet_pa, 0x400, CACHE_UC);
	if (!hpet)
		return false;
	period = hpet[HPET_PERIOD];
	if (period < 100000 || period > 100000000)	/* ten nanoseconds is usual, 100 the limit */
		return false;
	hpet[HPET_CONFIG] |= 1;		/* count */
	*ref = (struct reference){ "HPET", hpet_read, 1000000000000000ull / period, 0xffffffff };
	return true;
}

static bool find_pm_timer(struct reference *ref)
{
	if (acpi.pm_timer.space != ACPI_SPACE_IO || !acpi.pm_timer.address)
		return false;
	*ref = (struct reference){ "PM timer", pm_timer_read, 3579545, 0xffffff };
	return true;
}

static bool find_pit(struct reference *ref)
{
	pit_start();
	*ref = (struct reference){ "PIT", pit_read, PIT_HZ, 0xffff };
	return true;
}

/* --- measuring --- */

struct moment {
	uint64_t tsc, count;
};

static uint64_t read_lapic(void)
{
	return lapic_timer_passed();
}

/* What the counter said, and when: the middle of the shortest of several attempts. */
static struct moment look(uint64_t (*read)(void))
{
	struct moment best = { 0, 0 };
	uint64_t before, after, count, shortest = UINT64_MAX;

	for (unsigned int i = 0; i < TRIES; i++) {
		before = rdtsc_ordered();
		count = read();
		after = rdtsc_ordered();
		if (after - before < shortest) {
			shortest = after - before;
			best.tsc = before + shortest / 2;
			best.count = count;
		}
	}
	return best;
}

/* Ticks of the TSC a second, 0: the counter stands still. */
static uint64_t measure(const struct reference *ref)
{
	uint64_t wanted = ref->hz * MEASURE_MS / 1000, stalled = 0, passed;
	struct moment lapic[2], counter[2];

	lapic_timer_run_free();
	lapic[0] = look(read_lapic);
	counter[0] = look(ref->read);
	do {
		passed = (ref->read() - counter[0].count) & ref->mask;
		if (!passed && ++stalled > 100000)
			return 0;
	} while (passed < wanted);
	counter[1] = look(ref->read);
	lapic[1] = look(read_lapic);

	lapic_timer_set_rate(lapic[1].count - lapic[0].count, lapic[1].tsc - lapic[0].tsc);
	passed = (counter[1].count - counter[0].count) & ref->mask;
	return (uint64_t)((counter[1].tsc - counter[0].tsc) * ref->hz / passed);
}

/* What CPUID says the rate is; 0: nothing. */
static uint64_t told_hz(void)
{
	struct cpuid_regs r;

	if (host.hypervisor) {	/* leaf 0x40000010: kHz (KVM, VMware, where configured) */
		r = cpuid(0x40000000);
		if (r.eax >= 0x40000010 && r.eax < 0x40010000)
			return cpuid(0x40000010).eax * 1000ull;
	}
	if (host.max_leaf >= 0x15) {
		r = cpuid(0x15);	/* TSC = crystal in ecx * ebx / eax */
		if (r.eax && r.ebx && r.ecx)
			return (uint64_t)r.ecx * r.ebx / r.eax;
	}
	return 0;
}

static uint64_t find_tsc_hz(const char **how)
{
	static bool (*const finders[])(struct reference *) = { find_hpet, find_pm_timer, find_pit };
	uint64_t hz = 0, told = told_hz();
	struct reference ref;

	for (unsigned int i = 0; i < ARRAY_SIZE(finders) && !hz; i++) {
		if (!finders[i](&ref))
			continue;
		*how = ref.name;
		hz = measure(&ref);
		if (!hz)
			log_warn("clock: the %s stands still", ref.name);
	}
	/* A told rate is exact, but some machines tell nonsense. */
	if (told && hz && (told > hz ? told - hz : hz - told) < hz / 100) {
		*how = "CPUID";
		hz = told;
	}
	return hz;
}

/* --- the CMOS clock --- */

static uint8_t cmos(uint8_t reg)
{
	outb(reg, 0x70);
	return inb(0x71);
}

struct rtc {
	uint8_t second, minute, hour, day, month, year, mode;
};

static struct rtc rtc_read(void)
{
	struct rtc r;

	r.second = cmos(0);
	r.minute = cmos(2);
	r.hour = cmos(4);
	r.day = cmos(7);
	r.month = cmos(8);
	r.year = cmos(9);
	r.mode = cmos(0xb);
	return r;
}

static bool rtc_same(const struct rtc *a, const struct rtc *b)
{
	return a->second == b->second && a->minute == b->minute && a->hour == b->hour &&
	       a->day == b->day && a->month == b->month && a->year == b->year;
}

static unsigned int number(uint8_t value, uint8_t mode)
{
	return mode & 4 ? value : (value >> 4) * 10u + (value & 15);
}

uint64_t clock_date_to_sec(unsigned int year, unsigned int month, unsigned int day,
			   unsigned int hour, unsigned int minute, unsigned int second)
{
	static const uint16_t before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint64_t days = 365ull * (year - 1970) + before[month - 1] + day - 1;

	/* Leap days of the years before this one, and this one's if it is over. */
	days += (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
	if (month > 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		days++;
	return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

/* Seconds since 1970 now; 0: the clock shows no date. */
static uint64_t rtc_seconds(void)
{
	uint64_t give_up = rdtsc() + (uint64_t)tsc_khz * 10;
	unsigned int hour, month, day;
	struct rtc r, again;

	/* It is not to be read while it updates, for two milliseconds each second; when it is not
	 * about to, a quarter of a millisecond is left, and two equal readings prove the rest. */
	while ((cmos(0xa) & 0x80) && rdtsc() < give_up)
		cpu_relax();
	r = rtc_read();
	for (unsigned int i = 0; i < 4; i++) {
		again = rtc_read();
		if (rtc_same(&r, &again))
			break;
		r = again;
	}
	month = number(r.month, r.mode);
	day = number(r.day, r.mode);
	hour = number(r.hour & 0x7f, r.mode);
	if (!(r.mode & 2)) {		/* twelve hours; bit 7 says afternoon */
		hour %= 12;
		if (r.hour & 0x80)
			hour += 12;
	}
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
	    number(r.minute, r.mode) > 59 || number(r.second, r.mode) > 60 ||
	    number(r.year, r.mode) > 99)
		return 0;
	/* Two digits of the year: this century (the century's place differs between boards). */
	return clock_date_to_sec(2000 + number(r.year, r.mode), month, day, hour,
				 number(r.minute, r.mode), number(r.second, r.mode));
}

/* --- what time it is --- */

uint64_t clock_tsc_to_ns(uint64_t tsc)
{
	return tsc <= tsc_base ? 0 : clock_scale_apply(tsc_scale, tsc - tsc_base);
}

uint64_t clock_now_ns(void)
{
	return clock_tsc_to_ns(rdtsc_ordered());
}

/*
 * From now on: the scale back is a fraction too, and its error would grow with the distance.
 */
uint64_t clock_ns_to_tsc(uint64_t ns)
{
	uint64_t tsc = rdtsc(), now = clock_tsc_to_ns(tsc);

	if (ns <= now)
		return tsc;
	/* Beyond half a year the sum could overflow, and nobody waits that exactly. */
	return tsc + clock_scale_apply(ns_scale, MIN(ns - now, BIT(54))) + 1;
}

void clock_delay_us(uint64_t us)
{
	uint64_t until = clock_ns_to_tsc(clock_now_ns() + us * NS_PER_US);

	while (rdtsc() < until)
		cpu_relax();
}

void clock_wall(uint64_t *sec, uint32_t *nsec)
{
	uint64_t ns;

	spin_lock(&clock_wall_lock);
	ns = wall_ns;
	spin_unlock(&clock_wall_lock);
	*sec = ns / NS_PER_SEC;
	*nsec = (uint32_t)(ns % NS_PER_SEC);
}

uint64_t clock_wall_sec(void)
{
	uint64_t sec;
	uint32_t nsec;

	clock_wall(&sec, &nsec);
	return sec;
}

uint32_t clock_wall_nsec(void)
{
	uint64_t sec;
	uint32_t nsec;

	clock_wall(&sec, &nsec);
	return nsec;
}

int clock_set_wall(uint64_t sec, uint32_t nsec, uint64_t at_ns)
{
	uint64_t ns;

	if (nsec >= NS_PER_SEC || mul_overflows(sec, NS_PER_SEC, &ns) ||
	    add_overflows(ns, (uint64_t)nsec, &ns) || ns < at_ns)
		return refuse(-EINVAL, "wall clock of %lu.%09u at %lu ns", (unsigned long)sec, nsec,
			      (unsigned long)at_ns);
	spin_lock(&clock_wall_lock);
	wall_ns = ns - at_ns;
	spin_unlock(&clock_wall_lock);
	return 0;
}

void clock_init(void)
{
	uint64_t start = rdtsc(), hz, seconds;
	const char *how = "";

	hz = find_tsc_hz(&how);
	if (!hz)
		machine_stop("neither HPET, ACPI PM timer nor PIT counts: "
			     "switch one on in the firmware setup");
	tsc_khz = (uint32_t)((hz + 500) / 1000);
	tsc_scale = clock_scale_for(hz);
	ns_scale = scale_between(NS_PER_SEC, hz);
	tsc_base = start;

	seconds = rtc_seconds();
	if (seconds)
		wall_ns = seconds * NS_PER_SEC - clock_now_ns();
	else
		log_warn("clock: the CMOS clock shows no date; 1970 until the control domain knows better");
	log_info("clock: TSC at %u.%03u MHz by %s%s", tsc_khz / 1000, tsc_khz % 1000, how,
		 host.tsc_invariant ? "" : " (rate not guaranteed constant)");
}
