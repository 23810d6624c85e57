/* SPDX-License-Identifier: Apache-2.0 */
/* thread_counts.h — what the kernel has counted for a thread since it began. */
#pragma once
#include <stdint.h>

struct thread_counts {
	uint64_t cpu_ns; /* a running thread's may be a tick old */
	uint64_t run_delay_ns;
	uint64_t timeslices;             /* times it was given a CPU */
	uint64_t voluntary, involuntary; /* switches */
};

/* From /proc/PID/task/TID/schedstat alone: 0, or -1 when the thread is gone. The switches stay untouched. */
int thread_counts_read_times(uint32_t pid, uint32_t tid, struct thread_counts *counts);

/* All of them, with …/status; 0 or -1. */
int thread_counts_read(uint32_t pid, uint32_t tid, struct thread_counts *out_counts);
