/* SPDX-License-Identifier: Apache-2.0 */
/* objects.h — waits by what was waited for: the most contended locks, the busiest descriptors.
 *
 * Memory:   grows with the groups.
 */
#pragma once
#include <stdbool.h>
#include "trace/analyse/wait_groups.h"

struct contended_object {
	struct object_id object;
	uint32_t process; /* index; of a descriptor that of its first group */
	unsigned reason;  /* of its biggest group */
	uint64_t count, total_ns, max_ns;
	uint64_t lanes;                   /* that waited for it; of threads */
	const struct wait_group **groups; /* the biggest first */
	size_t group_count;
};

struct contended_objects {
	struct contended_object *objects; /* the biggest total first */
	size_t count;
	const struct wait_group **groups; /* of all objects */
};

/* The mutexes with waits, by process and address. groups: of this ledger and these groups of lanes. */
void contended_locks_init(struct contended_objects *objects, const struct wait_groups *groups,
			  const struct ledger *ledger, const uint8_t *is_chosen);

/* The descriptors with waits, by name, or by process and number where there is none. Idle waits count only with_idle. */
void contended_descriptors_init(struct contended_objects *objects, const struct wait_groups *groups,
				const struct ledger *ledger, const uint8_t *is_chosen, bool with_idle);

void contended_objects_fini(struct contended_objects *objects);
