/* SPDX-License-Identifier: Apache-2.0 */
/* lock_holders.h — who held a lock while others waited for it, over all who waited. */
#pragma once
#include "trace/analyse/objects.h"

enum { LOCK_HOLDERS_MAX = 256 }; /* stacks looked at; those of the biggest waits come first */

struct lock_holder {
	uint32_t process;   /* index */
	uint64_t stack;     /* where it was released */
	uint64_t caused_ns; /* waiting while it was held */
};

/* The longest first, at most `most`; returns how many. */
size_t lock_holders_find(const struct contended_object *lock, struct lock_holder *out_holders, size_t most);
