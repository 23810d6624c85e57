/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/off_cpu.h"
#include "runtime/core/process.h"
#include "runtime/core/syscall.h"

/* Timed waits between two accounts at most: bounds the error of their CPU share, and costs a hundredth of what they
 * cost. */
enum { WAITS_PER_ACCOUNT = 64 };

/* Whether the kernel says. */
static bool look(struct thread *thread, struct rusage *out_usage)
{
	*out_usage = (struct rusage){0};
	if (syscall_thread_usage(out_usage))
		return false;
	thread->looked_voluntary = (uint64_t)out_usage->ru_nvcsw;
	return true;
}

/* How far a count of the kernel has grown; 0 when it went back: then it is another thread's. */
static uint64_t growth(uint64_t now, uint64_t before)
{
	return (int64_t)(now - before) > 0 ? now - before : 0;
}

static uint64_t voluntary_beyond_waits(const struct thread *thread, const struct rusage *usage)
{
	return growth(growth((uint64_t)usage->ru_nvcsw, thread->voluntary), thread->left_calls);
}

static void begin_account(struct thread *thread, uint64_t now, uint64_t cpu_ns, const struct rusage *usage)
{
	thread->base_ticks = now;
	thread->base_cpu_ns = cpu_ns;
	thread->voluntary = (uint64_t)usage->ru_nvcsw;
	thread->involuntary = (uint64_t)usage->ru_nivcsw;
	thread->major_faults = (uint64_t)usage->ru_majflt;
	thread->waited_ticks = 0;
	thread->left_calls = 0;
}

/* learns: nothing but running and timed waits happened since the last account, so what the two exceed wall time by
 * is CPU time inside the waits. */
static struct off_cpu settle(struct thread *thread, bool learns)
{
	struct rusage usage;
	bool is_known = look(thread, &usage);
	uint64_t cpu_ns = syscall_thread_cpu_ns();
	uint64_t now = thread_ticks(thread);
	if (!is_known ||
	    cpu_ns < thread->base_cpu_ns) { /* not allowed to ask; or a child in our memory asks, unnoticed */
		begin_account(thread, now, cpu_ns, &usage);
		return (struct off_cpu){.now = now};
	}

	double ticks_per_ns = (double)guest_process.arena.header->ticks_per_second[thread->clock] * 1e-9;
	double wall = (double)(now - thread->base_ticks);
	double known = (double)(cpu_ns - thread->base_cpu_ns) * ticks_per_ns + (double)thread->waited_ticks;
	double off = wall - known + (double)thread->left_calls * thread->wait_cpu_ticks;
	double limit = (double)(now - thread->last_ticks);
	if (learns && known > wall) {
		double each = (known - wall) / thread->left_calls; /* what a tick is, is the agent's word */
		thread->wait_cpu_ticks = each < UINT32_MAX ? (uint32_t)each : UINT32_MAX;
	}

	struct off_cpu account = {
		.now = now,
		.ticks = (uint64_t)(off < 0       ? 0
				    : off > limit ? limit
						  : off),
		.voluntary = voluntary_beyond_waits(thread, &usage),
		.involuntary = growth((uint64_t)usage.ru_nivcsw, thread->involuntary),
		.major_faults = growth((uint64_t)usage.ru_majflt, thread->major_faults),
	};
	begin_account(thread, now, cpu_ns, &usage);
	return account;
}

struct off_cpu off_cpu_account(struct thread *thread)
{
	return settle(thread, false);
}

void off_cpu_add_wait(struct thread *thread, uint64_t duration)
{
	thread->waited_ticks += duration;
	if (++thread->left_calls >= WAITS_PER_ACCOUNT)
		settle(thread, true);
}

uint64_t off_cpu_voluntary(struct thread *thread)
{
	struct rusage usage;
	return look(thread, &usage) ? voluntary_beyond_waits(thread, &usage) : 1;
}

bool off_cpu_was_blocked(struct thread *thread)
{
	uint64_t before = thread->looked_voluntary;
	struct rusage usage;
	return !look(thread, &usage) || (uint64_t)usage.ru_nvcsw != before;
}

void off_cpu_forgive_switches(struct thread *thread)
{
	struct rusage usage;
	if (look(thread, &usage))
		thread->voluntary = (uint64_t)usage.ru_nvcsw - thread->left_calls;
}

void off_cpu_refresh(struct thread *thread, uint64_t now)
{
	if (now - thread->base_ticks >= guest_process.arena.header->ticks_per_second[thread->clock] / 1000)
		settle(thread, false);
}
