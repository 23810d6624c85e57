/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

size_t utf8_character_size(const uint8_t *at, size_t left)
{
	uint8_t first = at[0];
	if (first < 0x80)
		return 1;
	size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || left < size)
		return 0;
	/* Nothing over-long, no surrogate, nothing above U+10FFFF. */
	uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (at[1] < least || at[1] > most)
		return 0;
	for (size_t i = 2; i < size; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return size;
}

bool utf8_is_control(const uint8_t *at)
{
	return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
}

size_t utf8_whole_size(const uint8_t *text, size_t size)
{
	size_t tail = 1; /* bytes from the first one of the last character on */
	while (tail < size && tail < 4 && (text[size - tail] & 0xc0) == 0x80)
		tail++;
	return size && !utf8_character_size(text + size - tail, tail) ? size - tail : size;
}
