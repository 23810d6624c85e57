/* SPDX-License-Identifier: Apache-2.0 */
/* unseen.h — programs that ran beside the recorded ones and were not recorded, and why.
 *
 * Words:    a notice is a process's word that it is about to become such a program. It is pending until it cannot be
 *           taken back any more: an exec that fails is taken back at once.
 * Threads:  the agent's main thread only.
 * Full:     at most UNSEEN_PENDING_MAX notices wait, the oldest counts then; at most UNSEEN_PROGRAMS_MAX different
 *           programs are named, the others counted.
 */
#pragma once
#include <stdbool.h>
#include "agent/journal.h"
#include "agent/thread_counts.h"
#include "base/program_look.h"

enum { UNSEEN_PENDING_MAX = 1024, UNSEEN_PROGRAMS_MAX = 256 };

struct unseen_notice_taken {
	uint32_t pid, parent_pid;
	enum program_kind kind;
	bool is_exec; /* the process was another program before */
	char *path;   /* owned */
	struct trace_moment moment;
	struct thread_counts
		counts;    /* of the notifying process's main thread, then; all 0 when it was gone already */
	uint64_t taken_ns; /* CLOCK_MONOTONIC */
};

/* A program, and how many processes ran it. */
struct unseen_program {
	char *path; /* owned */
	enum program_kind kind;
	uint64_t processes;
};

/* All zero is empty. */
struct unseen {
	struct unseen_notice_taken *pending;
	size_t pending_count, pending_room;
	struct unseen_program *programs;
	size_t program_count, program_room;
	uint64_t others; /* processes of programs beyond those */
};

void unseen_fini(struct unseen *unseen);

/* Takes over the path. */
void unseen_add(struct unseen *unseen, struct unseen_notice_taken notice);

/* The process did not become what it said last. */
void unseen_take_back(struct unseen *unseen, uint32_t pid);

/* The pending notice of a process, NULL when there is none. */
const struct unseen_notice_taken *unseen_find(const struct unseen *unseen, uint32_t pid);

/* The first pending notice that was taken `age_ns` ago or earlier, or that there is no room for; NULL when there is none. */
const struct unseen_notice_taken *unseen_due(const struct unseen *unseen, uint64_t now_ns, uint64_t age_ns);

/* Tells the trace of a pending notice, counts it and forgets it. */
void unseen_settle(struct unseen *unseen, struct journal *journal, const struct unseen_notice_taken *notice);
