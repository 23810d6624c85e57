/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/key_map.h"
#include "base/memory.h"
#include <stdlib.h>

enum { CAPACITY_FIRST = 64 };

static uint64_t mix(uint64_t value)
{
	value ^= value >> 32;
	value *= 0xd6e8feb86659fd93u;
	value ^= value >> 32;
	value *= 0xd6e8feb86659fd93u;
	return value ^ value >> 32;
}

static uint64_t key_hash(struct map_key key)
{
	return mix(key.words[0] + mix(key.words[1] + mix(key.words[2])));
}

static int key_equal(struct map_key a, struct map_key b)
{
	return a.words[0] == b.words[0] && a.words[1] == b.words[1] && a.words[2] == b.words[2];
}

static struct key_map_place *place_of(const struct key_map *map, struct map_key key)
{
	size_t i = key_hash(key) & (map->capacity - 1);
	while (map->places[i].number != KEY_MAP_NONE && !key_equal(map->places[i].key, key))
		i = (i + 1) & (map->capacity - 1);
	return &map->places[i];
}

static void grow(struct key_map *map)
{
	struct key_map old = *map;
	map->capacity = old.capacity ? 2 * old.capacity : CAPACITY_FIRST;
	map->places = memory_resize(NULL, map->capacity, sizeof *map->places);
	key_map_clear(map);
	map->count = old.count;
	for (size_t i = 0; i < old.capacity; i++)
		if (old.places[i].number != KEY_MAP_NONE)
			*place_of(map, old.places[i].key) = old.places[i];
	free(old.places);
}

void key_map_fini(struct key_map *map)
{
	free(map->places);
	*map = (struct key_map){0};
}

void key_map_clear(struct key_map *map)
{
	for (size_t i = 0; i < map->capacity; i++)
		map->places[i].number = KEY_MAP_NONE;
	map->count = 0;
}

uint32_t key_map_find(const struct key_map *map, struct map_key key)
{
	return map->capacity ? place_of(map, key)->number : KEY_MAP_NONE;
}

uint32_t *key_map_intern(struct key_map *map, struct map_key key)
{
	if (4 * (map->count + 1) > 3 * map->capacity)
		grow(map);
	struct key_map_place *place = place_of(map, key);
	if (place->number == KEY_MAP_NONE) {
		place->key = key;
		map->count++;
	}
	return &place->number;
}
