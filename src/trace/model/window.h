/* SPDX-License-Identifier: Apache-2.0 */
/* window.h — a thread's time between two checkpoints, and how the kernel's totals correct what the hooks saw.
 *
 * Words:    a checkpoint tells CPU time and run-queue delay of a thread so far. Presumed is the time between two recorded ranges,
 *           in which the thread is taken to have run; open is what follows its last range. Both are running only as far as the
 *           CPU time allows.
 * Promise:  whatever the totals say, the parts sum to the window's length, in whole nanoseconds: time is only moved from
 *           one state to another. What is moved counts as inferred.
 * Rules:    docs/report.md, "How time is accounted".
 */
#pragma once
#include <stdbool.h>
#include "trace/model/wait_sites.h"

/* A thread's time by state, over closed windows; all but the waits, which its sites hold. */
struct lane_states {
	struct amount running, runnable, throttled, unknown;
	uint64_t inferred_ns; /* of the insides of running, runnable and throttled */
};

struct window {
	struct amount presumed;
	struct amount open;
	struct amount preempted; /* off the CPU in gaps without having given it away */
	uint64_t splits;         /* waits whose end an edge told */
	uint64_t waits;          /* recorded ranges in which the CPU was given away */
	uint32_t *touched;       /* sites with something in their window part */
	size_t touched_count, touched_capacity;
};

/* What is known at a window's end, for its length. */
struct window_totals {
	bool has_cpu, has_delay, has_switches;
	uint64_t
		cpu_before_ns; /* of cpu_ns, as much may lie before the window; UINT64_MAX: it is a ceiling only */
	uint64_t cpu_ns;
	uint64_t cpu_slack_ns; /* presumed running beyond cpu_ns that may be the kernel's being late */
	uint64_t delay_ns;
	uint64_t throttled_ns;
	uint64_t voluntary_switches;
};

/* What the window was settled as. */
struct window_result {
	uint64_t running_ns;  /* all that counts as running: what the next window's CPU time is less by */
	uint64_t runnable_ns; /* the same of runnable and throttled */
	struct amount unexplained; /* put down as unseen, though a late delay may still explain it */
};

void window_fini(struct window *window);

/* Adds waiting time to a pool of a site. */
void window_wait(struct window *window, struct wait_sites *sites, uint32_t site, enum wait_pool pool,
		 struct amount what, bool is_inferred);

/* What the window has seen as runnable. */
uint64_t window_runnable(const struct window *window, const struct wait_sites *sites);

/* The window ended: moves everything to the states and sites, corrected by the totals. Without has_cpu, presumed time is running
 * (inferred) and open time unknown; with is_unknown all presumed time is unknown.
 * What nothing explains goes to sites of the group without a stack, made when needed. */
struct window_result window_close(struct window *window, struct wait_sites *sites, uint32_t group,
				  struct lane_states *states, const struct window_totals *totals,
				  bool is_unknown);
