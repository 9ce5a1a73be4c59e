// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which ring does this kernel run in? /sys/module/ring/parameters/{module,timer,thread} say: the
 * privilege level in CS while a module starts, in a timer's handler and in a kernel thread.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>

static int module = -1, timer = -1, thread = -1;
module_param(module, int, 0444);
module_param(timer, int, 0444);
module_param(thread, int, 0444);

static DECLARE_COMPLETION(timer_came);
static DECLARE_COMPLETION(thread_came);

static int ring_now(void)
{
	unsigned long cs;

	asm volatile("mov %%cs, %0" : "=r"(cs));
	return cs & 3;
}

static enum hrtimer_restart on_timer(struct hrtimer *t)
{
	timer = ring_now();
	complete(&timer_came);
	return HRTIMER_NORESTART;
}

static int in_thread(void *unused)
{
	thread = ring_now();
	complete(&thread_came);
	return 0;
}

static int __init ring_init(void)
{
	struct hrtimer t;
	struct task_struct *task;

	module = ring_now();
	hrtimer_init_on_stack(&t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	t.function = on_timer;
	hrtimer_start(&t, ms_to_ktime(2), HRTIMER_MODE_REL);
	wait_for_completion(&timer_came);
	hrtimer_cancel(&t);
	destroy_hrtimer_on_stack(&t);
	task = kthread_run(in_thread, NULL, "ring");
	if (IS_ERR(task))
		return PTR_ERR(task);
	wait_for_completion(&thread_came);
	pr_info("ring: kernel code runs in ring %d; a timer in ring %d, a thread in ring %d\n", module,
		timer, thread);
	return 0;
}

static void __exit ring_exit(void)
{
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Says in which ring the kernel runs");
