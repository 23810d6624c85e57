/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.c — `tickbird doctor`: says what recording can do on this machine, and what to do about what it cannot. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"
#include "cli/doctor_checks.h"
#include "cli/json_writer.h"
#include "cli/paper.h"
#include "cli/settings.h"

enum { FINDINGS_MAX = 32, STATE_WIDTH = 9, NAME_WIDTH = 15 };

static size_t look_at_all(struct finding *out_findings, const char *command)
{
	size_t count = 0;
	for (const struct doctor_check *check = doctor_checks; check->name; check++) {
		out_findings[count].name = check->name;
		check->look(&out_findings[count++]);
	}
	if (command) {
		out_findings[count].name = "program";
		doctor_look_at_program(&out_findings[count++], command);
	}
	if (command && out_findings[count - 1].state != FINDING_BROKEN) {
		out_findings[count].name = "symbols";
		doctor_look_at_symbols(&out_findings[count++], command);
	}
	return count;
}

static void print_json(const struct finding *findings, size_t count)
{
	struct json_writer *json = memory_allocate(sizeof *json);
	json_init(json, stdout);
	json_begin_object(json);
	json_key(json, "checks");
	json_begin_array(json);
	for (size_t i = 0; i < count; i++) {
		json_line(json);
		json_begin_object(json);
		json_set_text(json, "name", findings[i].name);
		json_set_text(json, "state", finding_state_word(findings[i].state));
		json_set_text(json, "text", findings[i].text);
		json_set_text(json, "advice", findings[i].advice);
		json_end_object(json);
	}
	json_end_array(json);
	json_end_object(json);
	json_flush(json);
	fputc('\n', stdout);
	free(json);
}

static void print_text(const struct paper *paper, const struct finding *findings, size_t count)
{
	static const enum ink inks[] = {INK_FAINT, INK_STRONG, INK_ALARM};
	for (size_t i = 0; i < count; i++) {
		const struct finding *finding = &findings[i];
		paper_column(paper, inks[finding->state], STATE_WIDTH, "%s",
			     finding_state_word(finding->state));
		paper_print(paper, INK_PLAIN, NAME_WIDTH, "%s", finding->name);
		fputc('\n', paper->output);
		paper_paragraph(paper, INK_PLAIN, STATE_WIDTH, "%s", finding->text);
		if (*finding->advice)
			paper_paragraph(paper, INK_STRONG, STATE_WIDTH, "To do: %s.", finding->advice);
	}
}

int verb_doctor(const struct settings *settings, char *const *words)
{
	struct finding findings[FINDINGS_MAX] = {0};
	signal(SIGXFSZ, SIG_IGN); /* a limit on files is told by the call that meets it */
	size_t count = look_at_all(findings, words[0]);
	enum finding_state worst = FINDING_FINE;
	for (size_t i = 0; i < count; i++)
		worst = findings[i].state > worst ? findings[i].state : worst;
	if (settings->json)
		print_json(findings, count);
	else
		print_text(&(struct paper){stdout, settings_color_wanted(settings, STDOUT_FILENO)}, findings,
			   count);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "tickbird: standard output cannot be written\n");
		return EXIT_CODE_FAILED;
	}
	return worst == FINDING_BROKEN ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}
