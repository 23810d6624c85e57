/* SPDX-License-Identifier: Apache-2.0 */
/* grouped_lanes.h — the lanes that are reported, by group.
 *
 * Memory:   4 bytes a lane, 16 a group.
 */
#pragma once
#include "trace/analyse/lane_times.h"

struct lane_bundle {
	uint32_t group;        /* index */
	uint32_t first, count; /* of `lanes` */
};

struct grouped_lanes {
	uint32_t *lanes;             /* indices, group by group */
	struct lane_bundle *bundles; /* with at least one lane, in order of groups */
	size_t count;
};

/* The lanes of that kind of which is_chosen says so. */
void grouped_lanes_init(struct grouped_lanes *grouped, const struct ledger *ledger, const uint8_t *is_chosen,
			enum lane_kind kind);
void grouped_lanes_fini(struct grouped_lanes *grouped);

/* What the lanes of a bundle did together. */
void grouped_lanes_sum(const struct grouped_lanes *grouped, const struct ledger *ledger,
		       const struct lane_bundle *bundle, struct lane_times *out_sum);
