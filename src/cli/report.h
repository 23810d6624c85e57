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
#include "trace/read/go_account.h"
#include "trace/read/survey.h"
#include <stdio.h>

/* Between the names of several files. */
#define SOURCE_SEPARATOR " + "

struct report {
	const char *source; /* the file, as the user named it; several with " + " between them */
	const struct settings *settings;
	struct survey survey;
	struct ledger ledger;
	uint8_t *is_chosen; /* lanes that --thread takes and that live between --from and --to */
	size_t chosen;
	uint8_t *is_group_chosen;  /* groups with a lane that is */
	struct lane_times sum;     /* of the chosen lanes */
	struct wait_groups groups; /* of the chosen lanes */
	struct go_condition go;    /* of the Go traces among the sources */
	unsigned go_version;       /* of the first; 0 there is none */
	uint64_t refused;          /* names and stacks of Go traces beyond the limits */
	size_t goroutines;         /* among the lanes that are chosen */
	uint64_t start_ns, end_ns; /* what is reported; CLOCK_MONOTONIC */
};

/* Print the report; whether the output took it all is for the caller to check. */
void report_print_text(const struct report *report, FILE *output, bool is_coloured);
void report_print_json(const struct report *report, FILE *output);
