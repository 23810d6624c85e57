/* SPDX-License-Identifier: Apache-2.0 */
#include "block/text.h"
#include "cli/output_file.h"
#include "cli/trace_input.h"
#include "cli/verb.h"
#include "trace/read/go/scan.h"
#include "trace/read/go/text.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where the result goes: standard output, or a file that is removed again when it does not become whole. */
struct output {
	const char *name;
	FILE *stream;
	bool is_file;
	struct output_file file;
};

static enum exit_code fail(const char *name, const struct error *error)
{
	fprintf(stderr, "tickbird: %s: %s\n", name, error->text);
	return EXIT_CODE_FAILED;
}

/* A text, not a trace: it is taken as it comes. */
static int open_text(struct trace_input *input, const char *path, struct error *out_error)
{
	*input = (struct trace_input){.name = path, .fd = -1};
	if (!strcmp(path, "-")) {
		input->name = "standard input";
		input->fd = STDIN_FILENO;
		return 0;
	}
	input->fd = open(path, O_RDONLY | O_CLOEXEC);
	return input->fd < 0 ? error_set_errno(out_error, errno, "cannot open it") : 0;
}

static int open_output(struct output *output, const struct settings *settings,
		       const struct trace_input *input, struct error *out_error)
{
	*output = (struct output){.name = "standard output", .stream = stdout};
	if (!settings->output)
		return settings->undump && isatty(STDOUT_FILENO)
			       ? error_set(out_error,
					   "a trace is not for a terminal: name a file with -o FILE")
			       : 0;

	*output = (struct output){.name = settings->output};
	if (output_file_open(&output->file, output->name, settings->force, out_error))
		return -1;
	output->is_file = true;
	if (output_file_is(&output->file, input->fd))
		return error_set(out_error, "this is the input: write to another file");
	output->stream = fdopen(dup(output->file.fd), "w");
	return output->stream ? 0 : error_set_errno(out_error, errno, "cannot use it");
}

static int close_output(struct output *output, bool is_whole, struct error *out_error)
{
	if (!output->is_file)
		return 0;
	int result = 0;
	if (output->stream && fclose(output->stream))
		result = error_set_errno(out_error, errno, "cannot write");
	if (result || !is_whole) {
		output_file_abandon(&output->file);
		return result;
	}
	return output_file_keep(&output->file, out_error);
}

/* A cut is how a recording ends that was stopped hard: worth a line, and no failure. */
static enum exit_code tell_condition(const char *name, const struct trace_condition *condition)
{
	if (condition->is_cut)
		fprintf(stderr,
			"tickbird: %s: the trace is cut at byte %llu; what stands before it was read\n", name,
			(unsigned long long)condition->cut_at);
	if (!condition->blocks_damaged)
		return EXIT_CODE_OK;
	fprintf(stderr,
		"tickbird: %s: the trace is damaged at byte %llu; places damaged: %llu, the rest was read\n",
		name, (unsigned long long)condition->first_damage_at,
		(unsigned long long)condition->blocks_damaged);
	return EXIT_CODE_FAILED;
}

/* What an old file held is gone from here on. */
static int begin(struct output *output, struct error *out_error)
{
	return output->is_file ? output_file_begin(&output->file, out_error) : 0;
}

static void print_counts(const struct go_scan *scan, FILE *output)
{
	fprintf(output, "%12s %15s  %s\n", "count", "bytes", "kind");
	for (int i = 0; i < GO_EVENT_NUMBERS; i++) {
		uint64_t count = scan->counts[i] + scan->batches[i];
		if (count)
			fprintf(output, "%12" PRIu64 " %15" PRIu64 "  %s\n", count, scan->bytes[i],
				go_event_types[i].name ? go_event_types[i].name : "?");
	}
}

static int count_go(const struct trace_input *input, struct output *output,
		    struct trace_condition *out_condition, struct error *out_error)
{
	struct go_scan scan;
	if (begin(output, out_error) || go_scan_read(input->stream, &scan, out_error))
		return -1;
	print_counts(&scan, output->stream);
	*out_condition = (struct trace_condition){
		.is_cut = scan.is_cut, .cut_at = scan.cut_at, .blocks_damaged = scan.malformed};
	return 0;
}

static int dump_go(const struct trace_input *input, struct output *output,
		   struct trace_condition *out_condition, struct error *out_error)
{
	struct go_text_condition condition;
	if (begin(output, out_error) || go_text_dump(input->stream, output->stream, &condition, out_error))
		return -1;
	*out_condition = (struct trace_condition){.is_cut = condition.is_cut,
						  .cut_at = condition.cut_at,
						  .blocks_damaged = condition.damaged_batches,
						  .first_damage_at = condition.first_damage_at};
	return 0;
}

static int dump_tbt(const struct trace_input *input, struct output *output,
		    struct trace_condition *out_condition, struct error *out_error)
{
	struct trace_reader *reader = trace_reader_open(trace_input_source(input), out_error);
	if (!reader)
		return -1;
	int result = begin(output, out_error);
	if (!result)
		result = text_dump(reader, output->stream, out_error);
	*out_condition = trace_reader_condition(reader);
	trace_reader_close(reader);
	return result;
}

static int dump(const struct trace_input *input, struct output *output, bool is_count,
		struct trace_condition *out_condition, struct error *out_error)
{
	if (is_count)
		return input->kind == INPUT_GO ? count_go(input, output, out_condition, out_error)
					       : error_set(out_error, "--count is for Go traces");
	return input->kind == INPUT_GO ? dump_go(input, output, out_condition, out_error)
				       : dump_tbt(input, output, out_condition, out_error);
}

/* The text of a Go trace begins with a word, that of ours with a mark. */
static bool is_go_text(FILE *text)
{
	int first = getc(text);
	ungetc(first, text);
	return first == GO_TEXT_FIRST;
}

static int undump_go(FILE *text, struct output *output, struct error *out_error)
{
	return begin(output, out_error) ? -1 : go_text_undump(text, output->stream, out_error);
}

static int undump(const struct trace_input *input, struct output *output, struct error *out_error)
{
	FILE *text = fdopen(dup(input->fd), "r");
	if (!text)
		return error_set_errno(out_error, errno, "cannot read it");
	static const int standard_output = STDOUT_FILENO;
	struct trace_sink sink =
		output->is_file ? output_file_sink(&output->file) : trace_sink_file(&standard_output);
	int result =
		is_go_text(text) ? undump_go(text, output, out_error) : text_undump(text, sink, out_error);
	fclose(text);
	return result;
}

int verb_dump(const struct settings *settings, char *const *words)
{
	/* A reader who has seen enough ends us quietly, even when our parent ignores the signal as Python does. */
	signal(SIGPIPE, SIG_DFL);

	struct error error;
	struct trace_input input;
	struct output output;
	struct trace_condition condition = {0};
	if (settings->undump ? open_text(&input, words[0], &error)
			     : trace_input_open(&input, words[0], &error)) {
		trace_input_close(&input);
		return fail(input.name, &error);
	}

	enum exit_code code = EXIT_CODE_OK;
	if (open_output(&output, settings, &input, &error))
		code = fail(output.name, &error);
	else if (settings->undump ? undump(&input, &output, &error)
				  : dump(&input, &output, settings->count, &condition, &error))
		code = fail(input.name, &error);
	if (close_output(&output, code == EXIT_CODE_OK, &error))
		code = fail(output.name, &error);
	trace_input_close(&input);
	return code == EXIT_CODE_OK ? tell_condition(input.name, &condition) : code;
}
