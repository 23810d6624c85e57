/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/idle.h"
#include "base/memory.h"
#include <stdlib.h>

enum wait_class { CLASS_NEVER, CLASS_LIFE, CLASS_LOOP };

/* One call site of a thread, over all its objects. */
struct habit {
	uint32_t lane;
	enum wait_reason reason;
	uint64_t stack;
	uint64_t count, total_ns;
	size_t depth;                    /* frames up to the thread's root */
	const struct stack_node *caller; /* of the leaf */
	int is_cut;
	enum wait_class class;
};

static enum wait_class class_of(const struct account *account, const struct wait_site *site)
{
	const struct description *description =
		site->object.kind == OBJECT_DESCRIPTOR
			? &account->survey->descriptors.descriptions[site->object.number]
			: NULL;
	switch (site->reason) {
	case WAIT_SLEEP:
	case WAIT_CHILD:
	case WAIT_JOIN:
	case WAIT_SIGNAL:
		return CLASS_LIFE;
	case WAIT_CONDITION:
	case WAIT_SEMAPHORE:
		return CLASS_LOOP;
	case WAIT_POLL:
		/* A poll of one connected socket is a client waiting for its answer. */
		return description && description->has_peer ? CLASS_NEVER : CLASS_LOOP;
	case WAIT_NETWORK:
		/* Without a peer: accept, or the next datagram from anyone. */
		return description && description->kind == DESCRIPTOR_SOCKET && !description->has_peer
			       ? CLASS_LOOP
			       : CLASS_NEVER;
	case WAIT_LOCK:
	case WAIT_BARRIER:
	case WAIT_PIPE:
	case WAIT_DISK:
	case WAIT_FILE_LOCK:
	case WAIT_FUTEX:
	case WAIT_FAULT:
	case WAIT_UNSEEN:
	case WAIT_OTHER:
		return CLASS_NEVER;
	}
	return CLASS_NEVER;
}

/* Where stacks cannot tell: a thread with an event loop does not wait for work in a condition. */
static int rank_of(enum wait_reason reason)
{
	return reason == WAIT_POLL || reason == WAIT_NETWORK ? 0 : 1;
}

/* Whether a is rather the thread's home than b. */
static int is_nearer_home(const struct habit *a, const struct habit *b)
{
	if (!a->is_cut && !b->is_cut && a->depth != b->depth)
		return a->depth < b->depth;
	if (rank_of(a->reason) != rank_of(b->reason))
		return rank_of(a->reason) < rank_of(b->reason);
	return a->total_ns > b->total_ns;
}

/* Two polls in the same loop of the same function. */
static int is_same_home(const struct habit *a, const struct habit *home)
{
	if (a == home)
		return 1;
	return a->reason == home->reason && a->caller && a->caller == home->caller && a->depth == home->depth;
}

/* Further from the thread's root than its home: it happens in what the home hands out. */
static int is_inside_work(const struct habit *habit, const struct habit *home)
{
	return !habit->is_cut && !home->is_cut && habit->depth > home->depth;
}

struct habits {
	struct habit *habits;
	size_t count, capacity;
	struct key_map numbers;
	uint32_t *of_site; /* index of the site's habit; KEY_MAP_NONE for one that is never idle */
};

static struct habit *habit_of(struct habits *habits, const struct account *account,
			      const struct wait_site *site, enum wait_class class)
{
	struct map_key key = {{(uint64_t)site->lane << 8 | (uint64_t)site->reason, site->stack}};
	uint32_t *number = key_map_intern(&habits->numbers, key);
	if (*number == KEY_MAP_NONE) {
		*number = (uint32_t)habits->count;
		const struct process_table *table = &account->survey->processes;
		struct stack_path path;
		stack_table_path(&account->survey->stacks,
				 table->processes[table->threads[site->lane].process].number, site->stack,
				 &path);
		MEMORY_GROW(habits->habits, habits->count, habits->capacity);
		habits->habits[habits->count++] = (struct habit){
			.lane = site->lane,
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

static void gather(struct habits *habits, const struct account *account)
{
	habits->of_site = memory_resize(NULL, account->sites.count, sizeof *habits->of_site);
	for (size_t i = 0; i < account->sites.count; i++) {
		const struct wait_site *site = &account->sites.sites[i];
		habits->of_site[i] = KEY_MAP_NONE;
		enum wait_class class = class_of(account, site);
		if (class == CLASS_NEVER)
			continue;
		struct habit *habit = habit_of(habits, account, site, class);
		habit->count += site->count_all;
		habit->total_ns += site->blocked.all;
		habits->of_site[i] = (uint32_t)(habit - habits->habits);
	}
}

static int takes_percent(const struct account *account, const struct habit *habit, unsigned percent)
{
	const struct lane *lane = &account->lanes[habit->lane];
	return (unsigned __int128)habit->total_ns * 100 >=
	       (unsigned __int128)(lane->end_ns - lane->start_ns) * percent;
}

/* Index of each lane's home among the habits. */
static uint32_t *find_homes(struct habits *habits, const struct account *account)
{
	uint32_t *homes = memory_resize(NULL, account->lane_count, sizeof *homes);
	for (size_t i = 0; i < account->lane_count; i++)
		homes[i] = KEY_MAP_NONE;
	for (size_t i = 0; i < habits->count; i++) {
		struct habit *habit = &habits->habits[i];
		if (habit->class != CLASS_LOOP)
			continue;
		if (habit->count < IDLE_HABIT_COUNT && !takes_percent(account, habit, IDLE_HABIT_PERCENT))
			continue;
		uint32_t *home = &homes[habit->lane];
		if (*home == KEY_MAP_NONE || is_nearer_home(habit, &habits->habits[*home]))
			*home = (uint32_t)i;
	}
	return homes;
}

void idle_mark(struct account *account)
{
	struct habits habits = {0};
	gather(&habits, account);
	uint32_t *homes = find_homes(&habits, account);
	for (size_t i = 0; i < account->sites.count; i++) {
		struct wait_site *site = &account->sites.sites[i];
		if (habits.of_site[i] == KEY_MAP_NONE)
			continue;
		const struct habit *habit = &habits.habits[habits.of_site[i]];
		uint32_t home = homes[site->lane];
		if (habit->class == CLASS_LIFE)
			site->is_idle =
				takes_percent(account, habit, IDLE_LIFE_PERCENT) &&
				!(home != KEY_MAP_NONE && is_inside_work(habit, &habits.habits[home]));
		else
			site->is_idle = home != KEY_MAP_NONE && is_same_home(habit, &habits.habits[home]);
	}
	free(homes);
	free(habits.of_site);
	free(habits.habits);
	key_map_fini(&habits.numbers);
}
