/* SPDX-License-Identifier: Apache-2.0 */
/* id_map.h — from the ids of what lives now (goroutines, processors, threads, tasks) to their slots; ids come and go.
 *
 * Memory:   16 bytes for each place, at most half of them taken.
 * Hostile:  ids come from the file; placing is by a mixed hash with linear steps.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { ID_MAP_NONE = UINT32_MAX };

struct id_map_place {
	uint64_t id;
	uint32_t slot; /* ID_MAP_NONE: free */
};

struct id_map {
	struct id_map_place *places;
	size_t mask; /* places - 1; valid when there are any */
	unsigned shift;
	size_t count;
};

/* All zero is an empty map. */
void id_map_fini(struct id_map *map);
void id_map_clear(struct id_map *map);

static inline size_t id_map_home(const struct id_map *map, uint64_t id)
{
	id ^= id >> 32;
	return (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> map->shift);
}

/* The slot, or ID_MAP_NONE. */
static inline uint32_t id_map_find(const struct id_map *map, uint64_t id)
{
	if (!map->places)
		return ID_MAP_NONE;
	size_t i = id_map_home(map, id);
	while (map->places[i].slot != ID_MAP_NONE && map->places[i].id != id)
		i = (i + 1) & map->mask;
	return map->places[i].slot;
}

/* The id must not be there. */
void id_map_add(struct id_map *map, uint64_t id, uint32_t slot);

/* The id must be there. */
void id_map_remove(struct id_map *map, uint64_t id);
