/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/reader.h"
#include "trace/read/go/head.h"
#include "base/memory.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>

struct go_reader {
	struct byte_stream *stream;
	struct go_limits limits;
	unsigned version;
	bool is_strict;
	struct go_texts texts;
	struct go_generation generation;
	struct go_clock last_clock; /* of the generation before */
	struct go_order order;
	struct go_frontier frontier;

	size_t outcome_next; /* of the order's outcome */
	bool is_step_due;    /* the frontier's cursor at `taken` has given its event */
	size_t taken;
	size_t sample_next;
	struct go_event single; /* a sample, sync or loss */
	uint64_t single_arguments[GO_ARGUMENTS_MAX];

	enum { STAGE_BETWEEN, STAGE_INSIDE, STAGE_OVER } stage;
	bool is_generation_cut;
	struct error later; /* strict: to be told behind what is whole */
	bool has_later;
	struct go_condition condition;
};

struct go_reader *go_reader_open(struct byte_stream *stream, const struct go_limits *limits, bool is_strict,
				 struct error *out_error)
{
	unsigned version;
	if (go_head_read(stream, &version, out_error))
		return NULL;
	struct go_reader *reader = memory_allocate(sizeof *reader);
	*reader = (struct go_reader){
		.stream = stream, .limits = *limits, .version = version, .is_strict = is_strict};
	go_texts_init(&reader->texts, limits->names);
	go_generation_init(&reader->generation, version, &reader->limits);
	go_order_init(&reader->order, &reader->limits, &reader->texts, is_strict);
	return reader;
}

void go_reader_close(struct go_reader *reader)
{
	if (!reader)
		return;
	go_frontier_fini(&reader->frontier);
	go_order_fini(&reader->order);
	go_generation_fini(&reader->generation);
	go_texts_fini(&reader->texts);
	free(reader);
}

/* Something is wrong: strict, an error; else noted with its place. */
static int complain(struct go_reader *reader, const struct error *what, struct error *out_error)
{
	uint64_t at = byte_stream_position(reader->stream);
	if (reader->is_strict)
		return error_set(out_error, "%.300s (generation %" PRIu64 ", before byte %" PRIu64 ")",
				 what->text, reader->generation.number, at);
	if (!reader->condition.broken++)
		error_set(&reader->condition.first,
			  "%.300s (generation %" PRIu64 ", before byte %" PRIu64 ")", what->text,
			  reader->generation.number, at);
	return 0;
}

/* --- one generation's batches ---------------------------------------------------------------------------------------- */

/* The trace ends where it should not. */
static void note_cut(struct go_reader *reader)
{
	reader->is_generation_cut = 1;
	reader->condition.is_cut = 1;
	reader->condition.cut_at = byte_stream_position(reader->stream);
}

/* Whether a batch of this generation or one of the next two begins here, and another one behind it. */
static bool is_batch(struct go_reader *reader)
{
	struct go_batch batch;
	struct byte_span span;
	size_t size;
	if (go_batch_look(reader->stream, &batch, &size, NULL) <= 0 || batch.is_end_mark)
		return 0;
	uint64_t number = reader->generation.number;
	if (!batch.generation || (number && batch.generation - number > 2))
		return 0;
	if (byte_stream_look(reader->stream, size + 1, &span, NULL))
		return 0;
	return span.size == size || span.bytes[size] == GO_EVENT_BATCH ||
	       span.bytes[size] == GO_EXPERIMENTAL_BATCH || span.bytes[size] == GO_END_OF_GENERATION;
}

/* Behind a place that is no batch: goes to the next one. 0 when there is none. */
static int find_batch(struct go_reader *reader)
{
	struct byte_span span;
	for (;;) {
		if (byte_stream_look(reader->stream, 2, &span, NULL) || span.size < 2)
			return 0;
		byte_stream_take(reader->stream, 1);
		if (span.bytes[1] != GO_EVENT_BATCH && span.bytes[1] != GO_EXPERIMENTAL_BATCH)
			continue;
		if (is_batch(reader))
			return 1;
	}
}

/* What stands in the trace is no batch, or one that is cut. 1 when reading goes on behind it, 0 when the generation ends here. */
static int pass_damage(struct go_reader *reader, const struct error *what, struct error *out_error)
{
	if (reader->is_strict) {
		/* Before Go 1.26 what came before is a generation of its own. */
		if (reader->version >= 26 || !reader->generation.number)
			return complain(reader, what, out_error);
		reader->later = *what;
		reader->has_later = 1;
		return 0;
	}
	uint64_t at = byte_stream_position(reader->stream);
	struct go_condition before = reader->condition;
	complain(reader, what, NULL);
	if (find_batch(reader))
		return 1;
	/* Nothing behind it: the trace is cut here. */
	reader->condition = before;
	note_cut(reader);
	reader->condition.cut_at = at;
	return 0;
}

enum next_batch { NEXT_TAKE, NEXT_AGAIN, NEXT_ENDS, NEXT_ENDS_BY_MARK, NEXT_IS_OVER, NEXT_FAILED };

