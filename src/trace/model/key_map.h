/* SPDX-License-Identifier: Apache-2.0 */
/* key_map.h — finds the small number that stands for a key of up to three words.
 *
 * The model numbers everything it aggregates (processes, call sites, objects) by position in an array of its own;
 * the map is how a key from the file leads to that position. Unused words are 0.
 * Threads:  one map, one thread.
 * Memory:   32 bytes for each place, at most three quarters of them taken; keys are never removed one by one.
 * Hostile:  keys come from the file; placing is by a mixed hash with linear steps.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { KEY_MAP_NONE = UINT32_MAX };

struct map_key {
	uint64_t words[3];
};

struct key_map_place {
	struct map_key key;
	uint32_t number; /* KEY_MAP_NONE: free */
};

struct key_map {
	struct key_map_place *places;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

/* All zero is an empty map. */
void key_map_fini(struct key_map *map);

/* The key's number, or KEY_MAP_NONE. */
uint32_t key_map_find(const struct key_map *map, struct map_key key);

/* Where the key's number stands; *number is KEY_MAP_NONE for a new key, and the caller sets it.
 * Valid until the next call. */
uint32_t *key_map_intern(struct key_map *map, struct map_key key);

/* Forgets all keys, keeps the room. */
void key_map_clear(struct key_map *map);
