/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/scheduler.h"
#include "base/memory.h"
#include <stdlib.h>

void go_scheduler_init(struct go_scheduler *scheduler, const struct go_limits *limits)
{
	*scheduler = (struct go_scheduler){.limits = limits};
	MEMORY_GROW(scheduler->regions, scheduler->region_count, scheduler->region_capacity);
	scheduler->region_count = 1;
}

void go_scheduler_fini(struct go_scheduler *scheduler)
{
	free(scheduler->goroutines);
	free(scheduler->free_slots);
	free(scheduler->processors);
	free(scheduler->threads);
	free(scheduler->regions);
	free(scheduler->tasks);
	id_map_fini(&scheduler->goroutine_slots);
	id_map_fini(&scheduler->processor_slots);
	id_map_fini(&scheduler->thread_slots);
	id_map_fini(&scheduler->task_slots);
	*scheduler = (struct go_scheduler){0};
}

void go_scheduler_lose(struct go_scheduler *scheduler)
{
	for (size_t i = 0; i < scheduler->goroutine_count; i++) {
		struct go_goroutine *goroutine = &scheduler->goroutines[i];
		if (!goroutine->status)
			continue;
		goroutine->status = GO_LOST;
		goroutine->is_assisting = 0;
		goroutine->stop_count = 0;
		while (goroutine->region)
			go_goroutine_leave(scheduler, goroutine);
	}
	scheduler->processor_count = scheduler->thread_count = scheduler->task_count = 0;
	id_map_clear(&scheduler->processor_slots);
	id_map_clear(&scheduler->thread_slots);
	id_map_clear(&scheduler->task_slots);
	scheduler->gc = GC_UNKNOWN;
	scheduler->first_generation = 0;
}

struct go_goroutine *go_scheduler_add_goroutine(struct go_scheduler *scheduler, uint64_t id)
{
	if (scheduler->goroutine_slots.count >= scheduler->limits->goroutines)
		return NULL;
	uint32_t slot;
	if (scheduler->free_count) {
		slot = scheduler->free_slots[--scheduler->free_count];
	} else {
		slot = (uint32_t)scheduler->goroutine_count;
		MEMORY_GROW(scheduler->goroutines, scheduler->goroutine_count, scheduler->goroutine_capacity);
		scheduler->goroutine_count++;
	}
	scheduler->goroutines[slot] = (struct go_goroutine){.id = id};
	id_map_add(&scheduler->goroutine_slots, id, slot);
	return &scheduler->goroutines[slot];
}

void go_scheduler_remove_goroutine(struct go_scheduler *scheduler, uint32_t slot)
{
	struct go_goroutine *goroutine = &scheduler->goroutines[slot];
	while (goroutine->region)
		go_goroutine_leave(scheduler, goroutine);
	id_map_remove(&scheduler->goroutine_slots, goroutine->id);
	goroutine->status = 0;
	MEMORY_GROW(scheduler->free_slots, scheduler->free_count, scheduler->free_capacity);
	scheduler->free_slots[scheduler->free_count++] = slot;
}

struct go_processor *go_scheduler_add_processor(struct go_scheduler *scheduler, uint64_t id)
{
	if (scheduler->processor_count >= scheduler->limits->threads)
		return NULL;
	uint32_t slot = (uint32_t)scheduler->processor_count;
	MEMORY_GROW(scheduler->processors, scheduler->processor_count, scheduler->processor_capacity);
	scheduler->processors[scheduler->processor_count++] = (struct go_processor){.id = id};
	id_map_add(&scheduler->processor_slots, id, slot);
	return &scheduler->processors[slot];
}

struct go_thread *go_scheduler_add_thread(struct go_scheduler *scheduler, uint64_t id)
{
	if (scheduler->thread_count >= scheduler->limits->threads)
		return NULL;
	uint32_t slot = (uint32_t)scheduler->thread_count;
	MEMORY_GROW(scheduler->threads, scheduler->thread_count, scheduler->thread_capacity);
	scheduler->threads[scheduler->thread_count++] =
		(struct go_thread){.id = id, .processor = GO_NONE, .goroutine = GO_NONE};
	id_map_add(&scheduler->thread_slots, id, slot);
	return &scheduler->threads[slot];
}

int go_goroutine_enter(struct go_scheduler *scheduler, struct go_goroutine *goroutine,
		       struct go_region region)
{
	if (goroutine->region_depth >= scheduler->limits->nesting)
		return -1;
	uint32_t index = scheduler->free_region;
	if (index) {
		scheduler->free_region = scheduler->regions[index].outer;
	} else {
		index = (uint32_t)scheduler->region_count;
		MEMORY_GROW(scheduler->regions, scheduler->region_count, scheduler->region_capacity);
		scheduler->region_count++;
	}
	region.outer = goroutine->region;
	scheduler->regions[index] = region;
	goroutine->region = index;
	goroutine->region_depth++;
	return 0;
}

struct go_region go_goroutine_leave(struct go_scheduler *scheduler, struct go_goroutine *goroutine)
{
	uint32_t index = goroutine->region;
	struct go_region region = scheduler->regions[index];
	goroutine->region = region.outer;
	goroutine->region_depth--;
	scheduler->regions[index].outer = scheduler->free_region;
	scheduler->free_region = index;
	return region;
}

struct go_task *go_scheduler_task(struct go_scheduler *scheduler, uint64_t id)
{
	uint32_t slot = id_map_find(&scheduler->task_slots, id);
	return slot == ID_MAP_NONE ? NULL : &scheduler->tasks[slot];
}

int go_scheduler_begin_task(struct go_scheduler *scheduler, struct go_task task)
{
	if (scheduler->task_count >= scheduler->limits->tasks)
		return -1;
	id_map_add(&scheduler->task_slots, task.id, (uint32_t)scheduler->task_count);
	MEMORY_GROW(scheduler->tasks, scheduler->task_count, scheduler->task_capacity);
	scheduler->tasks[scheduler->task_count++] = task;
	return 0;
}

/* The last one takes its place. */
void go_scheduler_end_task(struct go_scheduler *scheduler, uint64_t id)
{
	uint32_t slot = id_map_find(&scheduler->task_slots, id);
	id_map_remove(&scheduler->task_slots, id);
	struct go_task *last = &scheduler->tasks[--scheduler->task_count];
	if (slot == scheduler->task_count)
		return;
	id_map_remove(&scheduler->task_slots, last->id);
	id_map_add(&scheduler->task_slots, last->id, slot);
	scheduler->tasks[slot] = *last;
}
