/* SPDX-License-Identifier: Apache-2.0 */
/* nearest.h — the word that was probably meant. */
#pragma once
#include <stddef.h>

/* The one of `words` that is fewest edits (a letter added, lost, changed, or two swapped) away from `word`, which has `size`
 * bytes; NULL when none is close enough to be worth proposing. */
const char *nearest_word(const char *word, size_t size, const char *const *words, size_t count);
