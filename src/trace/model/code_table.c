/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/code_table.h"
#include "base/memory.h"
#include <stdlib.h>

/* Mappings that stood at an address one after the other, of which the right one is found. */
enum { OVERLAPS_MAX = 256 };

void code_table_fini(struct code_table *table)
{
	string_table_fini(&table->module_paths);
	free(table->mappings);
	free(table->frames);
	*table = (struct code_table){0};
}

void code_table_map(struct code_table *table, struct code_mapping mapping)
{
	MEMORY_GROW(table->mappings, table->mapping_count, table->mapping_capacity);
	table->mappings[table->mapping_count++] = mapping;
}

void code_table_unmap(struct code_table *table, uint64_t process, uint64_t start, struct trace_moment moment)
{
	for (size_t i = table->mapping_count; i-- > 0;) {
		struct code_mapping *mapping = &table->mappings[i];
		if (mapping->process != process || mapping->start != start || mapping->is_unmapped)
			continue;
		mapping->to = moment;
		mapping->is_unmapped = 1;
		return;
	}
}

void code_table_frame(struct code_table *table, struct code_frame frame)
{
	MEMORY_GROW(table->frames, table->frame_count, table->frame_capacity);
	table->frames[table->frame_count++] = frame;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_places(const struct code_place *one, const struct code_place *two)
{
	if (one->process != two->process)
		return compare(one->process, two->process);
	if (one->module != two->module)
		return compare(one->module, two->module);
	return compare(one->address, two->address);
}

static int by_place(const void *a, const void *b)
{
	const struct code_frame *one = a, *two = b;
	int order = compare_places(&one->place, &two->place);
	return order ? order : compare(one->inline_depth, two->inline_depth);
}

static int by_start(const void *a, const void *b)
{
	const struct code_mapping *one = a, *two = b;
	if (one->process != two->process)
		return compare(one->process, two->process);
	if (one->start != two->start)
		return compare(one->start, two->start);
	return compare(one->from_ns, two->from_ns);
}

void code_table_settle(struct code_table *table, struct clock_map *clock)
{
	if (table->frame_count)
		qsort(table->frames, table->frame_count, sizeof *table->frames, by_place);
	for (size_t i = 0; i < table->mapping_count; i++) {
		struct code_mapping *mapping = &table->mappings[i];
		mapping->from_ns = clock_map_time(clock, mapping->from);
		mapping->to_ns = mapping->is_unmapped ? clock_map_time(clock, mapping->to) : UINT64_MAX;
	}
	if (table->mapping_count)
		qsort(table->mappings, table->mapping_count, sizeof *table->mappings, by_start);
}

/* The first mapping of a process that begins behind the address. */
static size_t first_mapping_behind(const struct code_table *table, uint64_t process, uint64_t pc)
{
	size_t low = 0, high = table->mapping_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct code_mapping *mapping = &table->mappings[middle];
		if (mapping->process < process || (mapping->process == process && mapping->start <= pc))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The mapping of the address at that time: a mapping is told a moment after it was made, so when none is old enough the first
 * one that came later is taken. */
static const struct code_mapping *mapping_of(const struct code_table *table, uint64_t process, uint64_t pc,
					     uint64_t time_ns)
{
	const struct code_mapping *before = NULL, *after = NULL;
	size_t end = first_mapping_behind(table, process, pc);
	size_t first = end > OVERLAPS_MAX ? end - OVERLAPS_MAX : 0;
	for (size_t i = end; i > first; i--) {
		const struct code_mapping *mapping = &table->mappings[i - 1];
		if (mapping->process != process)
			break;
		if (pc - mapping->start >= mapping->size)
			continue;
		if (mapping->from_ns <= time_ns && time_ns < mapping->to_ns) {
			if (!before || mapping->from_ns > before->from_ns)
				before = mapping;
		} else if (mapping->from_ns > time_ns) {
			if (!after || mapping->from_ns < after->from_ns)
				after = mapping;
		}
	}
	return before ? before : after;
}

static size_t first_frame(const struct code_table *table, struct code_place place)
{
	size_t low = 0, high = table->frame_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (compare_places(&table->frames[middle].place, &place) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The frames that were told of the place; `bare` is what each of them has without. */
static size_t frames_of(const struct code_table *table, const struct string_table *strings,
			struct code_place place, struct source_frame bare,
			struct source_frame out_frames[INLINE_DEPTH_MAX])
{
	size_t count = 0;
	for (size_t i = first_frame(table, place); i < table->frame_count && count < INLINE_DEPTH_MAX; i++) {
		const struct code_frame *frame = &table->frames[i];
		if (compare_places(&frame->place, &place))
			break;
		struct source_frame *out = &out_frames[count++];
		*out = bare;
		out->function = string_table_find(strings, frame->function);
		out->file = string_table_find(strings, frame->file);
		out->line = frame->line;
		const char *module = string_table_find(&table->module_paths, frame->module);
		if (module && !out->module)
			out->module = module;
	}
	return count;
}

size_t code_table_resolve(const struct code_table *table, const struct string_table *strings,
			  uint64_t process, uint64_t pc, uint64_t time_ns,
			  struct source_frame out_frames[INLINE_DEPTH_MAX])
{
	const struct code_mapping *mapping = mapping_of(table, process, pc, time_ns);
	struct source_frame bare = {.address = pc};
	if (mapping) {
		bare.module = string_table_find(&table->module_paths, mapping->module);
		if (bare.module)
			bare.address = pc - mapping->start + mapping->file_offset;
	}
	struct code_place in_memory = {.process = process, .address = pc};
	size_t count = frames_of(table, strings, in_memory, bare, out_frames);
	if (!count && bare.module) {
		struct code_place in_file = {.module = mapping->module, .address = bare.address};
		count = frames_of(table, strings, in_file, bare, out_frames);
	}
	if (!count)
		out_frames[count++] = bare;
	return count;
}
