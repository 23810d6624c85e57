/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/descriptor_names.h"
#include <stdio.h>
#include <string.h>
#include "base/peer_name.h"

enum { NAME_MAX_BYTES = 512 };
_Static_assert((int)NAME_MAX_BYTES >= (int)PEER_NAME_MAX, "a peer's name fits");

/* Kinds that the guest does not tell apart; their links are no names. */
static const struct {
	const char *link;
	enum descriptor_kind kind;
} anonymous_kinds[] = {{"anon_inode:[eventpoll]", DESCRIPTOR_EPOLL},
		       {"anon_inode:[eventfd]", DESCRIPTOR_EVENTFD},
		       {"anon_inode:[timerfd]", DESCRIPTOR_TIMERFD}};

/* The name that the process's own link has, or for what has no file the kind in words; 0, or -1 when there was none. May
 * find a finer kind. */
static int path_name(const struct event_value *path, char *out_name, uint64_t *kind)
{
	if (!path->number)
		return -1;
	snprintf(out_name, NAME_MAX_BYTES, "%.*s", (int)path->number, (const char *)path->text);
	for (size_t i = 0; i < sizeof anonymous_kinds / sizeof *anonymous_kinds; i++) {
		if (strcmp(out_name, anonymous_kinds[i].link) != 0)
			continue;
		*kind = anonymous_kinds[i].kind;
		snprintf(out_name, NAME_MAX_BYTES, "%s", descriptor_kind_words[*kind]);
	}
	return 0;
}

void descriptor_name_tell(const struct recorded *recorded, struct journal *journal, enum trace_clock clock,
			  const struct event *seen)
{
	int64_t fd = (int64_t)seen->values[EVENT_DESCRIPTOR_SEEN_FD].number;
	uint64_t kind = seen->values[EVENT_DESCRIPTOR_SEEN_KIND].number;
	const struct event_value *peer = &seen->values[EVENT_DESCRIPTOR_SEEN_PEER];
	const struct event_value *path = &seen->values[EVENT_DESCRIPTOR_SEEN_PATH];
	char name[NAME_MAX_BYTES];

	if (kind == DESCRIPTOR_UNKNOWN || kind >= DESCRIPTOR_KIND_COUNT)
		kind = DESCRIPTOR_OTHER;
	if (!peer_name(peer->text, peer->number, name) && path_name(path, name, &kind))
		snprintf(name, sizeof name, "%s", descriptor_kind_words[kind]);
	size_t size = strlen(name);
	/* The time of the event, not ours: waits after it have this name. */
	event_put_descriptor_name(trace_writer_fact(journal->writer, clock, EVENT_DESCRIPTOR_NAME_MAX + size),
				  seen->time, recorded->process, fd, kind, name, size);
}
