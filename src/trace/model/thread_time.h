/* SPDX-License-Identifier: Apache-2.0 */
/* thread_time.h — one thread's time, from its first moment to its last, as states that partition it.
 *
 * Words:    a range is a recorded wait or gap; a checkpoint is where the kernel's totals are known. Ranges are held until the
 *           edges that ended them must have come (thread_time_settle), then spent: cut into pieces, joined to their wakers, added to
 *           the window; a window closes when time has passed its checkpoint.
 * Memory:   what is not settled, 104 bytes a range; at most CHECKPOINTS_MAX checkpoints.
 */
#pragma once
#include "trace/model/partition.h"
#include "trace/model/process_table.h"
#include "trace/model/wake_edges.h"
#include "trace/model/window.h"
#include <stdbool.h>

enum {
	CHECKPOINTS_MAX = 128
}; /* of one thread waiting to be used; more are thinned out: totals lose nothing by it */

/* A recorded range. */
struct thread_range {
	uint64_t start_ns, end_ns;
	uint64_t stack;
	uint64_t mutex;              /* of a condition wait; 0 none */
	uint64_t off_ns;             /* of a gap */
	uint64_t voluntary_switches; /* of a gap */
	uint64_t block;
	struct object_id object;
	uint8_t reason; /* enum wait_reason; of a gap WAIT_FAULT, WAIT_UNSEEN */
	uint8_t is_gap;
	uint8_t is_preempted; /* a gap without a voluntary switch */
	uint8_t is_mixed;     /* a gap with both kinds */
	bool is_inferred;
};

struct checkpoint {
	uint64_t time_ns;
	uint64_t cpu_ns, delay_ns, voluntary_switches, involuntary_switches;
	bool has_delay;
	bool is_exact; /* told by the thread itself, not up to a tick late */
};

struct thread_time {
	uint32_t index; /* of the thread, its lane and group */
	uint64_t start_ns, end_ns;

	struct thread_range *ranges; /* unsettled, in order of ends */
	size_t range_count, range_capacity;
	struct checkpoint *checkpoints; /* unused, in order of time */
	size_t checkpoint_count, checkpoint_capacity;
	bool is_next_inferred; /* a start_inferred came */

	uint64_t now_ns; /* everything before is spent */
	struct window window;
	uint64_t window_start_ns;
	bool is_new;                         /* it was seen to be created: its totals began with nothing */
	bool has_base;                       /* totals at the window's start are known */
	bool was_checked;                    /* a window was closed by a checkpoint */
	uint64_t cpu_used_ns, delay_used_ns; /* totals that are accounted for */
	uint64_t voluntary_switches;
	struct amount unexplained; /* of the last window: unseen, unless a late delay explains it */

	struct lane_states states;
	uint64_t short_count, short_ns; /* waits under the threshold, inside */
};

/* What threads have in common; the second reading's. */
struct thread_world {
	const struct process_table *processes;
	struct wait_sites *sites;
	const struct wake_edges *edges;
	struct partition pieces; /* scratch */
	uint64_t from_ns, to_ns; /* what is reported */
};

void thread_time_init(struct thread_time *lane, uint32_t index, const struct thread *thread);
void thread_time_fini(struct thread_time *lane);

/* Ranges come in order of their ends, as in the file. */
void thread_time_add_range(struct thread_time *lane, struct thread_range range);
void thread_time_add_checkpoint(struct thread_time *lane, struct checkpoint checkpoint);

/* Spends the ranges that came before this block of the file. */
void thread_time_settle(struct thread_time *lane, struct thread_world *world, uint64_t before_block);

/* Spends the rest: the lane's time up to its end is accounted. */
void thread_time_finish(struct thread_time *lane, struct thread_world *world);

/* The time of the lane that is reported. */
struct amount thread_time_span(const struct thread_time *lane, const struct thread_world *world);
