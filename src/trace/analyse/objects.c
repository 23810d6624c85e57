/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/objects.h"
#include "base/memory.h"
#include <stdlib.h>

void contended_objects_fini(struct contended_objects *objects)
{
	free(objects->objects);
	free(objects->groups);
	*objects = (struct contended_objects){0};
}

static int by_total(const void *a, const void *b)
{
	const struct contended_object *one = a, *two = b;
	if (one->total_ns != two->total_ns)
		return one->total_ns < two->total_ns ? 1 : -1;
	/* Ties: as their groups stand. */
	return (one->groups > two->groups) - (one->groups < two->groups);
}

static void add_group(struct contended_object *object, const struct wait_group *group)
{
	object->count += group->count;
	object->total_ns += group->total_ns;
	object->threads += group->threads;
	if (group->max_ns > object->max_ns)
		object->max_ns = group->max_ns;
}

/* A descriptor's name means the same in every process; an address or a number does not. */
static struct map_key key_of(const struct wait_group *group)
{
	uint64_t process = group->object.kind == OBJECT_DESCRIPTOR ? UINT32_MAX : group->process;
	return (struct map_key){{process, group->object.kind, group->object.number}};
}

typedef int (*group_filter)(const struct wait_group *group, int with_idle);

static void gather(struct contended_objects *objects, const struct wait_groups *groups,
		   group_filter is_wanted, int with_idle)
{
	struct key_map numbers = {0};
	uint32_t *object_of = memory_resize(NULL, groups->count, sizeof *object_of);
	size_t capacity = 0, wanted = 0;
	*objects = (struct contended_objects){0};
	for (size_t i = 0; i < groups->count; i++) {
		const struct wait_group *group = &groups->groups[i];
		object_of[i] = KEY_MAP_NONE;
		if (!is_wanted(group, with_idle))
			continue;
		uint32_t *number = key_map_intern(&numbers, key_of(group));
		if (*number == KEY_MAP_NONE) {
			*number = (uint32_t)objects->count;
			MEMORY_GROW(objects->objects, objects->count, capacity);
			objects->objects[objects->count++] = (struct contended_object){
				.object = group->object, .process = group->process, .reason = group->reason};
		}
		object_of[i] = *number;
		add_group(&objects->objects[*number], group);
		objects->objects[*number].group_count++;
		wanted++;
	}

	objects->groups = memory_resize(NULL, wanted, sizeof *objects->groups);
	for (size_t i = 0, at = 0; i < objects->count; i++) {
		objects->objects[i].groups = objects->groups + at;
		at += objects->objects[i].group_count;
		objects->objects[i].group_count = 0;
	}
	for (size_t i = 0; i < groups->count; i++) {
		if (object_of[i] == KEY_MAP_NONE)
			continue;
		struct contended_object *object = &objects->objects[object_of[i]];
		object->groups[object->group_count++] = &groups->groups[i];
	}
	free(object_of);
	key_map_fini(&numbers);
	if (objects->count)
		qsort(objects->objects, objects->count, sizeof *objects->objects, by_total);
}

static int is_lock(const struct wait_group *group, int with_idle)
{
	(void)with_idle;
	return group->reason == WAIT_LOCK && group->object.kind == OBJECT_ADDRESS;
}

static int is_descriptor(const struct wait_group *group, int with_idle)
{
	if (group->is_idle && !with_idle)
		return 0;
	return group->object.kind == OBJECT_DESCRIPTOR || group->object.kind == OBJECT_UNNAMED_FD;
}

void contended_locks_init(struct contended_objects *objects, const struct wait_groups *groups)
{
	gather(objects, groups, is_lock, 1);
}

void contended_descriptors_init(struct contended_objects *objects, const struct wait_groups *groups,
				int with_idle)
{
	gather(objects, groups, is_descriptor, with_idle);
}
