/* SPDX-License-Identifier: Apache-2.0 */
/* recorded.h — what the agent knows of a recorded process.
 *
 * Words:    a recorded process is one hello: a program in a process. After an exec the same pid is recorded again.
 *           A lane is a thread in one thread slot; slots are used again, and each user is a lane of its own.
 * Threads:  the agent's main thread only.
 * Hostile:  whatever lies in the arena is checked before it is used.
 */
#pragma once
#include <stdbool.h>
#include "agent/journal.h"
#include "agent/newcomer.h"

struct lane {
	uint64_t thread; /* number in the trace, 0: nobody used the slot yet */
	uint32_t tid;
	uint32_t generation;              /* of the slot */
	uint32_t sequence;                /* of the chunk that comes next or is being read */
	uint32_t offset;                  /* bytes of that chunk already read */
	struct event_registers registers; /* as they are there */
	uint64_t timeslices;              /* of the last totals */
	bool is_alive;                    /* its slot was not given back */
	char name[THREAD_NAME_SIZE];
};

struct code_mapping {
	uint64_t start, size, file_offset, module;
	char *path;
};

struct recorded {
	struct recorded *next;
	uint64_t process; /* number in the trace */
	uint32_t pid;
	int pidfd; /* -1 when the kernel has none for it */
	bool is_over;
	bool is_replaced; /* the pid runs another program now (exec): what /proc says is that one's */
	struct trace_moment replaced;
	struct thread_counts
		replaced_counts;     /* of its main thread, which goes on in the other program; 0 not known */
	char name[THREAD_NAME_SIZE]; /* of its main thread when it said hello */
	struct thread_counts counts; /* … and what it had counted */
	struct trace_moment start;
	struct shared_arena shared;
	struct lane *lanes; /* by slot; a slot beyond them, or with thread 0, nobody has used */
	uint32_t lane_count;
	uint64_t lost_told[ARENA_LOSS_COUNT];

	struct code_mapping *mappings;
	size_t mapping_count, mapping_room;
	bool has_unknown_code; /* a stack node lies in no mapping that was read so far */

	uint32_t nodes_told;  /* stack nodes [1, nodes_told] were told or are among the unfinished */
	uint32_t *unfinished; /* their thread is between two steps */
	size_t unfinished_count, unfinished_room;
	uint64_t *unplaced; /* addresses of nodes told that lay in no mapping yet */
	size_t unplaced_count, unplaced_room;

	char *executable, *command; /* never NULL */
	char *throttle_path;        /* the control group's cpu.stat, NULL none */
	bool was_throttle_told;
	uint64_t throttled_ns;
};

/* Takes over the newcomer's arena and pidfd (not the newcomer) and tells the trace of the process. parent: the recorded
 * process that it was forked from, NULL when none is known or it is a program of its own. Never NULL. */
struct recorded *recorded_create(struct newcomer *newcomer, const struct recorded *parent,
				 struct journal *journal);

void recorded_destroy(struct recorded *recorded);

/* The moment for what is read about it now: its last when the pid runs another program by now. */
struct trace_moment recorded_now(const struct recorded *recorded, const struct journal *journal);

/* The lane of a slot, made when it is not there. Moves the others. */
struct lane *recorded_lane(struct recorded *recorded, uint32_t slot);
