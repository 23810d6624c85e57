/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/generation.h"
#include "base/memory.h"
#include "trace/read/go/varint.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>

/* The highest rate at which a whole number of nanoseconds a unit is multiplied instead of a double; above, the product might not fit. */
enum { WHOLE_NS_MAX = 1 << 20 };

void go_generation_init(struct go_generation *generation, unsigned version, const struct go_limits *limits)
{
	*generation = (struct go_generation){.version = version, .limits = limits};
	go_generation_clear(generation);
}

void go_generation_fini(struct go_generation *generation)
{
	byte_store_fini(&generation->bodies);
	free(generation->batches);
	free(generation->threads);
	key_map_fini(&generation->thread_numbers);
	free(generation->strings);
	id_table_fini(&generation->string_ids);
	free(generation->stacks);
	id_table_fini(&generation->stack_ids);
	free(generation->samples);
	*generation = (struct go_generation){0};
}

void go_generation_clear(struct go_generation *generation)
{
	generation->number = 0;
	generation->least_time = 0;
	generation->bytes = 0;
	generation->clock = (struct go_clock){0};
	byte_store_clear(&generation->bodies);
	generation->batch_count = 0;
	MEMORY_GROW(generation->batches, generation->batch_count, generation->batch_capacity);
	generation->batch_count = 1;
	generation->thread_count = 0;
	key_map_clear(&generation->thread_numbers);
	generation->string_count = generation->stack_count = generation->sample_count = 0;
	generation->string_ids.dense_size = generation->stack_ids.dense_size = 0;
	generation->experimental_batches = 0;
}

/* Where a table's entries stand in a batch. */
struct cursor {
	const uint8_t *at, *end;
};

static int number(struct cursor *cursor, uint64_t *out_value, const char *what, struct error *out_error)
{
	cursor->at = go_varint(cursor->at, cursor->end, out_value);
	return cursor->at ? 0 : error_set(out_error, "%s cannot be read", what);
}

static int entry_begins(struct cursor *cursor, uint8_t type, struct error *out_error)
{
	uint8_t found = *cursor->at++;
	return found == type ? 0
			     : error_set(out_error, "event %u in a table of %s entries", found,
					 go_event_types[type].name);
}

static int too_many(const struct go_generation *generation, size_t count)
{
	return count >= generation->limits->table_entries;
}

static int add_strings(struct go_generation *generation, struct cursor cursor, struct error *out_error)
{
	while (cursor.at < cursor.end) {
		uint64_t id, size;
		if (entry_begins(&cursor, GO_STRING, out_error) ||
		    number(&cursor, &id, "a string's id", out_error) ||
		    number(&cursor, &size, "a string's size", out_error))
			return -1;
		if (size > GO_STRING_SIZE_MAX)
			return error_set(out_error, "a string of %" PRIu64 " bytes, at most %d are allowed",
					 size, GO_STRING_SIZE_MAX);
		if (size > (size_t)(cursor.end - cursor.at))
			return error_set(out_error, "a string reaches beyond its batch");
		if (too_many(generation, generation->string_count))
			return error_set(out_error,
					 "more than %" PRIu64 " strings in a generation (--max-table)",
					 generation->limits->table_entries);
		MEMORY_GROW(generation->strings, generation->string_count, generation->string_capacity);
		generation->strings[generation->string_count++] =
			(struct go_string){.id = id, .bytes = cursor.at, .size = (uint32_t)size};
		cursor.at += size;
	}
	return 0;
}

static int add_stacks(struct go_generation *generation, struct cursor cursor, struct error *out_error)
{
	while (cursor.at < cursor.end) {
		uint64_t id, count, part;
		if (entry_begins(&cursor, GO_STACK, out_error) ||
		    number(&cursor, &id, "a stack's id", out_error) ||
		    number(&cursor, &count, "a stack's size", out_error))
			return -1;
		if (count > GO_FRAMES_MAX)
			return error_set(out_error, "a stack of %" PRIu64 " frames, at most %d are allowed",
					 count, GO_FRAMES_MAX);
		if (too_many(generation, generation->stack_count))
			return error_set(out_error,
					 "more than %" PRIu64 " stacks in a generation (--max-table)",
					 generation->limits->table_entries);
		const uint8_t *frames = cursor.at;
		for (uint64_t i = 0; i < 4 * count; i++)
			if (number(&cursor, &part, "a stack's frame", out_error))
				return -1;
		MEMORY_GROW(generation->stacks, generation->stack_count, generation->stack_capacity);
		generation->stacks[generation->stack_count++] = (struct go_stack){
			.id = id, .frames = frames, .end = cursor.at, .frame_count = (uint32_t)count};
	}
	return 0;
}

