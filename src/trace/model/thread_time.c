/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/thread_time.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>

/* The kernel brings the CPU time of a running thread up to date with its tick, 250 a second or more. */
enum { TICK_NS = 4 * 1000 * 1000 };

/* What a new thread may use, in the kernel and libc, before the first thing seen of it. */
enum { STARTING_NS = 1000 * 1000 };

/* Releases looked at within one wait; what lies before them is put down to the earliest. */
enum { HOLDERS_MAX = 256 };

void thread_time_init(struct thread_time *lane, uint32_t index, const struct thread *thread)
{
	*lane = (struct thread_time){
		.index = index,
		.start_ns = thread->start_ns,
		.end_ns = thread->end_ns,
		.now_ns = thread->start_ns,
		.window_start_ns = thread->start_ns,
		.is_new = thread->creator_tid != 0,
	};
}

void thread_time_fini(struct thread_time *lane)
{
	free(lane->ranges);
	free(lane->checkpoints);
	window_fini(&lane->window);
}

struct amount thread_time_span(const struct thread_time *lane, const struct thread_world *world)
{
	return amount_between(lane->start_ns, lane->end_ns, world->from_ns, world->to_ns);
}

void thread_time_add_range(struct thread_time *lane, struct thread_range range)
{
	if (lane->is_next_inferred)
		range.is_inferred = 1;
	lane->is_next_inferred = 0;
	if (range.end_ns > lane->end_ns)
		range.end_ns = lane->end_ns;
	if (lane->range_count && lane->ranges[lane->range_count - 1].end_ns > range.end_ns)
		range.end_ns = lane->ranges[lane->range_count - 1].end_ns;
	if (range.start_ns > range.end_ns)
		range.start_ns = range.end_ns;
	/* A gap that a signal handler's hook found inside a wait is that wait, seen too early. */
	while (!range.is_gap && lane->range_count && lane->ranges[lane->range_count - 1].is_gap &&
	       lane->ranges[lane->range_count - 1].start_ns >= range.start_ns &&
	       lane->ranges[lane->range_count - 1].start_ns < range.end_ns)
		lane->range_count--;
	MEMORY_GROW(lane->ranges, lane->range_count, lane->range_capacity);
	lane->ranges[lane->range_count++] = range;
}

/* Totals only grow, so that leaving one out moves nothing but the line between two windows. */
static void thin_checkpoints(struct thread_time *lane)
{
	size_t kept = 0;
	for (size_t i = 1; i < lane->checkpoint_count; i += 2)
		lane->checkpoints[kept++] = lane->checkpoints[i];
	lane->checkpoint_count = kept;
}

void thread_time_add_checkpoint(struct thread_time *lane, struct checkpoint checkpoint)
{
	if (lane->checkpoint_count == CHECKPOINTS_MAX)
		thin_checkpoints(lane);
	MEMORY_GROW(lane->checkpoints, lane->checkpoint_count, lane->checkpoint_capacity);
	size_t position = lane->checkpoint_count++;
	while (position > 0 && lane->checkpoints[position - 1].time_ns > checkpoint.time_ns) {
		lane->checkpoints[position] = lane->checkpoints[position - 1];
		position--;
	}
	lane->checkpoints[position] = checkpoint;
}

static uint64_t growth(uint64_t total, uint64_t used)
{
	return total > used ? total - used : 0;
}

/* A delay that is counted only when it ends may explain what the window before had to call unseen, when this window has no use for
 * it. Returns how much of it that was. */
static uint64_t explain_late(struct thread_time *lane, struct thread_world *world, uint64_t delay_ns)
{
	uint64_t seen_ns = window_runnable(&lane->window, world->sites);
	struct amount late = amount_take(&lane->unexplained, growth(delay_ns, seen_ns));
	if (!late.all)
		return 0;
	uint32_t index = wait_sites_find(world->sites, lane->index, WAIT_UNSEEN,
					 (struct object_id){OBJECT_NONE, 0}, 0);
	struct wait_site *site = &world->sites->sites[index];
	site->blocked.all -= late.all;
	site->blocked.inside -= late.inside;
	site->inferred_ns -= late.inside;
	amount_add(&lane->states.runnable, late);
	lane->states.inferred_ns += late.inside;
	return late.all;
}

