/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/thread_counts.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "agent/proc_file.h"

int thread_counts_read_times(uint32_t pid, uint32_t tid, struct thread_counts *counts)
{
	char *text = proc_read(NULL, "/proc/%u/task/%u/schedstat", pid, tid);
	int found = text ? sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNu64, &counts->cpu_ns,
				  &counts->run_delay_ns, &counts->timeslices)
			 : 0;
	free(text);
	return found == 3 ? 0 : -1;
}

int thread_counts_read(uint32_t pid, uint32_t tid, struct thread_counts *out_counts)
{
	struct thread_counts counts = {0};
	char *status = proc_read(NULL, "/proc/%u/task/%u/status", pid, tid);
	int failed = !status || thread_counts_read_times(pid, tid, &counts);
	if (!failed) {
		counts.voluntary = proc_number(status, "\nvoluntary_ctxt_switches:");
		counts.involuntary = proc_number(status, "\nnonvoluntary_ctxt_switches:");
		*out_counts = counts;
	}
	free(status);
	return failed ? -1 : 0;
}
