// SPDX-License-Identifier: GPL-2.0-only
#include "console/console.h"

#include "cpu/asm.h"
#include "cpu/softirq.h"
#include "evtchn/channel.h"
#include "guest/access.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/string.h"
#include "machine/acpi.h"
#include "machine/framebuffer.h"
#include "machine/irq.h"
#include "machine/uart.h"

#define INPUT_BYTES	256u		/* typed and not yet read by anyone */
#define CHUNK		256u
#define CHUNK_UNITS	64u		/* a serial line takes 20 ms for a chunk */
#define GUEST_LINE	120u
#define SWITCH_CHAR	1		/* Ctrl-A */
#define SWITCH_COUNT	3
#define LOCK_TRIES	1000000u

static_assert((CONRING_BYTES & (CONRING_BYTES - 1)) == 0 &&
	      (INPUT_BYTES & (INPUT_BYTES - 1)) == 0, "indices run on and are cut by a mask");

static spinlock_t console_lock = SPINLOCK_INIT(RANK_CONSOLE);
static bool started;			/* softirqs work, domains may be told */

static char ring[CONRING_BYTES];
static uint32_t ring_end, ring_start;	/* written up to, kept from */

static char input[INPUT_BYTES];
static uint32_t input_end, input_start;
static bool input_is_ours;		/* typed characters are debug keys */
static unsigned int switch_seen;

bool console_guests_write;

/* What a guest other than the control domain has written of its line. */
static struct {
	domid_t domid;
	unsigned int length;
	char text[GUEST_LINE];
} guest_line;

/*
 * A CPU that stops inside this file, or is stopped by a bug while another prints, still wants its
 * last line out: so waiting has an end.
 */
static bool lock_console(void)
{
	for (unsigned int i = 0; i < LOCK_TRIES; i++) {
		if (spin_trylock(&console_lock))
			return true;
		cpu_relax();
	}
	return false;
}

static void unlock_console(bool locked)
{
	if (locked)
		spin_unlock(&console_lock);
}

static void ring_put(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		ring[ring_end++ & (CONRING_BYTES - 1)] = text[i];
	if (ring_end - ring_start > CONRING_BYTES)
		ring_start = ring_end - CONRING_BYTES;
}

/* A line of ours: everywhere. */
static void put_line(const char *text, size_t bytes)
{
	bool locked = lock_console();

	ring_put(text, bytes);
	uart_write(text, bytes);
	screen_write(text, bytes);
	unlock_console(locked);
	if (started)
		softirq_raise(SOFTIRQ_CONSOLE);
}

static void sink(enum log_level level, bool about_guest, const char *line)
{
	static const char *const marks[] = { "error: ", "warning: ", "", "" };
	const struct vcpu *v = about_guest ? current : NULL;
	char text[320];
	int n;

	if (v && !v->is_idle)
		n = snprintf(text, sizeof(text), "(trine) d%uv%u: %s\n", v->domain->id, v->id, line);
	else
		n = snprintf(text, sizeof(text), "(trine) %s%s\n", marks[level % ARRAY_SIZE(marks)],
			     line);
	if ((size_t)n >= sizeof(text)) {
		n = sizeof(text) - 1;
		text[n - 1] = '\n';
	}
	put_line(text, (size_t)n);
}

void console_init(void)
{
	log_set_sink(sink);
}

/* --- input --- */

static void say_who_listens(void)
{
	log_info("%s; Ctrl-A three times to change that", input_is_ours ?
		 "what is typed is for the hypervisor (h for help)" :
		 "what is typed is for dom0");
}

/* Three times Ctrl-A in a row: the other one listens. */
static bool is_switch(char c)
{
	if (c != SWITCH_CHAR) {
		switch_seen = 0;
		return false;
	}
	if (++switch_seen < SWITCH_COUNT)
		return false;
	switch_seen = 0;
	input_is_ours = !input_is_ours;
	return true;
}

void console_rx(char c)
{
	bool locked = lock_console();

	if (input_end - input_start < INPUT_BYTES)
		input[input_end++ & (INPUT_BYTES - 1)] = c;
	unlock_console(locked);
	softirq_raise(SOFTIRQ_CONSOLE);
}

static bool input_take(char *c)
{
	bool some, locked = lock_console();

	some = input_start != input_end;
	if (some)
		*c = input[input_start++ & (INPUT_BYTES - 1)];
	unlock_console(locked);
	return some;
}

/* Characters that dom0 may have, checked for the switch as they pass. */
static char for_dom0[INPUT_BYTES];
static uint32_t for_dom0_end, for_dom0_start;

static void give_dom0(char c)
{
	bool locked = lock_console();

	if (for_dom0_end - for_dom0_start < INPUT_BYTES)
		for_dom0[for_dom0_end++ & (INPUT_BYTES - 1)] = c;
	unlock_console(locked);
}

static void console_softirq(void)
{
	bool tell_dom0 = false;
	char c;

	while (input_take(&c)) {
		if (is_switch(c)) {
			say_who_listens();
		} else if (input_is_ours) {
			keys_handle(c);
		} else {
			give_dom0(c);
			tell_dom0 = true;
		}
	}
	if (tell_dom0)
		virq_send_global(VIRQ_CONSOLE);
	virq_send_global(VIRQ_CON_RING);
}

