/* SPDX-License-Identifier: Apache-2.0 */
/* wake_edges.h — who could have ended a wait: the releases and signals of the last few blocks, by object.
 *
 * Words:    an edge is one lock_release, condition_signal or condition_broadcast. A wait is joined to the last edge of another
 *           thread of its process on its object, between its start and its end.
 * Memory:   32 bytes for each edge of the blocks that are remembered, and at most WAKE_EDGES_MAX edges; beyond that the new
 *           ones are not remembered and counted in `forgotten`, and their waits are reported without a waker.
 */
#pragma once
#include "trace/model/key_map.h"

enum { WAKE_EDGES_MAX = 4 * 1024 * 1024 };

enum wake_kind { WAKE_RELEASE, WAKE_SIGNAL };

struct wake_edge {
	uint64_t time_ns;
	uint64_t stack;
	uint64_t block;  /* of the file */
	uint32_t thread; /* index */
};

struct wake_object {
	struct map_key key;
	struct wake_edge *edges; /* in order of time */
	size_t count, capacity;
};

struct wake_edges {
	struct key_map numbers;
	struct wake_object *objects;
	size_t object_count, object_capacity;
	size_t count; /* edges of all objects */
	uint64_t forgotten;
};

/* All zero is empty. */
void wake_edges_fini(struct wake_edges *edges);

void wake_edges_add(struct wake_edges *edges, uint32_t process, uint64_t object, enum wake_kind kind,
		    struct wake_edge edge);

/* The last edge with after_ns < time <= until_ns by another thread than `waiter`; NULL when there is none.
 * Valid until the next add or forget. */
const struct wake_edge *wake_edges_last(const struct wake_edges *edges, uint32_t process, uint64_t object,
					enum wake_kind kind, uint64_t after_ns, uint64_t until_ns,
					uint32_t waiter);

/* The same for all of them, the last first, at most `most`; returns how many. */
size_t wake_edges_between(const struct wake_edges *edges, uint32_t process, uint64_t object,
			  enum wake_kind kind, uint64_t after_ns, uint64_t until_ns, uint32_t waiter,
			  const struct wake_edge **out_edges, size_t most);

/* Forgets the edges of blocks before this one. */
void wake_edges_forget(struct wake_edges *edges, uint64_t block);
