/* SPDX-License-Identifier: Apache-2.0 */
/* report_text.c — the pages of the report, one section after the other. */
#include "cli/report_section.h"
#include <stdbool.h>

void report_print_text(const struct report *report, FILE *output, bool is_coloured)
{
	const struct paper paper = {output, is_coloured};
	section_head(report, &paper);
	section_causes(report, &paper);
	section_states(report, &paper);
	section_threads(report, &paper);
	section_groups(report, &paper);
	section_waits(report, &paper);
	section_locks(report, &paper);
	section_descriptors(report, &paper);
	section_no_cpu(report, &paper);
	section_spans(report, &paper);
	section_samples(report, &paper);
	section_notes(report, &paper);
}