static void uart_interrupt(struct irq_desc *desc)
{
	int c;

	(void)desc;
	while ((c = uart_read()) >= 0)
		console_rx((char)c);
}

static void listen(void)
{
	unsigned int gsi = uart_irq();

	if (!gsi)
		return;
	for (unsigned int i = 0; i < acpi.override_count; i++)
		if (acpi.override[i].irq == uart_irq())
			gsi = acpi.override[i].gsi;
	if (irq_request_gsi(gsi, uart_interrupt, NULL)) {
		log_warn("the serial line's interrupt %u cannot be had: nothing can be typed", gsi);
		return;
	}
	uart_irq_enable();
}

void console_late_init(void)
{
	softirq_set_handler(SOFTIRQ_CONSOLE, console_softirq);
	started = true;
	listen();
}

/* --- the ring, for tools --- */

/* Up to CHUNK bytes from index *at on; moves it. */
static size_t ring_get(uint32_t *at, char *out, size_t most)
{
	size_t n = 0;
	bool locked = lock_console();

	if (ring_end - *at > CONRING_BYTES)
		*at = ring_start;	/* overwritten meanwhile */
	while (n < most && *at != ring_end)
		out[n++] = ring[(*at)++ & (CONRING_BYTES - 1)];
	unlock_console(locked);
	return n;
}

int console_ring_read(struct xen_sysctl_readconsole *op)
{
	char chunk[CHUNK];
	uint32_t at = read_once(ring_start), copied = 0;

	/* An index that is still in the ring goes on from there. */
	if (op->incremental && ring_end - op->index <= ring_end - at)
		at = op->index;
	while (copied < op->count) {
		size_t n = ring_get(&at, chunk, MIN((size_t)CHUNK, (size_t)(op->count - copied)));

		if (!n)
			break;
		if (guest_write(gva_add(handle_gva(op->buffer), copied), chunk, n))
			return -EFAULT;
		copied += (uint32_t)n;
	}
	if (op->clear) {
		bool locked = lock_console();

		ring_start = ring_end;
		unlock_console(locked);
	}
	op->count = copied;
	op->index = at;
	return 0;
}

void console_ring_show(void)
{
	char chunk[CHUNK];
	uint32_t at = ring_start, end = ring_end;
	size_t n;

	while (at != end && (n = ring_get(&at, chunk, MIN((size_t)CHUNK, (size_t)(end - at)))))
		uart_write(chunk, n);
}

/* --- console_io --- */

static void guest_line_flush(void)
{
	if (guest_line.length)
		log_host(LOG_INFO, "(d%u) %.*s", guest_line.domid, (int)guest_line.length,
			 guest_line.text);
	guest_line.length = 0;
}

static void guest_put(domid_t domid, const char *text, size_t bytes)
{
	if (guest_line.domid != domid)
		guest_line_flush();
	guest_line.domid = domid;
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '\n' || guest_line.length == GUEST_LINE)
			guest_line_flush();
		if (text[i] >= ' ' && text[i] < 0x7f)
			guest_line.text[guest_line.length++] = text[i];
	}
}

static int64_t io_write(struct hcall *h, uint32_t count, gva_t buffer)
{
	char chunk[CHUNK];
	uint32_t done = 0;

	if (!h->d->privileged && !console_guests_write)
		return -EPERM;
	while (done < count) {
		uint32_t n = MIN(count - done, CHUNK);

		hcall_did(h, CHUNK_UNITS);
		if (done && hcall_should_yield(h)) {
			h->args[1] = count - done;
			h->args[2] += done;
			return HC_RESTART;
		}
		if (guest_read(chunk, gva_add(buffer, done), n))
			return -EFAULT;
		if (h->d->privileged) {
			bool locked = lock_console();

			uart_write(chunk, n);
			unlock_console(locked);
		} else {
			guest_put(h->d->id, chunk, n);
		}
		done += n;
	}
	return 0;
}

/* Gives how many characters there were. */
static int64_t io_read(struct hcall *h, uint32_t count, gva_t buffer)
{
	char chunk[INPUT_BYTES];
	uint32_t n = 0;
	bool locked;

	if (!h->d->privileged)
		return -EPERM;
	locked = lock_console();
	while (n < count && n < INPUT_BYTES && for_dom0_start != for_dom0_end)
		chunk[n++] = for_dom0[for_dom0_start++ & (INPUT_BYTES - 1)];
	unlock_console(locked);
	if (n && guest_write(buffer, chunk, n))
		return -EFAULT;
	return n;
}

int64_t hc_console_io(struct hcall *h)
{
	uint32_t cmd = (uint32_t)h->args[0], count = (uint32_t)h->args[1];
	gva_t buffer = gva(h->args[2]);

	if (count > INT32_MAX)
		return refuse(-EINVAL, "console_io: %u bytes", count);
	if (!guest_array_ok(buffer, count, 1))
		return -EFAULT;
	switch (cmd) {
	case CONSOLEIO_write:
		return io_write(h, count, buffer);
	case CONSOLEIO_read:
		return io_read(h, count, buffer);
	default:
		return refuse(-ENOSYS, "console_io %u: no such op", cmd);
	}
}