static int add_samples(struct go_generation *generation, struct cursor cursor, struct error *out_error)
{
	while (cursor.at < cursor.end) {
		struct go_sample sample;
		uint64_t *const fields[] = {&sample.time_ns, &sample.m, &sample.p, &sample.g, &sample.stack};
		if (entry_begins(&cursor, GO_CPU_SAMPLE, out_error))
			return -1;
		for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
			if (number(&cursor, fields[i], "a CPU sample", out_error))
				return -1;
		if (too_many(generation, generation->sample_count))
			return error_set(out_error,
					 "more than %" PRIu64 " CPU samples in a generation (--max-table)",
					 generation->limits->table_entries);
		if (!sample.g)
			sample.g = GO_NONE;
		MEMORY_GROW(generation->samples, generation->sample_count, generation->sample_capacity);
		generation->samples[generation->sample_count++] = sample;
	}
	return 0;
}

static int take_frequency(struct go_clock *clock, struct cursor *cursor, struct error *out_error)
{
	uint64_t units_per_second;
	if (clock->ns_per_unit != 0)
		return error_set(out_error, "the clock's frequency is told twice");
	if (number(cursor, &units_per_second, "the clock's frequency", out_error))
		return -1;
	if (!units_per_second)
		return error_set(out_error, "the clock's frequency is 0");
	/* The same arithmetic as Go's, so that times are the same to the last nanosecond. */
	clock->ns_per_unit = 1.0 / ((double)units_per_second / 1e9);
	uint64_t whole = clock->ns_per_unit < WHOLE_NS_MAX ? (uint64_t)clock->ns_per_unit : 0;
	clock->whole_ns = (double)whole == clock->ns_per_unit ? whole : 0;
	return 0;
}

static int add_clock(struct go_generation *generation, const struct go_batch *batch, struct cursor cursor,
		     struct error *out_error)
{
	struct go_clock *clock = &generation->clock;
	while (cursor.at < cursor.end) {
		uint8_t type = *cursor.at++;
		if (type == GO_FREQUENCY) {
			if (take_frequency(clock, &cursor, out_error))
				return -1;
			continue;
		}
		if (type != GO_CLOCK_SNAPSHOT || generation->version < 25)
			return error_set(out_error, "event %u in a batch about the clock", type);
		if (clock->has_snapshot)
			return error_set(out_error, "the clock's snapshot is told twice");
		uint64_t difference;
		if (number(&cursor, &difference, "the clock's snapshot", out_error) ||
		    number(&cursor, &clock->monotonic_ns, "the clock's snapshot", out_error) ||
		    number(&cursor, &clock->wall_s, "the clock's snapshot", out_error) ||
		    number(&cursor, &clock->wall_ns, "the clock's snapshot", out_error))
			return -1;
		clock->snapshot_time = batch->time + difference;
		clock->has_snapshot = 1;
	}
	return 0;
}

static int add_events(struct go_generation *generation, const struct go_batch *batch, const uint8_t *body,
		      struct error *out_error)
{
	uint32_t *index = key_map_intern(&generation->thread_numbers, (struct map_key){{batch->m}});
	if (*index == KEY_MAP_NONE) {
		*index = (uint32_t)generation->thread_count;
		if (generation->thread_count >= generation->limits->threads)
			return error_set(out_error,
					 "more than %" PRIu64 " threads in a generation (--max-threads)",
					 generation->limits->threads);
		MEMORY_GROW(generation->threads, generation->thread_count, generation->thread_capacity);
		generation->threads[generation->thread_count++] = (struct go_thread_batches){.m = batch->m};
	}
	struct go_thread_batches *thread = &generation->threads[*index];
	uint32_t position = (uint32_t)generation->batch_count;
	MEMORY_GROW(generation->batches, generation->batch_count, generation->batch_capacity);
	struct go_batch *kept = &generation->batches[generation->batch_count++];
	*kept = *batch;
	kept->body = body;
	kept->next = 0;
	if (thread->last)
		generation->batches[thread->last].next = position;
	else
		thread->first = position;
	thread->last = position;
	return 0;
}

