/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/process_table.h"
#include "base/memory.h"
#include <stdlib.h>

void process_table_fini(struct process_table *table)
{
	for (size_t i = 0; i < table->process_count; i++) {
		free(table->processes[i].executable);
		free(table->processes[i].command);
		free(table->processes[i].throttle);
	}
	for (size_t i = 0; i < table->thread_count; i++)
		free(table->threads[i].name);
	free(table->processes);
	free(table->threads);
	key_map_fini(&table->process_numbers);
	key_map_fini(&table->thread_numbers);
	*table = (struct process_table){0};
}

uint32_t process_table_process(struct process_table *table, uint64_t number)
{
	uint32_t *index = key_map_intern(&table->process_numbers, (struct map_key){{number}});
	if (*index == KEY_MAP_NONE) {
		*index = (uint32_t)table->process_count;
		MEMORY_GROW(table->processes, table->process_count, table->process_capacity);
		table->processes[table->process_count++] = (struct process){.number = number};
	}
	return *index;
}

uint32_t process_table_thread(struct process_table *table, uint64_t number)
{
	uint32_t *index = key_map_intern(&table->thread_numbers, (struct map_key){{number}});
	if (*index == KEY_MAP_NONE) {
		*index = (uint32_t)table->thread_count;
		uint32_t nobody = process_table_process(table, 0);
		MEMORY_GROW(table->threads, table->thread_count, table->thread_capacity);
		table->threads[table->thread_count++] = (struct thread){.number = number, .process = nobody};
	}
	return *index;
}

void thread_seen(struct thread *thread, enum trace_clock clock, uint64_t first_tick, uint64_t last_tick)
{
	if (!thread->has_ticks[clock] || first_tick < thread->first_tick[clock])
		thread->first_tick[clock] = first_tick;
	if (!thread->has_ticks[clock] || last_tick > thread->last_tick[clock])
		thread->last_tick[clock] = last_tick;
	thread->has_ticks[clock] = 1;
}

void thread_rename(struct thread *thread, char *name)
{
	free(thread->name);
	thread->name = name;
}

void process_throttled(struct process *process, struct trace_moment moment, uint64_t throttled_ns)
{
	MEMORY_GROW(process->throttle, process->throttle_count, process->throttle_capacity);
	process->throttle[process->throttle_count++] =
		(struct throttle_sample){.moment = moment, .throttled_ns = throttled_ns};
}

static void settle_process(struct process *process, struct clock_map *clock, uint64_t start_ns,
			   uint64_t end_ns)
{
	process->start_ns = process->has_start ? clock_map_time(clock, process->start) : start_ns;
	process->end_ns = process->has_end ? clock_map_time(clock, process->end) : end_ns;
	size_t kept = 0;
	for (size_t i = 0; i < process->throttle_count; i++) {
		struct throttle_sample sample = process->throttle[i];
		sample.time_ns = clock_map_time(clock, sample.moment);
		const struct throttle_sample *last = kept ? &process->throttle[kept - 1] : NULL;
		if (!last || (sample.time_ns > last->time_ns && sample.throttled_ns >= last->throttled_ns))
			process->throttle[kept++] = sample;
	}
	process->throttle_count = kept;
}

static void settle_thread(struct thread *thread, const struct process *process, struct clock_map *clock,
			  uint64_t start_ns, uint64_t end_ns)
{
	uint64_t first_ns = UINT64_MAX, last_ns = 0;
	for (int c = 0; c < TRACE_CLOCK_COUNT; c++) {
		if (!thread->has_ticks[c])
			continue;
		uint64_t first = clock_map_time(clock, (struct trace_moment){thread->first_tick[c], c});
		uint64_t last = clock_map_time(clock, (struct trace_moment){thread->last_tick[c], c});
		first_ns = first < first_ns ? first : first_ns;
		last_ns = last > last_ns ? last : last_ns;
	}
	uint64_t ended_ns = thread->has_end ? clock_map_time(clock, thread->end) : process->end_ns;
	/* An agent sees a process go a moment later, or learns of an exec a moment earlier, than its last event. */
	if (!thread->has_end && last_ns > ended_ns)
		ended_ns = last_ns;
	/* A process begins when it was welcomed, and what its first thread had used by then is told; the thread's own first event
	 * comes when it gets a CPU again. */
	if (thread->tid == process->pid && process->has_start && process->start_ns < first_ns)
		first_ns = process->start_ns;
	if (first_ns < start_ns || first_ns == UINT64_MAX)
		first_ns = start_ns;
	if (ended_ns > end_ns)
		ended_ns = end_ns;
	thread->start_ns = first_ns < end_ns ? first_ns : end_ns;
	thread->end_ns = ended_ns > thread->start_ns ? ended_ns : thread->start_ns;
}

void process_table_settle(struct process_table *table, struct clock_map *clock, uint64_t recording_start_ns,
			  uint64_t recording_end_ns)
{
	for (size_t i = 0; i < table->process_count; i++)
		settle_process(&table->processes[i], clock, recording_start_ns, recording_end_ns);
	for (size_t i = 0; i < table->thread_count; i++) {
		struct thread *thread = &table->threads[i];
		settle_thread(thread, &table->processes[thread->process], clock, recording_start_ns,
			      recording_end_ns);
	}
}

static uint64_t throttled_at(const struct process *process, uint64_t time_ns)
{
	size_t low = 0, high = process->throttle_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (process->throttle[middle].time_ns <= time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return process->throttle[0].throttled_ns;
	const struct throttle_sample *before = &process->throttle[low - 1];
	if (low == process->throttle_count)
		return before->throttled_ns;
	/* Only changes are told, once a second: what grew did so in the second before it was told. */
	const struct throttle_sample *after = before + 1;
	uint64_t from_ns = before->time_ns;
	if (after->time_ns - from_ns > EVENT_ROUND_NS)
		from_ns = after->time_ns - EVENT_ROUND_NS;
	if (time_ns <= from_ns)
		return before->throttled_ns;
	unsigned __int128 growth = after->throttled_ns - before->throttled_ns;
	return before->throttled_ns + (uint64_t)(growth * (time_ns - from_ns) / (after->time_ns - from_ns));
}

uint64_t process_throttle_between(const struct process *process, uint64_t from_ns, uint64_t to_ns)
{
	if (!process->throttle_count || to_ns <= from_ns)
		return 0;
	return throttled_at(process, to_ns) - throttled_at(process, from_ns);
}
