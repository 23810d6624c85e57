/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "base/memory.h"
#include "cli/settings.h"
#include "trace/analyse/idle.h"
#include <stdbool.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_SHOWN = 8 };

static void report_fini(struct report *report)
{
	wait_groups_fini(&report->groups);
	free(report->times);
	free(report->is_chosen);
	account_fini(&report->account);
	survey_fini(&report->survey);
}

static int read_survey(struct report *report, struct trace_source source, struct error *out_error)
{
	struct trace_reader *reader = trace_reader_open(source, out_error);
	if (!reader)
		return -1;
	int result = survey_read(&report->survey, reader, out_error);
	trace_reader_close(reader);
	if (result < 0 || report->survey.recording.events)
		return result;
	return report->survey.condition.blocks_damaged
		       ? error_set(out_error,
				   "damaged from the beginning, nothing in it can be read: record again")
		       : error_set(out_error, "the trace holds no events: record again");
}

static int read_account(struct report *report, struct trace_source source, struct error *out_error)
{
	struct trace_reader *reader = trace_reader_open(source, out_error);
	if (!reader)
		return -1;
	account_init(&report->account, &report->survey, trace_reader_schema(reader), report->start_ns,
		     report->end_ns);
	int result = account_read(&report->account, reader, out_error);
	trace_reader_close(reader);
	return result;
}

/* The part that --from and --to ask for. */
static int choose_part(struct report *report, struct error *out_error)
{
	const struct recording *recording = &report->survey.recording;
	const struct settings *settings = report->settings;
	uint64_t length_ns = recording->end_ns - recording->start_ns;
	if (settings->from_ns && settings->from_ns >= length_ns)
		return error_set(out_error, "--from lies behind the end: the recording took %.6g s",
				 (double)length_ns / 1e9);
	if (settings->to_ns <= settings->from_ns)
		return error_set(out_error, "--to must be later than --from");
	report->start_ns = recording->start_ns + settings->from_ns;
	report->end_ns =
		settings->to_ns < length_ns ? recording->start_ns + settings->to_ns : recording->end_ns;
	return 0;
}

static bool is_thread(const struct thread *thread, const char *asked)
{
	char id[24];
	snprintf(id, sizeof id, "%" PRIu64, thread->tid);
	return !strcmp(id, asked) || (thread->name && !strcmp(thread->name, asked));
}

static bool is_any_thread(const struct report *report, const char *asked)
{
	const struct process_table *table = &report->survey.processes;
	for (size_t i = 0; i < table->thread_count; i++)
		if (is_thread(&table->threads[i], asked))
			return true;
	return false;
}

static int no_such_thread(const struct report *report, const char *asked, struct error *out_error)
{
	const struct process_table *table = &report->survey.processes;
	char known[300] = "";
	size_t size = 0, shown = 0;
	for (size_t i = 0; i < table->thread_count && shown < NAMES_SHOWN; i++) {
		const char *name = table->threads[i].name;
		if (!name || size + strlen(name) + 3 > sizeof known || (size && strstr(known, name)))
			continue;
		size += (size_t)snprintf(known + size, sizeof known - size, "%s%s", shown ? ", " : "", name);
		shown++;
	}
	return error_set(out_error, "--thread: no thread is called '%s'%s%s", asked,
			 shown ? "; there are " : "", known);
}

static int choose_threads(struct report *report, struct error *out_error)
{
	const struct settings_list *asked = &report->settings->thread;
	for (size_t i = 0; i < asked->count; i++)
		if (!is_any_thread(report, asked->items[i]))
			return no_such_thread(report, asked->items[i], out_error);

	const struct process_table *table = &report->survey.processes;
	report->is_chosen = memory_allocate(table->thread_count);
	for (size_t i = 0; i < table->thread_count; i++) {
		bool is_asked = asked->count == 0;
		for (size_t j = 0; j < asked->count; j++)
			is_asked |= is_thread(&table->threads[i], asked->items[j]);
		if (!is_asked || !lane_times_life(&report->times[i]))
			continue;
		report->is_chosen[i] = 1;
		report->chosen++;
		lane_times_add(&report->sum, &report->times[i]);
	}
	return 0;
}

static enum exit_code fail(const char *name, const struct error *error, enum exit_code code)
{
	fprintf(stderr, "tickbird: %s: %s\n", name, error->text);
	return code;
}

static enum exit_code print(const struct report *report)
{
	if (report->settings->json)
		report_print_json(report, stdout);
	else
		report_print_text(report, stdout, settings_color_wanted(report->settings, STDOUT_FILENO));
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "tickbird: standard output: %s\n", strerror(errno));
		return EXIT_CODE_FAILED;
	}
	const struct trace_condition *condition = &report->survey.condition;
	if (!condition->blocks_damaged)
		return EXIT_CODE_OK;
	fprintf(stderr,
		"tickbird: %s: the trace is damaged in %" PRIu64 " place%s, first at byte %" PRIu64
		"; the report is of the rest\n",
		report->source, condition->blocks_damaged, condition->blocks_damaged == 1 ? "" : "s",
		condition->first_damage_at);
	return EXIT_CODE_FAILED;
}

static enum exit_code make(struct report *report, struct trace_source source)
{
	struct error error;
	if (read_survey(report, source, &error))
		return fail(report->source, &error, EXIT_CODE_FAILED);
	if (choose_part(report, &error))
		return fail(report->source, &error, EXIT_CODE_USAGE);
	if (read_account(report, source, &error))
		return fail(report->source, &error, EXIT_CODE_FAILED);
	idle_mark(&report->account);
	report->times = lane_times_create(&report->account);
	if (choose_threads(report, &error))
		return fail(report->source, &error, EXIT_CODE_USAGE);
	wait_groups_init(&report->groups, &report->account, report->is_chosen);
	return print(report);
}

int verb_report(const struct settings *settings, char *const *words)
{
	/* A reader who has seen enough ends us quietly, even when our parent ignores the signal as Python does. */
	signal(SIGPIPE, SIG_DFL);

	struct error error;
	struct report report = {.source = words[0], .settings = settings};
	struct stat status;
	int fd = open(words[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status)) {
		error_set_errno(&error, errno, "cannot open it");
		return fail(report.source, &error, EXIT_CODE_FAILED);
	}
	enum exit_code code;
	if (S_ISREG(status.st_mode)) {
		code = make(&report, trace_source_file(&fd, (uint64_t)status.st_size));
	} else {
		error_set(&error, "not a regular file, so not a Tickbird trace");
		code = fail(report.source, &error, EXIT_CODE_FAILED);
	}
	report_fini(&report);
	close(fd);
	return code;
}
