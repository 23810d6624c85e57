/* SPDX-License-Identifier: Apache-2.0 */
/* turns.h — a program that measures one short batch for each line on its standard input and answers with a
 * line: nanoseconds an operation. The same program run several ways (bare, with the library asleep,
 * recorded) so takes turns of a few milliseconds with itself, and what the machine does to one it does to
 * all.
 */
#pragma once
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

/* A batch: nanoseconds an operation. */
typedef double turns_batch(void);

static inline void turns_pin(const char *cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)atoi(cpu), &set);
	sched_setaffinity(0, sizeof set, &set);
}

/* Until the input ends. */
static inline void turns_take(turns_batch *batch)
{
	char line[8];
	while (fgets(line, sizeof line, stdin)) {
		printf("%.3f\n", batch());
		fflush(stdout);
	}
}

static inline int turns_by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* Orders the values. */
static inline double turns_median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, turns_by_value);
	return values[count / 2];
}
