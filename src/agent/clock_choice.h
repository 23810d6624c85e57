/* SPDX-License-Identifier: Apache-2.0 */
/* clock_choice.h — which clock to record by, and how fast it ticks. */
#pragma once
#include <stdint.h>
#include "record/clock.h"

/* The TSC when the kernel keeps time by it at this moment, else the monotonic clock. out_source: the kernel's name for
 * its clock source, size bytes of room; may be NULL. */
enum trace_clock clock_choose(char *out_source, size_t size);

/* Ticks a second of each clock. Takes some milliseconds, and is right to about 1 in 10,000: for thresholds, not for
 * times. */
void clock_measure_rates(uint64_t out_ticks_per_second[TRACE_CLOCK_COUNT]);
