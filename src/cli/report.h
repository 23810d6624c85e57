/* SPDX-License-Identifier: Apache-2.0 */
/* report.h — what `tickbird report` has found out of a trace, for the pages that print it.
 *
 * docs/report.md says what every line and number means.
 */
#pragma once
#include <stdbool.h>
#include "cli/settings_table.h"
#include "trace/analyse/lane_times.h"
#include "trace/analyse/wait_groups.h"
#include <stdio.h>

struct report {
	const char *source; /* the file, as the user named it */
	const struct settings *settings;
	struct survey survey;
	struct account account;
	struct lane_times *times; /* of each lane */
	uint8_t *is_chosen;       /* lanes that --thread takes and that live between --from and --to */
	size_t chosen;
	struct lane_times sum;     /* of the chosen lanes */
	struct wait_groups groups; /* of the chosen lanes */
	uint64_t start_ns, end_ns; /* what is reported; CLOCK_MONOTONIC */
};

/* Print the report; whether the output took it all is for the caller to check. */
void report_print_text(const struct report *report, FILE *output, bool is_coloured);
void report_print_json(const struct report *report, FILE *output);
