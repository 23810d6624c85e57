/* SPDX-License-Identifier: Apache-2.0 */
/* code_places.h — a set of places of code: an offset in a module's file.
 *
 * A process is forgotten when it ends; the places that its stacks named stay until their functions are looked up. The
 * same place in many processes is one.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct code_place {
	uint64_t module; /* number in the trace */
	uint64_t offset; /* bytes */
};

/* All zero is an empty set. */
struct code_places {
	struct code_place_entry *entries;
};

void code_places_add(struct code_places *places, struct code_place place);

/* All of them by module and offset. The caller frees the array. */
struct code_place *code_places_list(const struct code_places *places, size_t *out_count);

void code_places_fini(struct code_places *places);