static void close_window(struct thread_time *lane, struct thread_world *world,
			 const struct checkpoint *checkpoint)
{
	const struct thread *thread = &world->processes->threads[lane->index];
	struct window_totals totals = {
		.has_cpu = 1,
		.has_delay = checkpoint->has_delay,
		.has_switches = lane->has_base || lane->is_new,
		.cpu_before_ns = lane->has_base ? 0
				 : lane->is_new ? STARTING_NS
						: UINT64_MAX,
		.cpu_ns = growth(checkpoint->cpu_ns, lane->cpu_used_ns),
		.cpu_slack_ns = checkpoint->is_exact ? 0 : TICK_NS,
		.delay_ns = checkpoint->has_delay ? growth(checkpoint->delay_ns, lane->delay_used_ns) : 0,
		.throttled_ns = process_throttle_between(&world->processes->processes[thread->process],
							 lane->window_start_ns, lane->now_ns),
		.voluntary_switches = growth(checkpoint->voluntary_switches, lane->voluntary_switches),
	};
	if (totals.has_delay && lane->has_base)
		totals.delay_ns -= explain_late(lane, world, totals.delay_ns);
	struct window_result result =
		window_close(&lane->window, world->sites, lane->index, &lane->states, &totals, 0);

	/* CPU time that found no place is carried over only as far as the totals may have been late. */
	uint64_t carried = lane->has_base ? growth(checkpoint->cpu_ns, TICK_NS) : checkpoint->cpu_ns;
	lane->cpu_used_ns = (lane->has_base ? lane->cpu_used_ns : 0) + result.running_ns;
	if (lane->cpu_used_ns < carried)
		lane->cpu_used_ns = carried;
	if (checkpoint->has_delay)
		lane->delay_used_ns = checkpoint->delay_ns;
	lane->voluntary_switches = checkpoint->voluntary_switches;
	lane->unexplained = result.unexplained;
	lane->has_base = 1;
	lane->was_checked = 1;
	lane->window_start_ns = lane->now_ns;
}

static void close_first_window(struct thread_time *lane, struct thread_world *world)
{
	struct checkpoint checkpoint = lane->checkpoints[0];
	/* A thread's own last word does not know the delay, but the agent may have told it since; it is that of the thread's
	 * life when the kernel did not take the CPU away once more while it ended. */
	if (!checkpoint.has_delay && lane->checkpoint_count > 1 &&
	    lane->checkpoints[1].involuntary_switches == checkpoint.involuntary_switches) {
		checkpoint.has_delay = lane->checkpoints[1].has_delay;
		checkpoint.delay_ns = lane->checkpoints[1].delay_ns;
	}
	lane->checkpoint_count--;
	memmove(lane->checkpoints, lane->checkpoints + 1, lane->checkpoint_count * sizeof checkpoint);
	close_window(lane, world, &checkpoint);
}

/* A stretch of time with one meaning. */
struct stretch {
	enum { STRETCH_PRESUMED, STRETCH_OPEN, STRETCH_WAIT, STRETCH_GAP } meaning;
	uint32_t site; /* of a wait or gap */
	enum wait_pool pool;
	const struct thread_range *range;
	uint64_t off_ns; /* of a gap: how much of the stretch was off the CPU */
};

static void add_gap(struct thread_time *lane, struct thread_world *world, const struct stretch *stretch,
		    struct amount what, uint64_t off_ns)
{
	struct amount off = amount_take(&what, off_ns);
	amount_add(&lane->window.presumed, what);
	if (stretch->range->is_preempted)
		amount_add(&lane->window.preempted, off);
	else
		window_wait(&lane->window, world->sites, stretch->site, stretch->pool, off, 1);
}

/* Moves the lane's now to `until`, through any checkpoints on the way. */
static void spend(struct thread_time *lane, struct thread_world *world, uint64_t until_ns,
		  const struct stretch *stretch)
{
	uint64_t start_ns = lane->now_ns, off_given = 0;
	while (lane->now_ns < until_ns) {
		while (lane->checkpoint_count && lane->checkpoints[0].time_ns <= lane->now_ns)
			close_first_window(lane, world);
		uint64_t stop_ns = until_ns;
		if (lane->checkpoint_count && lane->checkpoints[0].time_ns < stop_ns)
			stop_ns = lane->checkpoints[0].time_ns;
		struct amount what = amount_between(lane->now_ns, stop_ns, world->from_ns, world->to_ns);
		lane->now_ns = stop_ns;
		switch (stretch->meaning) {
		case STRETCH_PRESUMED:
			amount_add(&lane->window.presumed, what);
			break;
		case STRETCH_OPEN:
			amount_add(&lane->window.open, what);
			break;
		case STRETCH_WAIT:
			window_wait(&lane->window, world->sites, stretch->site, stretch->pool, what,
				    stretch->range->is_inferred);
			break;
		case STRETCH_GAP: {
			/* Where in a gap the thread was off the CPU is not known: evenly. */
			uint64_t off = share_of(stretch->off_ns, stop_ns - start_ns, until_ns - start_ns) -
				       off_given;
			off_given += off;
			add_gap(lane, world, stretch, what, off);
			break;
		}
		}
	}
}

