/* SPDX-License-Identifier: Apache-2.0 */
/* report_section.h — the sections of the text report, in the order of the page.
 *
 * A section that has nothing to say prints nothing, its title included.
 */
#pragma once
#include "cli/paper.h"
#include "cli/report.h"

void section_head(const struct report *report, const struct paper *paper);
void section_causes(const struct report *report, const struct paper *paper);
void section_states(const struct report *report, const struct paper *paper);
void section_threads(const struct report *report, const struct paper *paper);
void section_groups(const struct report *report, const struct paper *paper);
void section_spans(const struct report *report, const struct paper *paper);
void section_samples(const struct report *report, const struct paper *paper);
void section_waits(const struct report *report, const struct paper *paper);
void section_locks(const struct report *report, const struct paper *paper);
void section_descriptors(const struct report *report, const struct paper *paper);
void section_no_cpu(const struct report *report, const struct paper *paper);
void section_notes(const struct report *report, const struct paper *paper);
