/* SPDX-License-Identifier: Apache-2.0 */
/* recording.h — a recording from its first process to the finished file.
 *
 *	recording_open → start the command with recording_socket in its environment → recording_turn whenever the
 *	recording's descriptor is readable → recording_reap before each waitpid → recording_finish
 *
 * Threads:  one, but for the listener's own.
 * Promise:  the file is whole whenever this process is stopped, up to the last segment; a segment is a second at most.
 */
#pragma once
#include <stdbool.h>
#include "agent/arena_supply.h"
#include "agent/unseen.h"
#include "block/trace_writer.h"

struct recording_options {
	const char *command; /* the command line, for the trace */
	const char *directory;
	uint64_t threshold_ns;
	size_t arena_size; /* bytes */
	bool has_symbols;  /* look functions up when it ends */
};

struct recording_summary {
	uint64_t events, lost_events, bytes;
	uint64_t processes;
	struct unseen unseen; /* what ran unrecorded; unseen_fini is due */
};

struct recording;

/* The sink gets nothing before the first recording_turn. NULL with an error. */
struct recording *recording_open(const struct recording_options *options, struct trace_sink sink,
				 struct error *out_error);

/* What the environment variable TICKBIRD_SOCKET of the command has to say. */
const char *recording_socket(const struct recording *recording);

/* Readable when there is something to do. */
int recording_fd(const struct recording *recording);
void recording_turn(struct recording *recording);

/* A child has ended and is about to be waited for: takes what only its zombie still tells. */
void recording_reap(struct recording *recording, uint32_t pid);

/* A process that was started runs a program that is not recorded. */
void recording_tell_unseen(struct recording *recording, uint32_t pid, enum program_kind kind,
			   const char *path);

/* Recorded processes that live. */
size_t recording_living(const struct recording *recording);

/* Frees the recording without ending its file: nothing was recorded. */
void recording_abandon(struct recording *recording);

/* Lets go of processes that still live, looks functions up, ends the file. exit_code: of the command. Frees the
 * recording. -1 with the first error of the sink; the summary is filled in all the same. */
int recording_finish(struct recording *recording, int exit_code, struct recording_summary *out_summary,
		     struct error *out_error);
