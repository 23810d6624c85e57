/* SPDX-License-Identifier: Apache-2.0 */
/* process_table.h — the processes and threads of a trace: who they are and from when to when they lived.
 *
 * Words:    an index is a position in `processes` or `threads`; a number is what the file calls them by.
 * Promise:  a thread or process that is named without having been declared (its block was damaged) is added with what is known,
 *           so that its events still count.
 * Memory:   grows with processes and threads, and for a throttled process with the seconds in which it was.
 */
#pragma once
#include <stdbool.h>
#include "trace/model/clock_map.h"
#include "trace/model/key_map.h"

/* The process's quota as its control group counts it. */
struct throttle_sample {
	struct trace_moment moment;
	uint64_t time_ns; /* of the moment, once settled */
	uint64_t throttled_ns;
};

struct process {
	uint64_t number;
	uint64_t pid, parent_pid;
	char *executable, *command; /* owned; NULL when the process was not declared */
	struct trace_moment start, end;
	bool has_start, has_end;
	uint64_t start_ns, end_ns;        /* once settled */
	struct throttle_sample *throttle; /* changes only, in order of the file */
	size_t throttle_count, throttle_capacity;
};

struct thread {
	uint64_t number;
	uint32_t process; /* index */
	uint64_t tid;
	uint64_t creator_tid; /* 0: not created by a thread that was seen */
	char *name;           /* owned; the last one, NULL when it never had one */
	uint64_t first_tick[TRACE_CLOCK_COUNT], last_tick[TRACE_CLOCK_COUNT]; /* of its events */
	bool has_ticks[TRACE_CLOCK_COUNT];
	struct trace_moment end; /* of its thread_end */
	bool has_end;
	uint64_t start_ns, end_ns; /* once settled: from when to when it is accounted */
};

struct process_table {
	struct key_map process_numbers, thread_numbers;
	struct process *processes;
	size_t process_count, process_capacity;
	struct thread *threads;
	size_t thread_count, thread_capacity;
};

void process_table_fini(struct process_table *table);

/* The index of the process or thread; a new one when the number is new. */
uint32_t process_table_process(struct process_table *table, uint64_t number);
uint32_t process_table_thread(struct process_table *table, uint64_t number);

/* Notes that the thread did something from first to last. */
void thread_seen(struct thread *thread, enum trace_clock clock, uint64_t first_tick, uint64_t last_tick);

/* Takes the name. */
void thread_rename(struct thread *thread, char *name);

void process_throttled(struct process *process, struct trace_moment moment, uint64_t throttled_ns);

/* Turns moments into times and gives every thread its life within the recording. Call once. */
void process_table_settle(struct process_table *table, struct clock_map *clock, uint64_t recording_start_ns,
			  uint64_t recording_end_ns);

/* What the quota took from the process between two times, taken to have grown in the second before each sample. */
uint64_t process_throttle_between(const struct process *process, uint64_t from_ns, uint64_t to_ns);
