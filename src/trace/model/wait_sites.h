/* SPDX-License-Identifier: Apache-2.0 */
/* wait_sites.h — waits added up by group of lanes, reason, object and stack, with who ended them.
 *
 * Words:    a site is one such sum; its window part is what has come since the thread's last checkpoint and may still be
 *           corrected (window.h). An object is a lock's or condition's address, or a description of descriptor_names.h.
 * Memory:   grows with sites, about 250 bytes each, and their wakers, 72 bytes each; not with waits.
 */
#pragma once
#include <stdbool.h>
#include "trace/model/amount.h"
#include "trace/model/key_map.h"
#include "trace/model/wait_reason.h"
#include <stddef.h>

/* The parts of a window's waiting, by what may be corrected. */
enum wait_pool {
	POOL_SETTLED, /* blocked, and an edge says until when */
	POOL_OPEN,    /* blocked; the end may have been some run-queue delay */
	POOL_MIXED,   /* off the CPU in a gap, blocked or preempted */
	POOL_WOKEN,   /* runnable behind the edge */
	POOL_COUNT,
};

/* What the object of a site is. */
enum object_kind { OBJECT_NONE, OBJECT_ADDRESS, OBJECT_DESCRIPTOR, OBJECT_UNNAMED_FD, OBJECT_UNENDED };

struct object_id {
	enum object_kind kind; /* OBJECT_UNENDED: a wait whose end was never seen, at the end of a thread */
	uint64_t number;       /* address; index of a description; the descriptor */
};

struct wait_site {
	uint32_t group;  /* index of the lanes' group: ledger.h */
	unsigned reason; /* wait_reason.h */
	struct object_id object;
	uint64_t stack; /* node of the group's process */

	struct amount window[POOL_COUNT];
	uint64_t window_inferred; /* ns of the window's inside that nobody observed */
	bool is_in_window;

	struct amount blocked, woken; /* closed windows */
	uint64_t inferred_ns;         /* of blocked.inside */
	uint64_t count;               /* waits of which a part lies inside */
	uint64_t count_all;
	uint64_t lanes;     /* that waited here */
	uint64_t parked_ns; /* of blocked.all: of lanes that did nothing else in the whole recording */
	uint64_t max_ns;    /* the longest, its part inside */
	bool is_idle;       /* a wait for work: analyse/idle.h */
};

struct wait_waker {
	uint32_t site;
	uint32_t lane;  /* the index of one of the wakers with this stack */
	uint64_t stack; /* node of the same process */
	uint64_t count; /* waits that it ended */
	uint64_t
		caused_ns; /* of the waits, their parts inside: the time until it released the lock, or signalled */
};

struct wait_sites {
	struct key_map numbers;
	struct wait_site *sites;
	size_t count, capacity;
	struct key_map waker_numbers;
	struct wait_waker *wakers;
	size_t waker_count, waker_capacity;
};

/* All zero is empty. */
void wait_sites_fini(struct wait_sites *sites);

/* The index of the site, a new one when it is new. */
uint32_t wait_sites_find(struct wait_sites *sites, uint32_t group, unsigned reason, struct object_id object,
			 uint64_t stack);

/* Counts a wait that took this long inside the reported part; 0 when none of it lies there. */
void wait_sites_count(struct wait_sites *sites, uint32_t site, uint64_t inside_ns);

/* Puts waiting time of the site down to a waker; count: 1 when it ended a wait, else 0. */
void wait_sites_blame(struct wait_sites *sites, uint32_t site, uint32_t lane, uint64_t stack, uint64_t count,
		      uint64_t inside_ns);

/* The same for one wait that a waker ended, for those who are likely woken by the same again: *last is noted between calls, 0 at
 * first. */
void wait_sites_blame_again(struct wait_sites *sites, uint32_t site, uint32_t lane, uint64_t stack,
			    uint64_t inside_ns, uint32_t *last);
