/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/wait/off_cpu.h"
#include "runtime/core/process.h"
#include "runtime/core/syscall.h"

/* Timed waits between two accounts at most: bounds the error of their CPU share, and costs a hundredth of what they
 * cost. */
enum { WAITS_PER_ACCOUNT = 64 };

static struct rusage look(struct thread *thread)
{
	struct rusage usage = {0};
	syscall_thread_usage(&usage);
	thread->looked_voluntary = (uint64_t)usage.ru_nvcsw;
	return usage;
}

static uint64_t voluntary_beyond_waits(const struct thread *thread, const struct rusage *usage)
{
	uint64_t voluntary = (uint64_t)usage->ru_nvcsw - thread->voluntary;
	return voluntary > thread->left_calls ? voluntary - thread->left_calls : 0;
}

/* learns: nothing but running and timed waits happened since the last account, so what the two exceed wall time by
 * is CPU time inside the waits. */
static struct off_cpu settle(struct thread *thread, bool learns)
{
	struct rusage usage = look(thread);
	uint64_t cpu_ns = syscall_thread_cpu_ns();
	uint64_t now = thread_ticks(thread);

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
		.involuntary = (uint64_t)usage.ru_nivcsw - thread->involuntary,
		.major_faults = (uint64_t)usage.ru_majflt - thread->major_faults,
	};
	thread->base_ticks = now;
	thread->base_cpu_ns = cpu_ns;
	thread->voluntary = (uint64_t)usage.ru_nvcsw;
	thread->involuntary = (uint64_t)usage.ru_nivcsw;
	thread->major_faults = (uint64_t)usage.ru_majflt;
	thread->waited_ticks = 0;
	thread->left_calls = 0;
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
	struct rusage usage = look(thread);
	return voluntary_beyond_waits(thread, &usage);
}

bool off_cpu_was_blocked(struct thread *thread)
{
	uint64_t before = thread->looked_voluntary;
	return (uint64_t)look(thread).ru_nvcsw != before;
}

void off_cpu_forgive_switches(struct thread *thread)
{
	struct rusage usage = look(thread);
	thread->voluntary = (uint64_t)usage.ru_nvcsw - thread->left_calls;
}

void off_cpu_refresh(struct thread *thread, uint64_t now)
{
	if (now - thread->base_ticks >= guest_process.arena.header->ticks_per_second[thread->clock] / 1000)
		settle(thread, false);
}
