/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_input.h"
#include "trace/read/go/event_types.h"
#include "trace/read/go/head.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct trace_source trace_input_source(const struct trace_input *input)
{
	return trace_source_file(&input->fd, input->size);
}

static int open_path(struct trace_input *input, const char *path, struct stat *status,
		     struct error *out_error)
{
	*input = (struct trace_input){.name = path, .fd = -1};
	if (!strcmp(path, "-")) {
		input->name = "standard input";
		input->fd = STDIN_FILENO;
	} else {
		input->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (input->fd < 0)
		return error_set_errno(out_error, errno, "cannot open it");
	if (fstat(input->fd, status))
		return error_set_errno(out_error, errno, "cannot look at it");
	return 0;
}

/* Whether it is a Go trace; reads as far as its first bytes. */
static int is_go(struct trace_input *input, struct error *out_error)
{
	struct byte_span front;
	input->stream =
		byte_stream_open(byte_source_descriptor(&input->fd), (struct byte_span){0}, out_error);
	if (!input->stream || byte_stream_look(input->stream, GO_HEAD_SIZE, &front, out_error))
		return -1;
	return go_head_knows(front);
}

int trace_input_open(struct trace_input *input, const char *path, struct error *out_error)
{
	struct stat status;
	if (open_path(input, path, &status, out_error))
		return -1;
	if (S_ISDIR(status.st_mode))
		return error_set(out_error, "not a regular file, so not a Tickbird trace");
	int found = is_go(input, out_error);
	if (found < 0)
		return -1;
	input->kind = found ? INPUT_GO : INPUT_TBT;
	if (found)
		return 0;
	byte_stream_close(input->stream);
	input->stream = NULL;
	if (!S_ISREG(status.st_mode))
		return error_set(out_error,
				 "not a Go trace, and not a regular file, so not a Tickbird trace");
	input->size = (uint64_t)status.st_size;
	return 0;
}

void trace_input_close(struct trace_input *input)
{
	byte_stream_close(input->stream);
	input->stream = NULL;
	if (input->fd > STDIN_FILENO)
		close(input->fd);
	input->fd = -1;
}
