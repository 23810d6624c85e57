/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/idle.h"
#include "base/memory.h"
#include <stdlib.h>
#include <stdbool.h>

/* One call site of a group, over all its objects. */
struct habit {
	uint32_t group;
	unsigned reason;
	uint64_t stack;
	uint64_t count, total_ns;
	size_t depth;                    /* frames up to the thread's root */
	const struct stack_node *caller; /* of the leaf */
	bool is_cut;
	enum wait_habit class;
};

static enum wait_habit class_of(const struct survey *survey, const struct ledger *ledger,
				const struct wait_site *site)
{
	const struct description *description =
		site->object.kind == OBJECT_DESCRIPTOR
			? &survey->descriptors.descriptions[site->object.number]
			: NULL;
	if (site->reason >= WAIT_REASON_COUNT)
		return ledger->reasons.more[site->reason - WAIT_REASON_COUNT].habit;
	switch ((enum wait_reason)site->reason) {
	case WAIT_SLEEP:
	case WAIT_CHILD:
	case WAIT_JOIN:
	case WAIT_SIGNAL:
		return HABIT_LIFE;
	case WAIT_CONDITION:
	case WAIT_SEMAPHORE:
		return HABIT_LOOP;
	case WAIT_POLL:
		/* A poll of one connected socket is a client waiting for its answer. */
		return description && description->has_peer ? HABIT_NEVER : HABIT_LOOP;
	case WAIT_NETWORK:
		/* Without a peer: accept, or the next datagram from anyone. */
		return description && description->kind == DESCRIPTOR_SOCKET && !description->has_peer
			       ? HABIT_LOOP
			       : HABIT_NEVER;
	case WAIT_LOCK:
	case WAIT_BARRIER:
	case WAIT_PIPE:
	case WAIT_DISK:
	case WAIT_FILE_LOCK:
	case WAIT_FUTEX:
	case WAIT_FAULT:
	case WAIT_UNSEEN:
	case WAIT_OTHER:
		return HABIT_NEVER;
	}
	return HABIT_NEVER;
}

/* Where stacks cannot tell: a thread with an event loop does not wait for work in a condition. */
static int rank_of(unsigned reason)
{
	return reason == WAIT_POLL || reason == WAIT_NETWORK ? 0 : 1;
}

/* Whether a is rather the thread's home than b. */
static bool is_nearer_home(const struct habit *a, const struct habit *b)
{
	if (!a->is_cut && !b->is_cut && a->depth != b->depth)
		return a->depth < b->depth;
	if (rank_of(a->reason) != rank_of(b->reason))
		return rank_of(a->reason) < rank_of(b->reason);
	return a->total_ns > b->total_ns;
}

/* Two polls in the same loop of the same function. */
static bool is_same_home(const struct habit *a, const struct habit *home)
{
	if (a == home)
		return 1;
	return a->reason == home->reason && a->caller && a->caller == home->caller && a->depth == home->depth;
}

/* Further from the thread's root than its home: it happens in what the home hands out. */
static bool is_inside_work(const struct habit *habit, const struct habit *home)
{
	return !habit->is_cut && !home->is_cut && habit->depth > home->depth;
}

struct habits {
	struct habit *habits;
	size_t count, capacity;
	struct key_map numbers;
	uint32_t *of_site; /* index of the site's habit; KEY_MAP_NONE for one that is never idle */
};

static struct habit *habit_of(struct habits *habits, const struct survey *survey, const struct ledger *ledger,
			      const struct wait_site *site, enum wait_habit class)
{
	struct map_key key = {{(uint64_t)site->group << 32 | (uint64_t)site->reason, site->stack}};
	uint32_t *number = key_map_intern(&habits->numbers, key);
	if (*number == KEY_MAP_NONE) {
		*number = (uint32_t)habits->count;
		struct stack_path path;
		uint32_t process = ledger->groups[site->group].process;
		stack_table_path(&survey->stacks, survey->processes.processes[process].number, site->stack,
				 &path);
		MEMORY_GROW(habits->habits, habits->count, habits->capacity);
		habits->habits[habits->count++] = (struct habit){
			.group = site->group,
			.reason = site->reason,
			.class = class,
			.stack = site->stack,
			.depth = path.depth,
			.caller = path.depth > 1 ? path.nodes[1] : NULL,
			.is_cut = path.is_cut || path.depth == 0,
		};
	}
	return &habits->habits[*number];
}

