/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as events of this version's schema: what decodes must encode and decode to the same again. */
#include "fuzz.h"
#include "record/event.h"
#include <stdlib.h>

static void check_again(const struct event *event, struct event_registers before)
{
	size_t most = event_encoded_max(event);
	uint8_t *bytes = malloc(most);
	struct event_cursor cursor = {bytes, before};
	event_encode(&cursor, event);

	struct event again;
	const uint8_t *at = bytes;
	if (event_decode(&event_schema_own, &before, &at, cursor.at, &again) != 1 || at != cursor.at)
		abort();
	if (again.type != event->type || again.time != event->time || again.duration != event->duration)
		abort();
	for (unsigned i = 0; i < EVENT_FIELDS_MAX; i++)
		if (again.values[i].number != event->values[i].number)
			abort();
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct event_registers registers = {.time = 1000, .address = 0x7f0000000000};
	const uint8_t *at = bytes, *end = bytes + size;
	for (;;) {
		struct event event;
		struct event_registers before = registers;
		if (event_decode(&event_schema_own, &registers, &at, end, &event) != 1)
			return 0;
		check_again(&event, before);
	}
}
