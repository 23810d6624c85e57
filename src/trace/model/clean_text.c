/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/clean_text.h"
#include "base/memory.h"
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";

/* Bytes of the character at `at`, 0 when it is not well-formed (Unicode 15, table 3-7). */
static size_t character_size(const uint8_t *at, size_t left)
{
	uint8_t first = at[0];
	if (first < 0x80)
		return 1;
	size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || left < size)
		return 0;
	uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (at[1] < least || at[1] > most)
		return 0;
	for (size_t i = 2; i < size; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return size;
}

/* C0 and C1 controls and DEL; C1 stands as c2 80 to c2 9f. */
static int is_control(const uint8_t *at)
{
	return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
}

char *clean_text(const void *bytes, size_t size)
{
	const uint8_t *in = bytes;
	char *text = memory_allocate(size * (sizeof replacement - 1) + 1);
	char *out = text;
	for (size_t i = 0; i < size;) {
		size_t step = character_size(in + i, size - i);
		if (step == 1 && (in[i] == '\t' || in[i] == '\n' || in[i] == '\r')) {
			*out++ = ' ';
		} else if (!step || is_control(in + i)) {
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
