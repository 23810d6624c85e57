/* SPDX-License-Identifier: Apache-2.0 */
/* output_file.h — the file that a verb writes its result to.
 *
 *	output_file_open → output_file_begin, or the first write to its sink → output_file_keep or output_file_abandon
 *
 * Promise:  what an old file holds stays until there is something to write; a verb that fails before leaves everything as
 *           it was.
 *           Only a regular file is ever emptied or removed: never a device, a pipe or a link to one.
 */
#pragma once
#include <stdbool.h>
#include "block/trace_writer.h"

struct output_file {
	const char *path; /* borrowed */
	int fd;
	bool is_regular;
	bool is_made_here; /* it was not there before */
	bool is_begun;
};

/* Opens the file for writing. One that exists is refused unless may_overwrite. 0 or -1. */
int output_file_open(struct output_file *out_file, const char *path, bool may_overwrite,
		     struct error *out_error);

/* Whether the descriptor is of the same file. */
bool output_file_is(const struct output_file *file, int fd);

/* Empties it; from now on its old content is gone. 0 or -1. */
int output_file_begin(struct output_file *file, struct error *out_error);

/* A sink that empties it first. Lives as long as the file. */
struct trace_sink output_file_sink(struct output_file *file);

/* Closes it; 0, or -1 when the last bytes could not be written. */
int output_file_keep(struct output_file *file, struct error *out_error);

/* Closes it, and removes it when it is a regular file that is new or was begun. */
void output_file_abandon(struct output_file *file);
