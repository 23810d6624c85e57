/* SPDX-License-Identifier: Apache-2.0 */
/* debug_units.h — the functions that debug information tells of at an address, innermost inlined first.
 *
 * Words:    a unit is what the compiler made of one source file.
 * Cost:     finding a unit reads all units' heads once; each unit's functions are read when the first address in it
 *           is asked for. Then an address costs two binary searches and a walk through its function's inlined ones.
 * Hostile:  debug information may lie or be broken: units, functions and depth are bounded, and what cannot be read is
 *           left out.
 * Threads:  one at a time.
 */
#pragma once
#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

enum { INLINED_MAX = 64 }; /* functions at one address; the outermost beyond are left out */

/* Texts live as long as the Dwarf. */
struct debug_frame {
	const char *name;         /* as in the source, NULL unknown */
	const char *linkage_name; /* mangled, NULL when the language has none */
	const char *file;         /* NULL unknown */
	uint32_t line;            /* 0 unknown */
	uint64_t entry;           /* first address of the function itself; 0 for an inlined one */
};

struct debug_units;

/* Of a Dwarf that the caller keeps open longer; never NULL. */
struct debug_units *debug_units_create(Dwarf *dwarf);
void debug_units_destroy(struct debug_units *units);

/* Fills in up to `max` frames, innermost first; returns how many, 0 when nothing is known of the address. Where only
 * the line is known there is one frame without a name. */
size_t debug_units_find(struct debug_units *units, uint64_t address, struct debug_frame *out_frames,
			size_t max);
