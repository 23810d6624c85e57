/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/object_name.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Cuts a character that the end of the room fell into. */
static void cut_cleanly(char *text)
{
	size_t size = strlen(text), tail = 0;
	while (tail < size && tail < 3 && ((uint8_t)text[size - 1 - tail] & 0xc0) == 0x80)
		tail++;
	if (tail == size)
		return;
	uint8_t first = (uint8_t)text[size - 1 - tail];
	size_t needed = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
	if (tail != needed)
		text[size - 1 - tail] = 0;
}

void object_name(const struct survey *survey, struct object_id object, char out_text[OBJECT_NAME_MAX])
{
	out_text[0] = 0;
	switch (object.kind) {
	case OBJECT_NONE:
	case OBJECT_UNENDED:
		return;
	case OBJECT_ADDRESS:
		snprintf(out_text, OBJECT_NAME_MAX, "0x%" PRIx64, object.number);
		return;
	case OBJECT_UNNAMED_FD:
		snprintf(out_text, OBJECT_NAME_MAX, "fd %" PRIu64, object.number);
		return;
	case OBJECT_DESCRIPTOR: {
		const struct description *description = &survey->descriptors.descriptions[object.number];
		const char *name =
			description->name[0] ? description->name : descriptor_kind_word(description->kind);
		snprintf(out_text, OBJECT_NAME_MAX, "%s", name);
		cut_cleanly(out_text);
		return;
	}
	}
}
