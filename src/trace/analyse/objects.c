/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/objects.h"
#include "base/memory.h"
#include <stdbool.h>
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
	if (group->max_ns > object->max_ns)
		object->max_ns = group->max_ns;
}

/* A descriptor's name means the same in every process; an address or a number does not. */
static struct map_key key_of(uint32_t process, struct object_id object)
{
	return (struct map_key){
		{object.kind == OBJECT_DESCRIPTOR ? UINT32_MAX : process, object.kind, object.number}};
}

/* What is asked for, of the waits that are asked of. */
struct question {
	enum { ASKED_LOCKS, ASKED_DESCRIPTORS } objects;
	bool with_idle;
	const struct wait_groups *groups;
	const struct ledger *ledger;
	const uint8_t *is_chosen;
};

static bool is_asked(const struct question *question, unsigned reason, struct object_id object, bool is_idle)
{
	if (is_idle && !question->with_idle)
		return false;
	switch (question->objects) {
	case ASKED_LOCKS:
		return reason == WAIT_LOCK && object.kind == OBJECT_ADDRESS;
	case ASKED_DESCRIPTORS:
		return object.kind == OBJECT_DESCRIPTOR || object.kind == OBJECT_UNNAMED_FD;
	}
	return false;
}

/* The object of each group, KEY_MAP_NONE for those not asked for. */
static uint32_t *find_objects(struct contended_objects *objects, const struct question *question,
			      struct key_map *numbers)
{
	const struct wait_groups *groups = question->groups;
	uint32_t *object_of = memory_resize(NULL, groups->count, sizeof *object_of);
	size_t capacity = 0;
	for (size_t i = 0; i < groups->count; i++) {
		const struct wait_group *group = &groups->groups[i];
		object_of[i] = KEY_MAP_NONE;
		if (!is_asked(question, group->reason, group->object, group->is_idle))
			continue;
		uint32_t *number = key_map_intern(numbers, key_of(group->process, group->object));
		if (*number == KEY_MAP_NONE) {
			*number = (uint32_t)objects->count;
			MEMORY_GROW(objects->objects, objects->count, capacity);
			objects->objects[objects->count++] = (struct contended_object){
				.object = group->object, .process = group->process, .reason = group->reason};
		}
		object_of[i] = *number;
		add_group(&objects->objects[*number], group);
		objects->objects[*number].group_count++;
	}
	return object_of;
}

/* Gives each object its stretch of one array, in the order of the groups. */
static void hand_out_groups(struct contended_objects *objects, const struct wait_groups *groups,
			    const uint32_t *object_of)
{
	objects->groups = memory_resize(NULL, groups->count, sizeof *objects->groups);
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
}

static void count_lanes(struct contended_objects *objects, const struct question *question,
			const struct key_map *numbers)
{
	const struct ledger *ledger = question->ledger;
	struct key_map pairs = {0};
	for (size_t i = 0; i < ledger->sites.count; i++) {
		const struct wait_site *site = &ledger->sites.sites[i];
		if ((question->is_chosen && !question->is_chosen[site->group]) || !site->count ||
		    !is_asked(question, site->reason, site->object, site->is_idle))
			continue;
		uint32_t process = ledger->groups[site->group].process;
		uint32_t number = key_map_find(numbers, key_of(process, site->object));
		uint32_t *pair = key_map_intern(&pairs, (struct map_key){{number, site->group}});
		if (number != KEY_MAP_NONE && *pair == KEY_MAP_NONE) {
			*pair = 0;
			objects->objects[number].lanes++;
		}
	}
	key_map_fini(&pairs);
}

static void gather(struct contended_objects *objects, const struct question *question)
{
	struct key_map numbers = {0};
	*objects = (struct contended_objects){0};
	uint32_t *object_of = find_objects(objects, question, &numbers);
	hand_out_groups(objects, question->groups, object_of);
	count_lanes(objects, question, &numbers);
	free(object_of);
	key_map_fini(&numbers);
	if (objects->count)
		qsort(objects->objects, objects->count, sizeof *objects->objects, by_total);
}

void contended_locks_init(struct contended_objects *objects, const struct wait_groups *groups,
			  const struct ledger *ledger, const uint8_t *is_chosen)
{
	const struct question question = {ASKED_LOCKS, 0, groups, ledger, is_chosen};
	gather(objects, &question);
}

void contended_descriptors_init(struct contended_objects *objects, const struct wait_groups *groups,
				const struct ledger *ledger, const uint8_t *is_chosen, bool with_idle)
{
	const struct question question = {ASKED_DESCRIPTORS, with_idle, groups, ledger, is_chosen};
	gather(objects, &question);
}