int go_generation_add(struct go_generation *generation, const struct go_batch *batch, struct error *out_error)
{
	/* An empty batch costs memory too. */
	generation->bytes += batch->size + sizeof *batch;
	if (generation->bytes > generation->limits->generation_bytes)
		return error_set(out_error, "a generation of more than %" PRIu64 " bytes (--max-generation)",
				 generation->limits->generation_bytes);
	if (!generation->least_time || batch->time < generation->least_time)
		generation->least_time = batch->time;
	enum go_batch_kind kind = go_batch_kind(batch, generation->version);
	if (kind == GO_BATCH_EXPERIMENT) {
		generation->experimental_batches++;
		return 0;
	}
	const uint8_t *body = byte_store_put(&generation->bodies, batch->body, batch->size);
	/* Tables begin with the byte that says what they are; a lone frequency is its own. */
	bool is_bare = kind == GO_BATCH_CLOCK && generation->version < 25;
	struct cursor cursor = {body + !is_bare, body + batch->size};
	switch (kind) {
	case GO_BATCH_EVENTS:
		return add_events(generation, batch, body, out_error);
	case GO_BATCH_STRINGS:
		return add_strings(generation, cursor, out_error);
	case GO_BATCH_STACKS:
		return add_stacks(generation, cursor, out_error);
	case GO_BATCH_SAMPLES:
		return add_samples(generation, cursor, out_error);
	case GO_BATCH_CLOCK:
		return add_clock(generation, batch, cursor, out_error);
	case GO_BATCH_EXPERIMENT:
		break;
	}
	return 0;
}

static uint64_t string_id(const void *entries, size_t i)
{
	return ((const struct go_string *)entries)[i].id;
}

static uint64_t stack_id(const void *entries, size_t i)
{
	return ((const struct go_stack *)entries)[i].id;
}

static int by_time(const void *a, const void *b)
{
	const struct go_sample *one = a, *two = b;
	return (one->time_ns > two->time_ns) - (one->time_ns < two->time_ns);
}

static bool is_string(const struct go_generation *generation, uint64_t id)
{
	return !id || id_table_find(&generation->string_ids, id) != ID_TABLE_NONE;
}

/* Every function and file that a stack names must be there. */
static int check_stacks(const struct go_generation *generation, struct error *out_error)
{
	for (size_t i = 0; i < generation->stack_count; i++) {
		const struct go_stack *stack = &generation->stacks[i];
		const uint8_t *at = stack->frames;
		struct go_frame frame;
		while (go_stack_frame(stack, &at, &frame))
			if (!is_string(generation, frame.function) || !is_string(generation, frame.file))
				return error_set(out_error,
						 "stack %" PRIu64 " names a string that is not there",
						 stack->id);
	}
	return 0;
}

int go_generation_settle(struct go_generation *generation, struct error *out_error)
{
	for (size_t i = 0; i < generation->sample_count; i++)
		generation->samples[i].time_ns =
			go_clock_ns(&generation->clock, generation->samples[i].time_ns);
	if (generation->sample_count)
		qsort(generation->samples, generation->sample_count, sizeof *generation->samples, by_time);
	size_t repeated = id_table_fill(&generation->string_ids, generation->string_count, string_id,
					generation->strings);
	repeated +=
		id_table_fill(&generation->stack_ids, generation->stack_count, stack_id, generation->stacks);
	if (generation->clock.ns_per_unit == 0)
		return error_set(out_error, "the clock's frequency is missing");
	if (generation->version >= 25 && !generation->clock.has_snapshot)
		return error_set(out_error, "the clock's snapshot is missing");
	if (repeated)
		return error_set(out_error, "a string or stack is told twice");
	return check_stacks(generation, out_error);
}

struct go_string *go_generation_string(const struct go_generation *generation, uint64_t id)
{
	uint32_t index = id_table_find(&generation->string_ids, id);
	return index == ID_TABLE_NONE ? NULL : &generation->strings[index];
}

struct go_stack *go_generation_stack(const struct go_generation *generation, uint64_t id)
{
	uint32_t index = id_table_find(&generation->stack_ids, id);
	return index == ID_TABLE_NONE ? NULL : &generation->stacks[index];
}

int go_stack_frame(const struct go_stack *stack, const uint8_t **at, struct go_frame *out_frame)
{
	uint64_t *const fields[] = {&out_frame->pc, &out_frame->function, &out_frame->file, &out_frame->line};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (*at >= stack->end)
			return 0;
		*at = go_varint(*at, stack->end, fields[i]);
		if (!*at)
			return 0;
	}
	return 1;
}