/* A wait in the light of its wakers: waited for `site` until blocked_ns, for its mutex until locked_ns, then was ready. */
struct wake {
	uint32_t site, lock_site;
	uint64_t blocked_ns, locked_ns;
	bool is_split;
};

static uint64_t inside_ns(const struct thread_world *world, uint64_t start_ns, uint64_t end_ns)
{
	return amount_between(start_ns, end_ns, world->from_ns, world->to_ns).inside;
}

/* Each release within a wait for a lock ends the time that its releaser had the lock: a convoy's waits are put down to the one
 * who held it long, not to those who only passed it on. All releases are known: somebody waited.
 * Returns when the last one was, 0 when there was none. */
static uint64_t blame_holders(struct thread_time *lane, struct thread_world *world, uint32_t site,
			      uint64_t mutex, uint64_t start_ns, uint64_t end_ns)
{
	const struct wake_edge *edges[HOLDERS_MAX];
	uint32_t process = world->processes->threads[lane->index].process;
	size_t count = wake_edges_between(world->edges, process, mutex, WAKE_RELEASE, start_ns, end_ns,
					  lane->index, edges, HOLDERS_MAX);
	for (size_t i = 0; i < count; i++) {
		uint64_t since_ns = i + 1 < count ? edges[i + 1]->time_ns : start_ns;
		wait_sites_blame(world->sites, site, edges[i]->thread, edges[i]->stack, i == 0,
				 inside_ns(world, since_ns, edges[i]->time_ns));
	}
	return count ? edges[0]->time_ns : 0;
}

static void find_condition_wake(struct thread_time *lane, struct thread_world *world,
				const struct thread_range *range, struct wake *wake)
{
	uint32_t process = world->processes->threads[lane->index].process;
	const struct wake_edge *edge =
		wake_edges_last(world->edges, process, range->object.number, WAKE_SIGNAL, range->start_ns,
				range->end_ns, lane->index);
	if (!edge)
		return;
	wake->is_split = 1;
	wake->blocked_ns = wake->locked_ns = edge->time_ns;
	wait_sites_blame(world->sites, wake->site, edge->thread, edge->stack, 1,
			 inside_ns(world, range->start_ns, edge->time_ns));
	if (!range->mutex || !wake_edges_last(world->edges, process, range->mutex, WAKE_RELEASE,
					      wake->blocked_ns, range->end_ns, lane->index))
		return;
	struct object_id mutex = {OBJECT_ADDRESS, range->mutex};
	wake->lock_site = wait_sites_find(world->sites, lane->index, WAIT_LOCK, mutex, range->stack);
	wake->locked_ns =
		blame_holders(lane, world, wake->lock_site, range->mutex, wake->blocked_ns, range->end_ns);
	wait_sites_count(world->sites, wake->lock_site, inside_ns(world, wake->blocked_ns, wake->locked_ns));
}

static void find_wake(struct thread_time *lane, struct thread_world *world, const struct thread_range *range,
		      struct wake *out_wake)
{
	struct wake wake = {
		.site = wait_sites_find(world->sites, lane->index, range->reason, range->object,
					range->stack),
		.blocked_ns = range->end_ns,
		.locked_ns = range->end_ns,
	};
	if (range->object.kind == OBJECT_ADDRESS && range->reason == WAIT_CONDITION) {
		find_condition_wake(lane, world, range, &wake);
	} else if (range->object.kind == OBJECT_ADDRESS && range->reason == WAIT_LOCK) {
		uint64_t released_ns = blame_holders(lane, world, wake.site, range->object.number,
						     range->start_ns, range->end_ns);
		if (released_ns) {
			wake.is_split = 1;
			wake.blocked_ns = wake.locked_ns = released_ns;
		}
	}
	wait_sites_count(world->sites, wake.site, inside_ns(world, range->start_ns, wake.blocked_ns));
	*out_wake = wake;
}

