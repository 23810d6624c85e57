/* SPDX-License-Identifier: Apache-2.0 */
/* schema_block.h — the event types that a file was written with, as the payload of its first block.
 *
 * With it a reader passes over types that it does not know and over fields appended after its time.
 * Known types:  those of the same number as one of event_schema_own. Their fields have the same index in both;
 *               fields that only the file has stand behind them, fields that only we have are zero.
 * Hostile:      the payload may be anything; what is declared twice, too big, or otherwise than here is an error.
 */
#pragma once
#include "base/error.h"
#include "record/event.h"

enum { SCHEMA_NAME_MAX = 64 }; /* bytes of a name of a type, field or reason: a-z, 0-9 and _ */

/* Writes the payload to heap memory, which the caller frees. */
uint8_t *schema_encode(const struct event_schema *schema, size_t *out_size);

/* A schema that owns its types. */
struct schema_table {
	struct event_schema schema;
	struct event_type *types; /* those that are not ours */
	char *names;
};

int schema_decode(struct schema_table *table, const uint8_t *payload, size_t size, struct error *out_error);
void schema_table_fini(struct schema_table *table);

/* Whether this may be the name of a type, a field or a reason. */
int schema_name_is_valid(const char *name, size_t size);
