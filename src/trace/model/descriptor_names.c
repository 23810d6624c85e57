/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/descriptor_names.h"
#include "base/memory.h"
#include "trace/model/clean_text.h"
#include "base/peer_name.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void descriptor_names_fini(struct descriptor_names *names)
{
	for (size_t i = 0; i < names->description_count; i++)
		free(names->descriptions[i].name);
	free(names->descriptions);
	free(names->openings);
	key_map_fini(&names->description_numbers);
	*names = (struct descriptor_names){0};
}

static uint64_t text_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
	return hash;
}

static bool is_description(const struct description *one, enum descriptor_kind kind, const char *name,
			   bool has_peer)
{
	return one->kind == kind && one->has_peer == has_peer && !strcmp(one->name, name);
}

/* Two texts of one hash get keys that differ in the last word, which counts the collisions. Takes the name. */
static uint32_t intern(struct descriptor_names *names, enum descriptor_kind kind, char *name, bool has_peer)
{
	if (!names->description_count) {
		MEMORY_GROW(names->descriptions, names->description_count, names->description_capacity);
		names->descriptions[names->description_count++] =
			(struct description){.name = memory_copy_text("", 0)};
	}
	struct map_key key = {{text_hash(name), (uint64_t)kind << 1 | (uint64_t)has_peer, 0}};
	for (;; key.words[2]++) {
		uint32_t *number = key_map_intern(&names->description_numbers, key);
		if (*number == KEY_MAP_NONE) {
			*number = (uint32_t)names->description_count;
			MEMORY_GROW(names->descriptions, names->description_count,
				    names->description_capacity);
			names->descriptions[names->description_count++] =
				(struct description){kind, name, has_peer};
			return *number;
		}
		if (is_description(&names->descriptions[*number], kind, name, has_peer)) {
			free(name);
			return *number;
		}
	}
}

static uint32_t describe(struct descriptor_names *names, uint64_t kind, char *name, bool has_peer)
{
	enum descriptor_kind known = kind <= DESCRIPTOR_OTHER ? (enum descriptor_kind)kind : DESCRIPTOR_OTHER;
	if (names->description_count < DESCRIPTIONS_MAX)
		return intern(names, known, name, has_peer);
	char *end = strrchr(name, has_peer ? ':' : '/');
	strcpy(end ? end : name, ""); /* too many: by host or directory alone */
	return names->description_count < 2 * DESCRIPTIONS_MAX ? intern(names, known, name, has_peer)
							       : (free(name), DESCRIPTION_UNKNOWN);
}

static void open_at(struct descriptor_names *names, struct opening opening)
{
	opening.order = (uint32_t)names->opening_count;
	MEMORY_GROW(names->openings, names->opening_count, names->opening_capacity);
	names->openings[names->opening_count++] = opening;
}

void descriptor_names_seen(struct descriptor_names *names, uint64_t process, struct trace_moment moment,
			   const struct event_value *values)
{
	const struct event_value *peer = &values[EVENT_DESCRIPTOR_SEEN_PEER];
	char text[PEER_NAME_MAX];
	bool has_peer = peer_name(peer->text, peer->number, text);
	uint64_t kind = values[EVENT_DESCRIPTOR_SEEN_KIND].number;
	uint32_t description = describe(names, kind, clean_text(text, strlen(text)), has_peer);
	open_at(names, (struct opening){.process = process,
					.fd = (int64_t)values[EVENT_DESCRIPTOR_SEEN_FD].number,
					.from = moment,
					.description = description});
}

void descriptor_names_name(struct descriptor_names *names, struct trace_moment moment,
			   const struct event_value *values)
{
	uint64_t kind = values[EVENT_DESCRIPTOR_NAME_KIND].number;
	char *name = clean_text_of(&values[EVENT_DESCRIPTOR_NAME_NAME]);
	bool has_peer = kind == DESCRIPTOR_SOCKET && name[0] && !strstr(name, "listening");
	uint32_t description = describe(names, kind, name, has_peer);
	open_at(names, (struct opening){.process = values[EVENT_DESCRIPTOR_NAME_PROCESS].number,
					.fd = (int64_t)values[EVENT_DESCRIPTOR_NAME_FD].number,
					.from = moment,
					.description = description,
					.is_name = 1});
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_time(const void *a, const void *b)
{
	const struct opening *one = a, *two = b;
	if (one->process != two->process)
		return compare(one->process, two->process);
	if (one->fd != two->fd)
		return one->fd < two->fd ? -1 : 1;
	if (one->from_ns != two->from_ns)
		return compare(one->from_ns, two->from_ns);
	/* The agent dates the name by the guest's event, and its facts come first in the file. */
	if (one->is_name != two->is_name)
		return one->is_name - two->is_name;
	return compare(one->order, two->order);
}

static bool is_same_number(const struct opening *a, const struct opening *b)
{
	return a->process == b->process && a->fd == b->fd;
}

/* Whether the agent's name can be that of the opening: the guest told no peer, and no other kind that is sure. */
static bool can_name(const struct descriptor_names *names, const struct opening *opening,
		     const struct opening *name)
{
	const struct description *told = &names->descriptions[opening->description];
	const struct description *found = &names->descriptions[name->description];
	return !told->name[0] && (told->kind == found->kind || told->kind == DESCRIPTOR_UNKNOWN ||
				  told->kind == DESCRIPTOR_OTHER);
}

/* The guest knows best whether a socket is connected: it asked the socket, and the agent only read its name. */
static uint32_t without_peer(struct descriptor_names *names, uint32_t index)
{
	const struct description *named = &names->descriptions[index];
	if (!named->has_peer)
		return index;
	return intern(names, named->kind, memory_copy_text(named->name, strlen(named->name)), 0);
}

void descriptor_names_settle(struct descriptor_names *names, struct clock_map *clock)
{
	for (size_t i = 0; i < names->opening_count; i++)
		names->openings[i].from_ns = clock_map_time(clock, names->openings[i].from);
	if (names->opening_count)
		qsort(names->openings, names->opening_count, sizeof *names->openings, by_time);
	size_t kept = 0;
	for (size_t i = 0; i < names->opening_count; i++) {
		struct opening next = names->openings[i];
		struct opening *last = kept ? &names->openings[kept - 1] : NULL;
		if (last && !is_same_number(last, &next))
			last = NULL;
		if (last && next.is_name && last->description == next.description)
			continue;
		if (last && next.is_name && !last->is_name) {
			const struct description *told = &names->descriptions[last->description];
			if (told->has_peer)
				continue;
			if (can_name(names, last, &next)) {
				last->description = without_peer(names, next.description);
				last->is_name = true;
				continue;
			}
		}
		names->openings[kept++] = next;
	}
	names->opening_count = kept;
}

uint32_t descriptor_names_find(const struct descriptor_names *names, uint64_t process, int64_t fd,
			       uint64_t time_ns)
{
	struct opening sought = {
		.process = process, .fd = fd, .from_ns = time_ns, .is_name = 1, .order = UINT32_MAX};
	size_t low = 0, high = names->opening_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (by_time(&names->openings[middle], &sought) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && is_same_number(&names->openings[low - 1], &sought))
		return names->openings[low - 1].description;
	/* Told only later: the first thing known of the number. */
	if (low < names->opening_count && is_same_number(&names->openings[low], &sought))
		return names->openings[low].description;
	return DESCRIPTION_UNKNOWN;
}
