/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor_names.h — which file, socket or pipe a descriptor number stood for at a given time.
 *
 * Words:    an opening is the time in which a number stood for one open file; a description is what is known of it: its kind and
 *           its path or peer. Equal descriptions of different openings are one.
 * Promise:  a wait is accounted to the opening of its own time; a number that was closed and reused is another file.
 *           A name that the agent finds later belongs to the whole opening in which it was found.
 * Memory:   32 bytes an opening, about 100 bytes a description. Beyond DESCRIPTIONS_MAX, peers lose their port and paths
 *           their name, so that a server of millions of connections stays small.
 */
#pragma once
#include <stdbool.h>
#include "record/event.h"
#include "trace/model/clock_map.h"
#include "trace/model/key_map.h"

enum { DESCRIPTIONS_MAX = 65536 };
enum { DESCRIPTION_UNKNOWN = 0 }; /* its index: nothing was said of the descriptor */

struct description {
	enum descriptor_kind kind;
	char *name;    /* owned: path, peer or what the agent called it; empty when unknown */
	bool has_peer; /* a connected socket: its waits are for that peer, not for work */
};

struct opening {
	uint64_t process; /* number */
	int64_t fd;
	struct trace_moment from;
	uint64_t from_ns;     /* once settled */
	uint32_t description; /* index */
	uint32_t order;       /* of the file, among equal times */
	uint8_t is_name;      /* told by the agent, not by the guest */
};

struct descriptor_names {
	struct description *descriptions;
	size_t description_count, description_capacity;
	struct key_map description_numbers; /* by a hash of the text; see the source */
	struct opening *openings;           /* once settled in order of process, fd, time */
	size_t opening_count, opening_capacity;
};

void descriptor_names_fini(struct descriptor_names *names);

/* The guest: from now on fd is another open file. values: those of a descriptor_seen event. */
void descriptor_names_seen(struct descriptor_names *names, uint64_t process, struct trace_moment moment,
			   const struct event_value *values);

/* The agent: what fd is. values: those of a descriptor_name event. */
void descriptor_names_name(struct descriptor_names *names, struct trace_moment moment,
			   const struct event_value *values);

/* Joins names to openings; call once when all is in. */
void descriptor_names_settle(struct descriptor_names *names, struct clock_map *clock);

/* Index of the description that was valid; DESCRIPTION_UNKNOWN when nothing is known of the number. */
uint32_t descriptor_names_find(const struct descriptor_names *names, uint64_t process, int64_t fd,
			       uint64_t time_ns);