static void spend_wait(struct thread_time *lane, struct thread_world *world, uint64_t end_ns,
		       const struct thread_range *range, const struct wake *wake)
{
	struct stretch stretch = {.meaning = STRETCH_WAIT, .range = range};
	uint64_t blocked_ns = wake->blocked_ns < end_ns ? wake->blocked_ns : end_ns;
	uint64_t locked_ns = wake->locked_ns < end_ns ? wake->locked_ns : end_ns;
	stretch.site = wake->site;
	stretch.pool = wake->is_split ? POOL_SETTLED : POOL_OPEN;
	spend(lane, world, blocked_ns, &stretch);
	stretch.site = wake->lock_site;
	stretch.pool = POOL_SETTLED;
	spend(lane, world, locked_ns, &stretch);
	stretch.site = wake->site;
	stretch.pool = POOL_WOKEN;
	spend(lane, world, end_ns, &stretch);
	lane->window.splits += (uint64_t)wake->is_split;
	lane->window.waits++;
}

static void spend_gap(struct thread_time *lane, struct thread_world *world, const struct piece *piece,
		      const struct thread_range *range)
{
	uint64_t size_ns = piece->end_ns - piece->start_ns;
	struct stretch stretch = {.meaning = STRETCH_GAP,
				  .range = range,
				  .pool = range->is_mixed ? POOL_MIXED : POOL_OPEN,
				  .off_ns =
					  share_of(range->off_ns, size_ns, range->end_ns - range->start_ns)};
	if (!range->is_preempted) {
		stretch.site = wait_sites_find(world->sites, lane->index, range->reason, range->object,
					       range->stack);
		wait_sites_count(
			world->sites, stretch.site,
			share_of(stretch.off_ns, inside_ns(world, piece->start_ns, piece->end_ns), size_ns));
	}
	spend(lane, world, piece->end_ns, &stretch);
	lane->window.waits += range->voluntary_switches;
}

/* The wakers of a range that nested ones cut into pieces are looked up once, at its last piece. */
void thread_time_settle(struct thread_time *lane, struct thread_world *world, uint64_t before_block)
{
	size_t count = 0;
	struct partition *pieces = &world->pieces;
	pieces->count = 0;
	for (; count < lane->range_count && lane->ranges[count].block < before_block; count++)
		partition_add(pieces, lane->now_ns, lane->ranges[count].start_ns, lane->ranges[count].end_ns,
			      (uint32_t)count);
	if (!count)
		return;

	struct wake *wakes = memory_resize(NULL, count, sizeof *wakes);
	for (size_t i = 0; i < count; i++)
		if (!lane->ranges[i].is_gap)
			find_wake(lane, world, &lane->ranges[i], &wakes[i]);
	static const struct stretch presumed = {.meaning = STRETCH_PRESUMED};
	for (size_t i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->pieces[i];
		const struct thread_range *range = &lane->ranges[piece->range];
		spend(lane, world, piece->start_ns, &presumed);
		if (range->is_gap)
			spend_gap(lane, world, piece, range);
		else
			spend_wait(lane, world, piece->end_ns, range, &wakes[piece->range]);
	}
	free(wakes);
	lane->range_count -= count;
	memmove(lane->ranges, lane->ranges + count, lane->range_count * sizeof *lane->ranges);
}

/* The agent tells a thread's totals once a second when they have grown. What follows the last ones and is older than a second was
 * therefore not spent running: a wait whose end nobody saw. */
static void rest_unended(struct thread_time *lane, struct thread_world *world)
{
	uint64_t open_ns = lane->window.open.all;
	if (!lane->was_checked || open_ns <= EVENT_ROUND_NS)
		return;
	struct amount rest = amount_between(lane->end_ns - open_ns, lane->end_ns - EVENT_ROUND_NS,
					    world->from_ns, world->to_ns);
	lane->window.open.all -= rest.all;
	lane->window.open.inside -= rest.inside;
	struct object_id object = {.kind = OBJECT_UNENDED};
	uint32_t site = wait_sites_find(world->sites, lane->index, WAIT_UNSEEN, object, 0);
	window_wait(&lane->window, world->sites, site, POOL_SETTLED, rest, 1);
	wait_sites_count(world->sites, site, rest.inside);
}

void thread_time_finish(struct thread_time *lane, struct thread_world *world)
{
	static const struct stretch open = {.meaning = STRETCH_OPEN};
	thread_time_settle(lane, world, UINT64_MAX);
	spend(lane, world, lane->end_ns, &open);
	/* Totals read when the thread had just ended are those of its end. */
	if (lane->checkpoint_count)
		close_first_window(lane, world);
	rest_unended(lane, world);
	const struct window_totals nothing = {0};
	window_close(&lane->window, world->sites, lane->index, &lane->states, &nothing, !lane->was_checked);
}
