/* SPDX-License-Identifier: Apache-2.0 */
/* recorded.h — what the agent knows of a recorded process, and where all that is known of it goes: the trace being
 * written.
 *
 * Words:    a recorded process is one hello: a program in a process. After an exec the same pid is recorded again.
 *           A lane is a thread in one thread slot; slots are used again, and each user is a lane of its own.
 * Threads:  the agent's main thread only.
 * Hostile:  whatever lies in the arena is checked before it is used.
 */
#pragma once
#include <stdbool.h>
#include "agent/arena_supply.h"
#include "agent/thread_counts.h"
#include "block/trace_writer.h"

/* The trace and the numbers given out in it. */
struct journal {
	struct trace_writer *writer;
	enum trace_clock clock;
	uint64_t next_process, next_thread, next_module, next_string;
	uint64_t lost_events;
	struct journal_text *modules; /* path and build id → number */
	struct journal_text *strings; /* text → number */
};

void journal_init(struct journal *journal, struct trace_writer *writer, enum trace_clock clock);
void journal_fini(struct journal *journal);

/* Now, in ticks of the journal's clock. */
uint64_t journal_now(const struct journal *journal);

/* The number of a text, told to the trace the first time. "" and NULL are 0. */
uint64_t journal_string(struct journal *journal, const char *text);
uint64_t journal_module(struct journal *journal, const char *path, const char *build_id);

/* Counts events as lost and tells the trace why. */
void journal_lost(struct journal *journal, uint64_t process, const char *reason, uint64_t events);

struct lane {
	uint64_t thread; /* number in the trace, 0: nobody used the slot yet */
	uint32_t tid;
	uint32_t generation;              /* of the slot */
	uint32_t sequence;                /* of the chunk that comes next or is being read */
	uint32_t offset;                  /* bytes of that chunk already read */
	struct event_registers registers; /* as they are there */
	uint64_t timeslices;              /* of the last totals */
	bool is_alive;                    /* its slot was not given back */
	char name[16];
};

struct code_mapping {
	uint64_t start, size, file_offset, module;
	char *path;
	char build_id[41]; /* hexadecimal; longer ones are cut */
};

struct recorded {
	struct recorded *next;
	uint64_t process; /* number in the trace */
	uint32_t pid;
	int pidfd; /* -1 when the kernel has none for it */
	bool is_over;
	uint64_t
		replaced_ticks; /* when the pid began another program (exec): what /proc says is that one's; 0 not */
	char name[16];          /* of its main thread when it said hello */
	struct thread_counts counts; /* … and what it had counted */
	uint64_t start_ticks;
	struct shared_arena shared;
	struct lane *lanes; /* by slot; a slot beyond them, or with thread 0, nobody has used */
	uint32_t lane_count;
	uint64_t lost_told[ARENA_LOSS_COUNT];

	struct code_mapping *mappings;
	size_t mapping_count, mapping_room;
	bool has_unknown_code; /* a stack node lies in no mapping: they must be read again */

	uint32_t nodes_told;  /* stack nodes [1, nodes_told] were told or are among the unfinished */
	uint32_t *unfinished; /* their thread is between two steps */
	size_t unfinished_count, unfinished_room;
	uint64_t *pcs; /* of all nodes told, for symbols */
	size_t pc_count, pc_room;

	char *executable, *command; /* never NULL */
	char *throttle_path;        /* the control group's cpu.stat, NULL none */
	bool was_throttle_told;
	uint64_t throttled_ns;
};

/* The lane of a slot, made when it is not there. Moves the others. */
struct lane *recorded_lane(struct recorded *recorded, uint32_t slot);