/* What to do with the batch that comes, by its generation. */
static enum next_batch choose_batch(struct go_reader *reader, struct error *out_error)
{
	struct go_generation *generation = &reader->generation;
	uint64_t number;
	bool is_end_mark;
	struct error error;
	int result = go_batch_look_generation(reader->stream, &number, &is_end_mark, &error);
	if (result == 0)
		return NEXT_IS_OVER;
	if (result < 0) {
		result = pass_damage(reader, &error, out_error);
		return result < 0 ? NEXT_FAILED : result ? NEXT_AGAIN : NEXT_ENDS;
	}
	if (is_end_mark && reader->version >= 26)
		return NEXT_ENDS_BY_MARK;
	if (is_end_mark || !number) {
		error_set(&error, is_end_mark
					  ? "the mark at a generation's end, which this format does not have"
					  : "a generation has the number 0");
		if (reader->is_strict)
			return complain(reader, &error, out_error), NEXT_FAILED;
		result = pass_damage(reader, &error, out_error);
		return result ? NEXT_AGAIN : NEXT_ENDS;
	}
	if (!generation->number)
		generation->number = number;
	if (number == generation->number)
		return NEXT_TAKE;
	if (number == generation->number + 1 && reader->version < 26)
		return NEXT_ENDS;
	error_set(&error, "generation %" PRIu64 " follows %" PRIu64 " without its end", number,
		  generation->number);
	return complain(reader, &error, out_error) ? NEXT_FAILED : NEXT_ENDS;
}

/* Takes one batch: 1; 0 when the generation ends; -1. */
static int take_batch(struct go_reader *reader, struct error *out_error)
{
	struct go_batch batch;
	size_t size;
	struct error error;
	if (go_batch_look(reader->stream, &batch, &size, &error) < 0)
		return pass_damage(reader, &error, out_error);
	int result = go_generation_add(&reader->generation, &batch, &error);
	byte_stream_take(reader->stream, size);
	return result && complain(reader, &error, out_error) ? -1 : 1;
}

/* Makes the generation usable. */
static int settle(struct go_reader *reader, struct error *out_error)
{
	struct error error;
	struct go_generation *generation = &reader->generation;
	/* Samples are converted with the clock: a lost one must be there before. */
	if (generation->clock.ns_per_unit == 0 && !reader->is_strict && reader->is_generation_cut) {
		generation->clock = reader->last_clock;
		generation->clock.has_snapshot = 0;
	}
	if (!go_generation_settle(generation, &error) || reader->is_generation_cut)
		return 0;
	return complain(reader, &error, out_error);
}

/* The next generation: 1; 0 when the trace is over; -1. */
static int read_generation(struct go_reader *reader, struct error *out_error)
{
	struct go_generation *generation = &reader->generation;
	reader->last_clock = generation->clock;
	go_generation_clear(generation);
	reader->is_generation_cut = 0;
	for (bool is_open = 1; is_open;) {
		switch (choose_batch(reader, out_error)) {
		case NEXT_TAKE: {
			int result = take_batch(reader, out_error);
			if (result < 0)
				return -1;
			is_open = result;
			break;
		}
		case NEXT_AGAIN:
			break;
		case NEXT_ENDS_BY_MARK:
			byte_stream_take(reader->stream, 1);
			is_open = 0;
			break;
		case NEXT_ENDS:
			is_open = 0;
			break;
		case NEXT_FAILED:
			return -1;
		case NEXT_IS_OVER:
			if (!generation->number)
				return 0;
			if (reader->version >= 26 && reader->is_strict)
				return error_set(out_error, "the trace ends within generation %" PRIu64,
						 generation->number);
			if (reader->version >= 26)
				note_cut(reader);
			is_open = 0;
			break;
		}
	}
	if (!generation->number && reader->is_generation_cut)
		return 0;
	return settle(reader, out_error) ? -1 : 1;
}

/* --- its events ------------------------------------------------------------------------------------------------------ */

static const struct go_event *single_event(struct go_reader *reader, uint8_t type, uint64_t time_ns)
{
	reader->single = (struct go_event){.time_ns = go_order_tick(&reader->order, time_ns),
					   .arguments = reader->single_arguments,
					   .m = GO_NONE,
					   .p = GO_NONE,
					   .g = GO_NONE,
					   .actor = ID_MAP_NONE,
					   .subject = ID_MAP_NONE,
					   .processor = ID_MAP_NONE,
					   .type = type};
	return &reader->single;
}

static const struct go_event *sample_event(struct go_reader *reader)
{
	const struct go_sample *sample = &reader->generation.samples[reader->sample_next++];
	single_event(reader, GO_CPU_SAMPLE, sample->time_ns);
	reader->single_arguments[0] = sample->stack;
	reader->single.m = sample->m;
	reader->single.p = sample->p;
	reader->single.g = sample->g;
	return &reader->single;
}

