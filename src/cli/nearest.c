/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/nearest.h"
#include <string.h>

enum { WORD_MAX = 32 }; /* bytes; longer ones are near to nothing */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits between the first i bytes of a and the first j of b, row by row (optimal string alignment). */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t edits[WORD_MAX + 1][WORD_MAX + 1];
	for (size_t i = 0; i <= a_size; i++) {
		for (size_t j = 0; j <= b_size; j++) {
			if (!i || !j) {
				edits[i][j] = i + j;
				continue;
			}
			size_t changed = edits[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			edits[i][j] = least(changed, least(edits[i - 1][j], edits[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				edits[i][j] = least(edits[i][j], edits[i - 2][j - 2] + 1);
		}
	}
	return edits[a_size][b_size];
}

const char *nearest_word(const char *word, size_t size, const char *const *words, size_t count)
{
	if (!size || size > WORD_MAX)
		return NULL;
	const char *near = NULL;
	size_t fewest = (size + 2) / 3 + 1; /* one wrong letter in three, or fewer */
	for (size_t i = 0; i < count; i++) {
		size_t other_size = strlen(words[i]);
		if (other_size > WORD_MAX)
			continue;
		size_t edits = distance(word, size, words[i], other_size);
		if (edits < fewest) {
			fewest = edits;
			near = words[i];
		}
	}
	return near;
}
