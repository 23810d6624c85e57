/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/clean_text.h"
#include "base/memory.h"
#include "base/utf8.h"
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";

char *clean_text(const void *bytes, size_t size)
{
	const uint8_t *in = bytes;
	char *text = memory_allocate(size * (sizeof replacement - 1) + 1);
	char *out = text;
	for (size_t i = 0; i < size;) {
		size_t step = utf8_character_size(in + i, size - i);
		if (step == 1 && (in[i] == '\t' || in[i] == '\n' || in[i] == '\r')) {
			*out++ = ' ';
		} else if (!step || utf8_is_control(in + i)) {
			memcpy(out, replacement, sizeof replacement - 1);
			out += sizeof replacement - 1;
		} else {
			memcpy(out, in + i, step);
			out += step;
		}
		i += step ? step : 1;
	}
	return memory_resize(text, (size_t)(out - text) + 1, 1);
}

char *clean_text_of(const struct event_value *value)
{
	return clean_text(value->text, value->number);
}
