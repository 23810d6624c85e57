/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/id_map.h"
#include "base/memory.h"
#include <stdlib.h>

enum { LOG_CAPACITY_FIRST = 6 };

void id_map_fini(struct id_map *map)
{
	free(map->places);
	*map = (struct id_map){0};
}

void id_map_clear(struct id_map *map)
{
	for (size_t i = 0; map->places && i <= map->mask; i++)
		map->places[i].slot = ID_MAP_NONE;
	map->count = 0;
}

static void place(struct id_map *map, uint64_t id, uint32_t slot)
{
	size_t i = id_map_home(map, id);
	while (map->places[i].slot != ID_MAP_NONE)
		i = (i + 1) & map->mask;
	map->places[i] = (struct id_map_place){id, slot};
}

static void grow(struct id_map *map)
{
	struct id_map old = *map;
	unsigned log_capacity = old.places ? 64 - old.shift + 1 : LOG_CAPACITY_FIRST;
	map->mask = ((size_t)1 << log_capacity) - 1;
	map->shift = 64 - log_capacity;
	map->places = memory_resize(NULL, map->mask + 1, sizeof *map->places);
	id_map_clear(map);
	map->count = old.count;
	for (size_t i = 0; old.places && i <= old.mask; i++)
		if (old.places[i].slot != ID_MAP_NONE)
			place(map, old.places[i].id, old.places[i].slot);
	free(old.places);
}

void id_map_add(struct id_map *map, uint64_t id, uint32_t slot)
{
	if (!map->places || 2 * (map->count + 1) > map->mask + 1)
		grow(map);
	place(map, id, slot);
	map->count++;
}

/* What stands behind the gap and belongs before it moves up, so that no search ends too early. */
void id_map_remove(struct id_map *map, uint64_t id)
{
	size_t gap = id_map_home(map, id);
	while (map->places[gap].id != id || map->places[gap].slot == ID_MAP_NONE)
		gap = (gap + 1) & map->mask;
	for (size_t i = (gap + 1) & map->mask; map->places[i].slot != ID_MAP_NONE; i = (i + 1) & map->mask) {
		size_t home = id_map_home(map, map->places[i].id);
		if (((i - home) & map->mask) < ((i - gap) & map->mask))
			continue;
		map->places[gap] = map->places[i];
		gap = i;
	}
	map->places[gap].slot = ID_MAP_NONE;
	map->count--;
}
