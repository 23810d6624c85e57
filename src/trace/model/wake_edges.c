/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/wake_edges.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* A thread that releases its own lock many times in another's wait hides no more than so many edges from the look-up. */
enum { LOOK_BACK_MAX = 4096 };

void wake_edges_fini(struct wake_edges *edges)
{
	for (size_t i = 0; i < edges->object_count; i++)
		free(edges->objects[i].edges);
	free(edges->objects);
	key_map_fini(&edges->numbers);
	*edges = (struct wake_edges){0};
}

static struct map_key key_of(uint32_t process, uint64_t object, enum wake_kind kind)
{
	return (struct map_key){{process, object, kind}};
}

static struct wake_object *object_of(struct wake_edges *edges, struct map_key key)
{
	uint32_t *number = key_map_intern(&edges->numbers, key);
	if (*number == KEY_MAP_NONE) {
		*number = (uint32_t)edges->object_count;
		MEMORY_GROW(edges->objects, edges->object_count, edges->object_capacity);
		edges->objects[edges->object_count++] = (struct wake_object){.key = key};
	}
	return &edges->objects[*number];
}

/* Position of the first edge later than the time. */
static size_t position_after(const struct wake_object *object, uint64_t time_ns)
{
	size_t low = 0, high = object->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (object->edges[middle].time_ns <= time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void wake_edges_add(struct wake_edges *edges, uint32_t process, uint64_t object, enum wake_kind kind,
		    struct wake_edge edge)
{
	if (edges->count >= WAKE_EDGES_MAX) {
		edges->forgotten++;
		return;
	}
	struct wake_object *list = object_of(edges, key_of(process, object, kind));
	MEMORY_GROW(list->edges, list->count, list->capacity);
	size_t position = position_after(list, edge.time_ns);
	memmove(&list->edges[position + 1], &list->edges[position], (list->count - position) * sizeof edge);
	list->edges[position] = edge;
	list->count++;
	edges->count++;
}

size_t wake_edges_between(const struct wake_edges *edges, uint32_t process, uint64_t object,
			  enum wake_kind kind, uint64_t after_ns, uint64_t until_ns, uint32_t waiter,
			  const struct wake_edge **out_edges, size_t most)
{
	uint32_t number = key_map_find(&edges->numbers, key_of(process, object, kind));
	if (number == KEY_MAP_NONE)
		return 0;
	const struct wake_object *list = &edges->objects[number];
	size_t position = position_after(list, until_ns), count = 0;
	for (size_t looked = 0; position > 0 && looked < LOOK_BACK_MAX && count < most;
	     position--, looked++) {
		const struct wake_edge *edge = &list->edges[position - 1];
		if (edge->time_ns <= after_ns)
			break;
		if (edge->thread != waiter)
			out_edges[count++] = edge;
	}
	return count;
}

const struct wake_edge *wake_edges_last(const struct wake_edges *edges, uint32_t process, uint64_t object,
					enum wake_kind kind, uint64_t after_ns, uint64_t until_ns,
					uint32_t waiter)
{
	const struct wake_edge *last;
	return wake_edges_between(edges, process, object, kind, after_ns, until_ns, waiter, &last, 1) ? last
												      : NULL;
}

/* Objects come and go (a mutex in every request): the empty ones are left out when they are the most. */
static void drop_empty_objects(struct wake_edges *edges)
{
	size_t kept = 0;
	key_map_clear(&edges->numbers);
	for (size_t i = 0; i < edges->object_count; i++) {
		struct wake_object object = edges->objects[i];
		if (!object.count) {
			free(object.edges);
			continue;
		}
		*key_map_intern(&edges->numbers, object.key) = (uint32_t)kept;
		edges->objects[kept++] = object;
	}
	edges->object_count = kept;
}

void wake_edges_forget(struct wake_edges *edges, uint64_t block)
{
	size_t empty = 0;
	for (size_t i = 0; i < edges->object_count; i++) {
		struct wake_object *object = &edges->objects[i];
		size_t kept = 0;
		for (size_t j = 0; j < object->count; j++)
			if (object->edges[j].block >= block)
				object->edges[kept++] = object->edges[j];
		edges->count -= object->count - kept;
		object->count = kept;
		empty += kept == 0;
	}
	if (empty > edges->object_count / 2)
		drop_empty_objects(edges);
}