static void gather(struct habits *habits, const struct survey *survey, const struct ledger *ledger)
{
	habits->of_site = memory_resize(NULL, ledger->sites.count, sizeof *habits->of_site);
	for (size_t i = 0; i < ledger->sites.count; i++) {
		const struct wait_site *site = &ledger->sites.sites[i];
		habits->of_site[i] = KEY_MAP_NONE;
		enum wait_habit class = class_of(survey, ledger, site);
		if (class == HABIT_NEVER)
			continue;
		struct habit *habit = habit_of(habits, survey, ledger, site, class);
		habit->count += site->count_all;
		habit->total_ns += site->blocked.all;
		habits->of_site[i] = (uint32_t)(habit - habits->habits);
	}
}

static bool takes_percent(const struct ledger *ledger, const struct habit *habit, unsigned percent)
{
	return (unsigned __int128)habit->total_ns * 100 >=
	       (unsigned __int128)ledger->groups[habit->group].life_ns * percent;
}

/* Whether its lanes come back to it. Many lanes that each wait there once may be doing their one job. */
static bool is_habitual(const struct ledger *ledger, const struct habit *habit)
{
	uint64_t lanes = ledger->groups[habit->group].lanes;
	return habit->count >= IDLE_HABIT_COUNT * lanes ||
	       (lanes == 1 && takes_percent(ledger, habit, IDLE_HABIT_PERCENT));
}

/* Index of each group's home among the habits. */
static uint32_t *find_homes(struct habits *habits, const struct ledger *ledger)
{
	uint32_t *homes = memory_resize(NULL, ledger->group_count, sizeof *homes);
	for (size_t i = 0; i < ledger->group_count; i++)
		homes[i] = KEY_MAP_NONE;
	for (size_t i = 0; i < habits->count; i++) {
		struct habit *habit = &habits->habits[i];
		if (habit->class != HABIT_LOOP)
			continue;
		if (!is_habitual(ledger, habit))
			continue;
		uint32_t *home = &homes[habit->group];
		if (*home == KEY_MAP_NONE || is_nearer_home(habit, &habits->habits[*home]))
			*home = (uint32_t)i;
	}
	return homes;
}

/* The runtime's own work, and lanes that did nothing but wait here from the recording's first moment to its last. */
static bool is_aside(const struct ledger *ledger, const struct wait_site *site)
{
	return ledger->groups[site->group].is_background ||
	       (site->parked_ns && site->parked_ns >= site->blocked.all / 2);
}

void idle_mark(const struct survey *survey, struct ledger *ledger)
{
	struct habits habits = {0};
	gather(&habits, survey, ledger);
	uint32_t *homes = find_homes(&habits, ledger);
	for (size_t i = 0; i < ledger->sites.count; i++) {
		struct wait_site *site = &ledger->sites.sites[i];
		if (is_aside(ledger, site))
			site->is_idle = 1;
		if (site->is_idle || habits.of_site[i] == KEY_MAP_NONE)
			continue;
		const struct habit *habit = &habits.habits[habits.of_site[i]];
		uint32_t home = homes[site->group];
		if (habit->class == HABIT_LIFE)
			site->is_idle =
				takes_percent(ledger, habit, IDLE_LIFE_PERCENT) &&
				!(home != KEY_MAP_NONE && is_inside_work(habit, &habits.habits[home]));
		else
			site->is_idle = home != KEY_MAP_NONE && is_same_home(habit, &habits.habits[home]);
	}
	free(homes);
	free(habits.of_site);
	free(habits.habits);
	key_map_fini(&habits.numbers);
}
