/* SPDX-License-Identifier: Apache-2.0 */
/* test_story.h — a trace told by a test, event by event, and accounted without a file. */
#pragma once
#include "base/memory.h"
#include "trace/read/account.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct story_event {
	struct event event;
	struct trace_slice slice;
};

struct story {
	struct story_event *events;
	size_t count, capacity;
	uint64_t block;
	struct survey survey;
	struct ledger ledger;
	struct account account;
};

/* Tells an event of `thread` (0: a fact) on the monotonic clock; fields in the order of the schema, all uint64_t; a text is
 * a `const char *` and is borrowed. */
static inline void tell(struct story *story, uint64_t thread, unsigned number, uint64_t start,
			uint64_t duration, ...)
{
	struct story_event told = {.event = {.type = event_schema_own.by_number[number],
					     .time = start + duration,
					     .duration = duration},
				   .slice = {.thread = thread, .block = story->block}};
	va_list fields;
	va_start(fields, duration);
	for (unsigned i = 0; i < told.event.type->field_count; i++) {
		struct event_value *value = &told.event.values[i];
		if (told.event.type->fields[i].type == FIELD_TEXT) {
			const char *text = va_arg(fields, const char *);
			*value = (struct event_value){strlen(text), (const uint8_t *)text};
		} else {
			value->number = va_arg(fields, uint64_t);
		}
	}
	va_end(fields);
	MEMORY_GROW(story->events, story->count, story->capacity);
	story->events[story->count++] = told;
}

/* Both readings; from and to: what is reported. */
static inline void story_end(struct story *story, uint64_t from_ns, uint64_t to_ns)
{
	for (size_t i = 0; i < story->count; i++)
		survey_event(&story->survey, &story->events[i].event, story->events[i].slice.thread,
			     story->events[i].slice.clock);
	survey_settle(&story->survey);
	ledger_init(&story->ledger, from_ns, to_ns);
	account_init(&story->account, &story->survey, &event_schema_own, &story->ledger);
	for (size_t i = 0; i < story->count; i++)
		account_event(&story->account, &story->events[i].event, &story->events[i].slice);
	account_finish(&story->account);
}

static inline void story_fini(struct story *story)
{
	account_fini(&story->account);
	ledger_fini(&story->ledger);
	survey_fini(&story->survey);
	free(story->events);
	*story = (struct story){0};
}

/* Waiting time of a thread for a reason, the reported part. */
static inline uint64_t story_waiting(const struct story *story, uint32_t thread, enum wait_reason reason)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < story->ledger.sites.count; i++) {
		const struct wait_site *site = &story->ledger.sites.sites[i];
		if (site->group == thread && site->reason == reason)
			sum += site->blocked.inside;
	}
	return sum;
}