/* The generation cannot be read any further. */
static int lose_rest(struct go_reader *reader, const struct error *what, const struct go_event **out_event,
		     struct error *out_error)
{
	if (!reader->is_generation_cut && complain(reader, what, out_error))
		return -1;
	reader->frontier.count = 0;
	reader->order.outcome_count = 0;
	reader->sample_next = reader->generation.sample_count;
	go_scheduler_lose(&reader->order.scheduler);
	*out_event = single_event(reader, GO_EVENT_LOST, reader->order.last_ns);
	return 1;
}

static int enter_generation(struct go_reader *reader, const struct go_event **out_event,
			    struct error *out_error)
{
	struct error error;
	go_order_enter(&reader->order, &reader->generation);
	reader->sample_next = 0;
	reader->stage = STAGE_INSIDE;
	const struct go_clock *clock = &reader->generation.clock;
	if (clock->ns_per_unit == 0) {
		/* Without a clock nothing in it has a time. */
		reader->frontier.count = 0;
		reader->sample_next = reader->generation.sample_count;
	} else if (go_frontier_enter(&reader->frontier, &reader->generation, &error)) {
		return lose_rest(reader, &error, out_event, out_error);
	}
	*out_event = single_event(reader, GO_EVENT_SYNC, go_clock_ns(clock, reader->generation.least_time));
	return 1;
}

static int next_generation(struct go_reader *reader, const struct go_event **out_event,
			   struct error *out_error)
{
	if (reader->has_later) {
		reader->stage = STAGE_OVER;
		return complain(reader, &reader->later, out_error);
	}
	int result = reader->condition.is_cut ? 0 : read_generation(reader, out_error);
	if (result < 0) {
		reader->stage = STAGE_OVER;
		return -1;
	}
	if (result)
		return enter_generation(reader, out_event, out_error);
	reader->stage = STAGE_OVER;
	*out_event = single_event(reader, GO_EVENT_SYNC, reader->order.last_ns);
	return 1;
}

/* Tries the earliest event, then the others in order of time. The place of the one that was taken, or -1 with the error. */
static int advance_one(struct go_reader *reader, size_t *out_place, struct error *out_error)
{
	struct go_frontier *frontier = &reader->frontier;
	for (size_t place = 0; place < frontier->count; place++) {
		struct go_cursor *cursor = go_frontier_at(frontier, place);
		enum go_step step =
			go_order_advance(&reader->order, cursor->m, &cursor->thread, &cursor->raw);
		if (step == GO_DONE) {
			*out_place = place;
			return 0;
		}
		if (step == GO_BROKEN) {
			*out_error = reader->order.error;
			return -1;
		}
		if (place == 0)
			go_frontier_sort(frontier);
	}
	const struct go_cursor *first = go_frontier_at(frontier, 0);
	return error_set(out_error,
			 "none of the events that come next can: the first, %s of thread %" PRId64
			 ", does not fit what came before",
			 go_event_types[first->raw.type].name, (int64_t)first->m);
}

static int next_inside(struct go_reader *reader, const struct go_event **out_event, struct error *out_error)
{
	struct go_frontier *frontier = &reader->frontier;
	struct error error;
	if (reader->is_step_due) {
		reader->is_step_due = 0;
		if (go_frontier_step(frontier, reader->taken, &error))
			return lose_rest(reader, &error, out_event, out_error);
	}
	if (reader->sample_next < reader->generation.sample_count &&
	    (!frontier->count ||
	     reader->generation.samples[reader->sample_next].time_ns < frontier->heap[0].time_ns)) {
		*out_event = sample_event(reader);
		return 1;
	}
	if (!frontier->count) {
		reader->stage = STAGE_BETWEEN;
		return next_generation(reader, out_event, out_error);
	}
	if (advance_one(reader, &reader->taken, &error))
		return lose_rest(reader, &error, out_event, out_error);
	reader->is_step_due = 1;
	*out_event = &reader->order.outcome[0];
	reader->outcome_next = 1;
	return 1;
}

int go_reader_next(struct go_reader *reader, const struct go_event **out_event, struct error *out_error)
{
	if (reader->outcome_next < reader->order.outcome_count) {
		*out_event = &reader->order.outcome[reader->outcome_next++];
		return 1;
	}
	go_order_release(&reader->order);
	int result = 0;
	switch (reader->stage) {
	case STAGE_BETWEEN:
		result = next_generation(reader, out_event, out_error);
		break;
	case STAGE_INSIDE:
		result = next_inside(reader, out_event, out_error);
		break;
	case STAGE_OVER:
		break;
	}
	if (result < 0)
		reader->stage = STAGE_OVER;
	return result;
}

unsigned go_reader_version(const struct go_reader *reader)
{
	return reader->version;
}

const struct go_generation *go_reader_generation(const struct go_reader *reader)
{
	return &reader->generation;
}

struct go_order *go_reader_order(struct go_reader *reader)
{
	return &reader->order;
}

const struct go_texts *go_reader_texts(const struct go_reader *reader)
{
	return &reader->texts;
}

struct go_condition go_reader_condition(const struct go_reader *reader)
{
	struct go_condition condition = reader->condition;
	condition.mismatched_regions = reader->order.mismatched_regions;
	condition.mismatch = reader->order.mismatch;
	return condition;
}
