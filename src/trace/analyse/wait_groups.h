/* SPDX-License-Identifier: Apache-2.0 */
/* wait_groups.h — the waits of all threads by reason, object and stack, the biggest first, with who ended them.
 *
 * Promise:  the groups' totals sum, reason by reason, to the waiting time of the lanes that they were made from.
 * Memory:   grows with sites and wakers.
 */
#pragma once
#include "trace/model/ledger.h"
#include <stdbool.h>

struct waker_group {
	uint64_t stack; /* node of the group's process */
	uint32_t lane;  /* index of one such waker */
	uint64_t count;
	uint64_t caused_ns; /* of the total: until it released the lock, or signalled */
};

struct wait_group {
	uint32_t process; /* index */
	unsigned reason;  /* wait_reason.h */
	struct object_id object;
	uint64_t stack;
	enum lane_kind kind; /* of those that waited */
	bool is_idle;
	uint64_t count, total_ns, max_ns;
	uint64_t inferred_ns;       /* of the total */
	uint64_t lanes;             /* that waited so */
	struct waker_group *wakers; /* the one that caused most first */
	size_t waker_count;
};

struct wait_groups {
	struct wait_group *groups; /* the biggest total first */
	size_t count, capacity;
	struct waker_group *wakers; /* of all groups */
};

/* is_chosen: by index of the lanes' group; NULL takes all. Idle must be marked. */
void wait_groups_init(struct wait_groups *groups, const struct ledger *ledger, const uint8_t *is_chosen);
void wait_groups_fini(struct wait_groups *groups);
