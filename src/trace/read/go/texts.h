/* SPDX-License-Identifier: Apache-2.0 */
/* texts.h — the texts of a Go trace that outlive their generation, each once: from content to a small number.
 *
 * Number 0 is the empty text. Beyond the limit every new text gets the number of GO_TEXTS_OVERFLOW, and is counted.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define GO_TEXTS_OVERFLOW "(too many names)"

struct go_text {
	const char *bytes; /* ended by zero, and may hold zeros */
	uint32_t size;
};

struct go_texts {
	struct go_text *texts; /* by number */
	size_t count, capacity;
	struct go_text_entry *entries; /* uthash */
	uint64_t limit;
	uint64_t refused;
};

void go_texts_init(struct go_texts *texts, uint64_t limit);
void go_texts_fini(struct go_texts *texts);

uint32_t go_texts_intern(struct go_texts *texts, const void *bytes, size_t size);
