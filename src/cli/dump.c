/* SPDX-License-Identifier: Apache-2.0 */
#include "block/text.h"
#include "cli/output_file.h"
#include "cli/verb.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct input {
	const char *name; /* as the user knows it */
	int fd;
};

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

static int open_input(struct input *input, const char *path, bool may_be_standard, struct error *out_error)
{
	if (may_be_standard && !strcmp(path, "-")) {
		*input = (struct input){"standard input", STDIN_FILENO};
		return 0;
	}
	*input = (struct input){path, open(path, O_RDONLY | O_CLOEXEC)};
	return input->fd < 0 ? error_set_errno(out_error, errno, "cannot open it") : 0;
}

static int open_output(struct output *output, const struct settings *settings, const struct input *input,
		       struct error *out_error)
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

static int dump(const struct input *input, struct output *output, struct trace_condition *out_condition,
		struct error *out_error)
{
	struct stat status;
	if (fstat(input->fd, &status))
		return error_set_errno(out_error, errno, "cannot look at it");
	if (!S_ISREG(status.st_mode))
		return error_set(out_error, "not a regular file, so not a Tickbird trace");
	struct trace_reader *reader =
		trace_reader_open(trace_source_file(&input->fd, (uint64_t)status.st_size), out_error);
	if (!reader)
		return -1;
	int result = output->is_file ? output_file_begin(&output->file, out_error) : 0;
	if (!result)
		result = text_dump(reader, output->stream, out_error);
	*out_condition = trace_reader_condition(reader);
	trace_reader_close(reader);
	return result;
}

static int undump(const struct input *input, struct output *output, struct error *out_error)
{
	FILE *text = fdopen(dup(input->fd), "r");
	if (!text)
		return error_set_errno(out_error, errno, "cannot read it");
	static const int standard_output = STDOUT_FILENO;
	struct trace_sink sink =
		output->is_file ? output_file_sink(&output->file) : trace_sink_file(&standard_output);
	int result = text_undump(text, sink, out_error);
	fclose(text);
	return result;
}

int verb_dump(const struct settings *settings, char *const *words)
{
	/* A reader who has seen enough ends us quietly, even when our parent ignores the signal as Python does. */
	signal(SIGPIPE, SIG_DFL);

	struct error error;
	struct input input;
	struct output output;
	struct trace_condition condition = {0};
	if (open_input(&input, words[0], settings->undump, &error))
		return fail(input.name, &error);

	enum exit_code code = EXIT_CODE_OK;
	if (open_output(&output, settings, &input, &error))
		code = fail(output.name, &error);
	else if (settings->undump ? undump(&input, &output, &error)
				  : dump(&input, &output, &condition, &error))
		code = fail(input.name, &error);
	if (close_output(&output, code == EXIT_CODE_OK, &error))
		code = fail(output.name, &error);
	close(input.fd);
	return code == EXIT_CODE_OK ? tell_condition(input.name, &condition) : code;
}
