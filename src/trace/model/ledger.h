/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.h — what the readers of every kind of trace add up, and what all analyses read: whose time went where.
 *
 * Words:    a lane is a thread or a goroutine; a group is the lanes that do the same: goroutines with one start function, a thread
 *           alone. Waits are added up in sites (wait_sites.h), one for each group, reason, object and stack; a lane's share of
 *           a site is a lane_wait.
 * Promise:  of every lane, inside the reported part: running + in a call + runnable + throttled + unknown + its lane_waits = its
 *           life, to the nanosecond.
 * Memory:   120 bytes a lane, 24 for each of its sites; not with the number of waits.
 */
#pragma once
#include "trace/model/delays.h"
#include "trace/model/spans.h"
#include "trace/model/wait_reason.h"
#include "trace/model/wait_sites.h"
#include <stdbool.h>

enum lane_kind { LANE_THREAD, LANE_GOROUTINE };

enum { LANE_WAIT_NONE = UINT32_MAX };
enum { LANE_WAITS_NEAR = 8 }; /* of a lane, found without a map */

/* Times are of the reported part. */
struct lane {
	uint64_t id;               /* number of the thread in its file; the goroutine's */
	uint64_t tid;              /* of a thread */
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC; equal when nothing of it is reported */
	uint64_t running_ns, runnable_ns, throttled_ns, unknown_ns;
	uint64_t call_ns; /* in a system call, still with the processor that it ran on */
	uint64_t inferred_ns;
	uint64_t short_count, short_ns; /* waits under the threshold: a part of running */
	uint32_t group;
	uint32_t first_wait; /* of its lane_waits; LANE_WAIT_NONE */
	enum lane_kind kind;
};

struct lane_wait {
	uint64_t ns; /* blocked, inside */
	uint32_t site;
	uint32_t next; /* of the same lane; LANE_WAIT_NONE */
};

struct lane_group {
	const char *name; /* borrowed from the survey; NULL when nobody told */
	uint32_t process; /* index */
	uint32_t lanes;
	uint64_t life_ns; /* of its lanes, the whole recording */
	enum lane_kind kind;
	bool is_background; /* the runtime's own: whatever it waits for is idle */
};

/* How many CPU samples were taken with a stack. */
struct sample_site {
	uint32_t group;
	uint64_t stack;
	uint64_t count;
};

/* A quantity that the program told again and again. */
struct counter {
	const char *name; /* constant */
	uint32_t process;
	uint64_t count, first, last, least, most;
};

struct ledger {
	uint64_t from_ns, to_ns; /* what is reported; CLOCK_MONOTONIC */
	struct wait_reasons reasons;
	struct lane *lanes; /* threads first, with the indices that they have in process_table */
	size_t lane_count, lane_capacity;
	struct lane_wait *lane_waits;
	size_t lane_wait_count, lane_wait_capacity;
	struct key_map far_waits;  /* lane, site: those behind the first LANE_WAITS_NEAR of a lane */
	struct lane_group *groups; /* of threads first, as their lanes */
	size_t group_count, group_capacity;
	struct wait_sites sites;
	struct span_kinds spans;
	struct delays ready; /* how long lanes that became ready waited until they ran, where each is known */
	struct key_map sample_numbers;
	struct sample_site *samples;
	size_t sample_count, sample_capacity;
	struct counter *counters;
	size_t counter_count, counter_capacity;
	uint64_t edges_forgotten; /* wake-ups that came too fast to be remembered */
};

/* from_ns, to_ns: what is reported. */
void ledger_init(struct ledger *ledger, uint64_t from_ns, uint64_t to_ns);
void ledger_fini(struct ledger *ledger);

/* Index of a new one. */
uint32_t ledger_add_lane(struct ledger *ledger, struct lane lane);
uint32_t ledger_add_group(struct ledger *ledger, struct lane_group group);

/* Adds to the lane's share of a site; it is the lane's first wait there when there is none yet. */
void ledger_add_wait(struct ledger *ledger, uint32_t lane, uint32_t site, uint64_t inside_ns);

/* The lane's share of the site with that reason and stack if it is near; LANE_WAIT_NONE tells nothing. */
uint32_t ledger_recall_wait(const struct ledger *ledger, uint32_t lane, unsigned reason, uint64_t stack);

void ledger_add_sample(struct ledger *ledger, uint32_t group, uint64_t stack);

/* name: constant; told again it is the same counter. */
void ledger_count(struct ledger *ledger, uint32_t process, const char *name, uint64_t value);

/* Overlap with what is reported. */
static inline struct amount ledger_amount(const struct ledger *ledger, uint64_t start_ns, uint64_t end_ns)
{
	return amount_between(start_ns, end_ns, ledger->from_ns, ledger->to_ns);
}
