/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "base/memory.h"
#include "cli/settings.h"
#include "cli/trace_input.h"
#include "trace/analyse/idle.h"
#include "trace/read/account.h"
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <stdbool.h>

enum { NAMES_SHOWN = 8 };

/* A trace that goes into the report. */
struct source {
	struct trace_input input;
	struct go_account *go; /* of a Go trace */
};

struct sources {
	struct source *items;
	size_t count;
	const struct source *tbt; /* the one native trace; NULL none */
};

static void report_fini(struct report *report)
{
	wait_groups_fini(&report->groups);
	free(report->is_chosen);
	free(report->is_group_chosen);
	ledger_fini(&report->ledger);
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
	struct account account;
	struct trace_reader *reader = trace_reader_open(source, out_error);
	if (!reader)
		return -1;
	account_init(&account, &report->survey, trace_reader_schema(reader), &report->ledger);
	int result = account_read(&account, reader, out_error);
	account_fini(&account);
	trace_reader_close(reader);
	return result;
}

static struct go_limits limits_of(const struct settings *settings)
{
	return (struct go_limits){
		.generation_bytes = settings->max_generation_bytes,
		.table_entries = settings->max_table,
		.threads = settings->max_threads,
		.goroutines = settings->max_goroutines,
		.tasks = settings->max_tasks,
		.nesting = settings->max_nesting,
		.names = settings->max_names,
	};
}

/* Reads of a Go trace what must be known before any time is added up: when it began. */
static int begin_go(struct report *report, struct source *source, unsigned number, struct error *out_error)
{
	const struct go_limits limits = limits_of(report->settings);
	source->go = go_account_open(source->input.stream, &report->survey, number, &limits,
				     report->settings->strict, out_error);
	if (!source->go)
		return -1;
	struct recording *recording = &report->survey.recording;
	uint64_t start_ns = go_account_start(source->go);
	if (!report->go_version)
		report->go_version = go_account_version(source->go);
	if (!recording->end_ns || start_ns < recording->start_ns) {
		recording->start_ns = start_ns;
		if (!recording->end_ns)
			recording->end_ns = start_ns;
	}
	return 0;
}

/* The part that --from and --to ask for. Where a Go trace ends is not known before it was read. */
static int choose_part(struct report *report, bool is_end_known, struct error *out_error)
{
	const struct recording *recording = &report->survey.recording;
	const struct settings *settings = report->settings;
	uint64_t length_ns = recording->end_ns - recording->start_ns;
	if (is_end_known && settings->from_ns && settings->from_ns >= length_ns)
		return error_set(out_error, "--from lies behind the end: the recording took %.6g s",
				 (double)length_ns / 1e9);
	if (settings->to_ns <= settings->from_ns)
		return error_set(out_error, "--to must be later than --from");
	uint64_t end_ns = is_end_known ? recording->end_ns : UINT64_MAX;
	report->start_ns = recording->start_ns + settings->from_ns;
	report->end_ns = settings->to_ns < end_ns - recording->start_ns
				 ? recording->start_ns + settings->to_ns
				 : end_ns;
	return 0;
}

/* asked: a goroutine's number, a thread's id, or a name. */
static bool is_lane(uint64_t number, const char *name, const char *asked)
{
	char id[24];
	snprintf(id, sizeof id, "%" PRIu64, number);
	return !strcmp(id, asked) || (name && !strcmp(name, asked));
}

static bool is_asked(const struct settings *settings, uint64_t number, const char *name)
{
	for (size_t i = 0; i < settings->thread.count; i++)
		if (is_lane(number, name, settings->thread.items[i]))
			return 1;
	return settings->thread.count == 0;
}

static bool is_goroutine_asked(const void *state, uint64_t id, const char *function)
{
	return is_asked(state, id, function);
}

static uint64_t number_of(const struct lane *lane)
{
	return lane->kind == LANE_THREAD ? lane->tid : lane->id;
}

static const char *name_of(const struct report *report, const struct lane *lane)
{
	return report->ledger.groups[lane->group].name;
}

