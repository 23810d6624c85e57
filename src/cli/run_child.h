/* SPDX-License-Identifier: Apache-2.0 */
/* run_child.h — starts the command that is to be recorded: the library in front of libc, nothing else changed.
 *
 * The command gets the descriptors, the signal dispositions, the directory and the environment of tickbird, and
 * besides TICKBIRD_SOCKET and the library as the last of LD_PRELOAD: what was preloaded before keeps its order and
 * its place.
 */
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include "base/error.h"
#include "base/program_look.h"
#include "cli/verb.h"

/* Finds libtickbird.so: beside this program, else in ../lib/tickbird. The path, which the caller frees; NULL with an
 * error. */
char *run_library(struct error *out_error);

/* What a command will run. */
struct run_program {
	enum program_kind kind;
	const char *path; /* in `room`, or the command itself */
	char room[PROGRAM_PATH_SIZE];
};

/* Looks at it, as found by PATH. library: path of libtickbird.so. */
void run_look(struct run_program *out_program, const char *command, const char *library);

/* What the command is to have of what was ours when tickbird began. */
struct run_signals {
	sigset_t mask;
	bool ignores
		[2]; /* signals 32 and 33, which libc keeps for itself and changes when the first thread begins */
};

/* Reads them; before any thread is made and any signal blocked. */
void run_signals_read(struct run_signals *out_signals);

/* Starts words[0], found by PATH. library: NULL leaves LD_PRELOAD as it is.
 * Returns EXIT_CODE_OK, EXIT_CODE_NOT_FOUND or EXIT_CODE_CANNOT_RUN with an error. */
enum exit_code run_child(char *const *words, const char *library, const char *socket_name,
			 const struct run_signals *signals, pid_t *out_pid, struct error *out_error);
