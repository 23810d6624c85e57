/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/object_name.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/utf8.h"

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
			description->name[0] ? description->name : descriptor_kind_words[description->kind];
		snprintf(out_text, OBJECT_NAME_MAX, "%s", name);
		out_text[utf8_whole_size((const uint8_t *)out_text, strlen(out_text))] = 0;
		return;
	}
	}
}