static bool is_any_lane(const struct report *report, const char *asked)
{
	for (size_t i = 0; i < report->ledger.lane_count; i++) {
		const struct lane *lane = &report->ledger.lanes[i];
		if (is_lane(number_of(lane), name_of(report, lane), asked))
			return 1;
	}
	return 0;
}

static int no_such_lane(const struct report *report, const char *asked, struct error *out_error)
{
	char known[300] = "";
	size_t size = 0, shown = 0;
	for (size_t i = 0; i < report->ledger.group_count && shown < NAMES_SHOWN; i++) {
		const char *name = report->ledger.groups[i].name;
		if (!name || !name[0] || size + strlen(name) + 3 > sizeof known ||
		    (size && strstr(known, name)))
			continue;
		size += (size_t)snprintf(known + size, sizeof known - size, "%s%s", shown ? ", " : "", name);
		shown++;
	}
	return error_set(out_error, "--thread: no thread is called '%s'%s%s", asked,
			 shown ? "; there are " : "", known);
}

static int choose_lanes(struct report *report, struct error *out_error)
{
	const struct settings_list *asked = &report->settings->thread;
	for (size_t i = 0; i < asked->count; i++)
		if (!is_any_lane(report, asked->items[i]))
			return no_such_lane(report, asked->items[i], out_error);

	const struct ledger *ledger = &report->ledger;
	report->is_chosen = memory_allocate(ledger->lane_count + 1);
	report->is_group_chosen = memory_allocate(ledger->group_count + 1);
	for (size_t i = 0; i < ledger->lane_count; i++) {
		const struct lane *lane = &ledger->lanes[i];
		if (!is_asked(report->settings, number_of(lane), name_of(report, lane)) || !lane_life(lane))
			continue;
		report->is_chosen[i] = 1;
		report->is_group_chosen[lane->group] = 1;
		report->chosen++;
		report->goroutines += lane->kind == LANE_GOROUTINE;
		lane_times_add(&report->sum, ledger, lane);
	}
	/* Goroutines that got their name later have left their first waits behind, in a group without lanes. */
	for (size_t i = 0; i < ledger->group_count; i++)
		if (ledger->groups[i].kind == LANE_GOROUTINE && !ledger->groups[i].lanes)
			report->is_group_chosen[i] = 1;
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
	if (report->go.mismatched_regions)
		fprintf(stderr, "tickbird: %s: %" PRIu64 " region%s ended out of turn, first: %s\n",
			report->source, report->go.mismatched_regions,
			report->go.mismatched_regions == 1 ? "" : "s", report->go.mismatch.text);
	if (report->go.broken)
		fprintf(stderr,
			"tickbird: %s: the trace is broken in %" PRIu64
			" place%s, first: %s; the report is of the rest\n",
			report->source, report->go.broken, report->go.broken == 1 ? "" : "s",
			report->go.first.text);
	if (condition->blocks_damaged)
		fprintf(stderr,
			"tickbird: %s: the trace is damaged in %" PRIu64 " place%s, first at byte %" PRIu64
			"; the report is of the rest\n",
			report->source, condition->blocks_damaged, condition->blocks_damaged == 1 ? "" : "s",
			condition->first_damage_at);
	return condition->blocks_damaged || report->go.broken ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static void add_condition(struct report *report, const struct go_condition *condition)
{
	struct go_condition *sum = &report->go;
	if (condition->is_cut && !sum->is_cut) {
		sum->is_cut = 1;
		sum->cut_at = condition->cut_at;
	}
	if (!sum->broken)
		sum->first = condition->first;
	if (!sum->mismatched_regions)
		sum->mismatch = condition->mismatch;
	sum->broken += condition->broken;
	sum->mismatched_regions += condition->mismatched_regions;
}

/* Adds up the times of every source; the native one first, whose threads are the first lanes. */
static enum exit_code read_sources(struct report *report, struct sources *sources)
{
	struct error error;
	ledger_init(&report->ledger, report->start_ns, report->end_ns);
	if (sources->tbt && read_account(report, trace_input_source(&sources->tbt->input), &error))
		return fail(sources->tbt->input.name, &error, EXIT_CODE_FAILED);
	for (size_t i = 0; i < sources->count; i++) {
		struct source *source = &sources->items[i];
		if (!source->go)
			continue;
		if (go_account_read(source->go, &report->ledger,
				    report->settings->thread.count ? is_goroutine_asked : NULL,
				    report->settings, &error))
			return fail(source->input.name, &error, EXIT_CODE_FAILED);
		const struct go_condition condition = go_account_condition(source->go);
		add_condition(report, &condition);
		report->refused += go_account_refused(source->go);
	}
	return EXIT_CODE_OK;
}

static enum exit_code make(struct report *report, struct sources *sources)
{
	struct error error;
	bool has_go = 0;
	/* The survey of the native one says when the recording was; the others widen that. */
	if (sources->tbt && read_survey(report, trace_input_source(&sources->tbt->input), &error))
		return fail(sources->tbt->input.name, &error, EXIT_CODE_FAILED);
	for (size_t i = 0; i < sources->count; i++) {
		struct source *source = &sources->items[i];
		if (source->input.kind != INPUT_GO)
			continue;
		has_go = 1;
		if (begin_go(report, source, (unsigned)i + 1, &error))
			return fail(source->input.name, &error, EXIT_CODE_FAILED);
	}
	if (choose_part(report, !has_go, &error))
		return fail(report->source, &error, EXIT_CODE_USAGE);
	enum exit_code code = read_sources(report, sources);
	if (code != EXIT_CODE_OK)
		return code;
	code_table_settle(&report->survey.code, &report->survey.clock);
	span_kinds_settle(&report->ledger.spans);
	idle_mark(&report->survey, &report->ledger);
	if (choose_part(report, 1, &error) || choose_lanes(report, &error))
		return fail(report->source, &error, EXIT_CODE_USAGE);
	wait_groups_init(&report->groups, &report->ledger, report->is_group_chosen);
	return print(report);
}

static enum exit_code open_sources(struct sources *sources, char *const *words)
{
	struct error error;
	size_t count = 0;
	while (words[count])
		count++;
	sources->items = memory_allocate(count * sizeof *sources->items);
	for (size_t i = 0; i < count; i++)
		sources->items[i].input.fd = -1;
	for (; sources->count < count; sources->count++) {
		struct source *source = &sources->items[sources->count];
		if (trace_input_open(&source->input, words[sources->count], &error))
			return fail(words[sources->count], &error, EXIT_CODE_FAILED);
		if (source->input.kind == INPUT_GO)
			continue;
		if (sources->tbt) {
			error_set(&error, "only one Tickbird trace can be in a report, beside Go's");
			return fail(words[sources->count], &error, EXIT_CODE_USAGE);
		}
		sources->tbt = source;
	}
	return EXIT_CODE_OK;
}

static void close_sources(struct sources *sources, char *const *words)
{
	for (size_t i = 0; words[i] && i <= sources->count; i++) {
		go_account_close(sources->items[i].go);
		trace_input_close(&sources->items[i].input);
	}
	free(sources->items);
}

/* "a.out + b.tbt"; the caller frees. */
static char *title_of(char *const *words)
{
	char *title = NULL;
	size_t size;
	FILE *text = open_memstream(&title, &size);
	for (size_t i = 0; words[i]; i++)
		fprintf(text, "%s%s", i ? SOURCE_SEPARATOR : "", words[i]);
	fclose(text);
	return title;
}

int verb_report(const struct settings *settings, char *const *words)
{
	/* A reader who has seen enough ends us quietly, even when our parent ignores the signal as Python does. */
	signal(SIGPIPE, SIG_DFL);

	char *title = title_of(words);
	struct report report = {.source = title, .settings = settings};
	struct sources sources = {0};
	enum exit_code code = open_sources(&sources, words);
	if (code == EXIT_CODE_OK)
		code = make(&report, &sources);
	report_fini(&report);
	close_sources(&sources, words);
	free(title);
	return code;
}
