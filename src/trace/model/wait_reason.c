/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/wait_reason.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static const char *const words[WAIT_REASON_COUNT] = {
#define REASON_WORD(upper, lower) #lower,
	WAIT_REASONS(REASON_WORD)
#undef REASON_WORD
};

void wait_reasons_fini(struct wait_reasons *reasons)
{
	free(reasons->more);
	*reasons = (struct wait_reasons){0};
}

uint16_t wait_reasons_add(struct wait_reasons *reasons, const char *word, enum wait_habit habit)
{
	if (wait_reasons_count(reasons) == WAIT_REASONS_MAX)
		return WAIT_OTHER;
	MEMORY_GROW(reasons->more, reasons->more_count, reasons->more_capacity);
	reasons->more[reasons->more_count] = (struct runtime_reason){word, habit};
	return (uint16_t)(WAIT_REASON_COUNT + reasons->more_count++);
}

const char *wait_reason_word(const struct wait_reasons *reasons, unsigned reason)
{
	return reason < WAIT_REASON_COUNT ? words[reason] : reasons->more[reason - WAIT_REASON_COUNT].word;
}

static int8_t field_index(const struct event_type *type, const char *name)
{
	for (int8_t i = 0; i < type->field_count; i++)
		if (!strcmp(type->fields[i].name, name))
			return i;
	return -1;
}

static enum wait_reason reason_of(const char *word)
{
	for (int reason = 0; reason < WAIT_REASON_COUNT; reason++)
		if (!strcmp(words[reason], word))
			return (enum wait_reason)reason;
	return WAIT_OTHER;
}

void wait_shapes_init(struct wait_shapes *shapes, const struct event_schema *schema)
{
	*shapes = (struct wait_shapes){0};
	for (int number = 0; number < EVENT_NUMBER_LIMIT; number++) {
		const struct event_type *type = schema->by_number[number];
		if (!type || !type->reason)
			continue;
		shapes->by_number[number] = (struct wait_shape){
			.is_wait = 1,
			.reason = reason_of(type->reason),
			.object = field_index(type, "object"),
			.fd = field_index(type, "fd"),
			.mutex = field_index(type, "mutex"),
			.stack = field_index(type, "stack"),
		};
	}
}
