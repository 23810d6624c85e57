/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/clock_choice.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/proc_file.h"

enum trace_clock clock_choose(char *out_source, size_t size)
{
	char *source = proc_read(NULL, "/sys/devices/system/clocksource/clocksource0/current_clocksource");
	if (source)
		source[strcspn(source, "\n")] = 0;
	enum trace_clock clock =
		source && strcmp(source, "tsc") == 0 ? TRACE_CLOCK_TSC : TRACE_CLOCK_MONOTONIC;
	if (out_source)
		snprintf(out_source, size, "%s", source ? source : "unknown");
	free(source);
	return clock;
}

void clock_measure_rates(uint64_t out_ticks_per_second[TRACE_CLOCK_COUNT])
{
	enum { MEASURE_US = 5000 };
	struct clock_pair first = clock_take_pair(TRACE_CLOCK_TSC);
	usleep(MEASURE_US);
	struct clock_pair last = clock_take_pair(TRACE_CLOCK_TSC);
	out_ticks_per_second[TRACE_CLOCK_MONOTONIC] = 1000000000;
	out_ticks_per_second[TRACE_CLOCK_TSC] = (uint64_t)((double)(last.ticks - first.ticks) * 1e9 /
							   (double)(last.monotonic_ns - first.monotonic_ns));
}
