/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/window.h"
#include "base/memory.h"
#include <stdbool.h>
#include <stdlib.h>

enum {
	/* The way from a waker's call to the woken thread's first instruction that is not run-queue delay. */
	WAKING_NS = 100 * 1000,
	/* Edges and delays are told by two clocks at two places. */
	DELAY_SLACK_NS = 4 * 1000 * 1000,
};

void window_fini(struct window *window)
{
	free(window->touched);
	*window = (struct window){0};
}

static struct wait_site *touch(struct window *window, struct wait_sites *sites, uint32_t index)
{
	struct wait_site *site = &sites->sites[index];
	if (!site->is_in_window) {
		site->is_in_window = true;
		MEMORY_GROW(window->touched, window->touched_count, window->touched_capacity);
		window->touched[window->touched_count++] = index;
	}
	return site;
}

void window_wait(struct window *window, struct wait_sites *sites, uint32_t index, enum wait_pool pool,
		 struct amount what, bool is_inferred)
{
	struct wait_site *site = touch(window, sites, index);
	amount_add(&site->window[pool], what);
	if (is_inferred)
		site->window_inferred += what.inside;
}

static uint64_t pool_total(const struct window *window, const struct wait_sites *sites, enum wait_pool pool)
{
	uint64_t total = 0;
	for (size_t i = 0; i < window->touched_count; i++)
		total += sites->sites[window->touched[i]].window[pool].all;
	return total;
}

uint64_t window_runnable(const struct window *window, const struct wait_sites *sites)
{
	return pool_total(window, sites, POOL_WOKEN) + window->preempted.all;
}

static struct amount site_take(struct wait_site *site, enum wait_pool pool, uint64_t all)
{
	uint64_t inside = 0;
	for (int i = 0; i < POOL_COUNT; i++)
		inside += site->window[i].inside;
	struct amount taken = amount_take(&site->window[pool], all);
	site->window_inferred -= share_of(site->window_inferred, taken.inside, inside);
	return taken;
}

/* Takes `all` out of a pool of all sites, from each in proportion, and puts it into `to` or, without one, back into the same site's
 * settled pool. Returns what was taken. */
static struct amount pool_take(struct window *window, struct wait_sites *sites, enum wait_pool pool,
			       uint64_t all, struct amount *to)
{
	uint64_t total = pool_total(window, sites, pool), passed = 0, given = 0;
	struct amount sum = {0};
	if (all > total)
		all = total;
	for (size_t i = 0; i < window->touched_count && given < all; i++) {
		struct wait_site *site = &sites->sites[window->touched[i]];
		passed += site->window[pool].all;
		uint64_t due = share_of(all, passed, total) - given;
		given += due;
		struct amount taken = site_take(site, pool, due);
		amount_add(&sum, taken);
		amount_add(to ? to : &site->window[POOL_SETTLED], taken);
		if (!to)
			site->window_inferred += taken.inside;
	}
	return sum;
}

struct closing {
	struct window *window;
	struct wait_sites *sites;
	uint32_t group;
	struct lane_states *states;
	const struct window_totals *totals;
	struct window_result result;
	uint64_t delay_left;           /* run-queue delay that nothing was put down to yet */
	uint64_t throttled_left;       /* the same of the quota */
	struct amount runnable;        /* of this window */
	uint64_t runnable_inferred_ns; /* of its inside */
};

static void infer(struct closing *closing, struct amount *state, struct amount what)
{
	amount_add(state, what);
	closing->states->inferred_ns += what.inside;
}

static void infer_runnable(struct closing *closing, struct amount what)
{
	infer(closing, &closing->runnable, what);
	closing->runnable_inferred_ns += what.inside;
}

/* An edge that only might have ended a wait (a signal for another waiter, then a time-out) makes more runnable time than the kernel
 * counted: the surplus was waiting. */
static void settle_woken(struct closing *closing)
{
	const struct window_totals *totals = closing->totals;
	uint64_t woken = pool_total(closing->window, closing->sites, POOL_WOKEN);
	uint64_t seen = woken + closing->window->preempted.all;
	uint64_t allowed = totals->delay_ns + DELAY_SLACK_NS + WAKING_NS * closing->window->splits;
	if (totals->has_delay && seen > allowed) {
		uint64_t surplus = seen - allowed < woken ? seen - allowed : woken;
		pool_take(closing->window, closing->sites, POOL_WOKEN, surplus, NULL);
		seen -= surplus;
	}
	closing->delay_left = !totals->has_delay ? 0 : totals->delay_ns > seen ? totals->delay_ns - seen : 0;
}

static void settle_mixed(struct closing *closing)
{
	struct amount moved = {0};
	pool_take(closing->window, closing->sites, POOL_MIXED, closing->delay_left, &moved);
	closing->delay_left -= moved.all;
	infer_runnable(closing, moved);
}

/* Open time is the first to be doubted: nothing was checked in it. */
static struct amount take_presumed(struct window *window, uint64_t all, struct amount *out_open)
{
	*out_open = amount_take(&window->open, all);
	struct amount taken = amount_take(&window->presumed, all - out_open->all);
	amount_add(&taken, *out_open);
	return taken;
}

static void put_unseen(struct closing *closing, enum object_kind kind, struct amount what)
{
	if (!what.all)
		return;
	struct object_id object = {.kind = kind};
	uint32_t site = wait_sites_find(closing->sites, closing->group, WAIT_UNSEEN, object, 0);
	window_wait(closing->window, closing->sites, site, POOL_SETTLED, what, 1);
	wait_sites_count(closing->sites, site, what.inside);
}

/* More was presumed to run than did. */
static void settle_excess(struct closing *closing, uint64_t excess)
{
	struct window *window = closing->window;
	const struct window_totals *totals = closing->totals;
	if (excess <= totals->cpu_slack_ns)
		return;
	struct amount open;
	bool is_preempted =
		!totals->has_delay && totals->has_switches && totals->voluntary_switches <= window->waits;
	uint64_t delayed = is_preempted                   ? excess
			   : excess < closing->delay_left ? excess
							  : closing->delay_left;
	infer_runnable(closing, take_presumed(window, delayed, &open));
	closing->delay_left -= is_preempted ? 0 : delayed;
	excess -= delayed;

	/* The kernel counts time out of quota as run-queue delay: only what that cannot hold may be found here. */
	uint64_t delay_seen = closing->runnable.all + window_runnable(window, closing->sites);
	uint64_t held = closing->throttled_left > delay_seen ? closing->throttled_left - delay_seen : 0;
	held = held < excess ? held : excess;
	infer(closing, &closing->states->throttled, take_presumed(window, held, &open));
	closing->throttled_left -= held;
	closing->result.runnable_ns += held;
	excess -= held;

	struct amount rest = take_presumed(window, excess, &open);
	put_unseen(closing, OBJECT_UNENDED, open);
	closing->result.unexplained = (struct amount){rest.all - open.all, rest.inside - open.inside};
	put_unseen(closing, OBJECT_NONE, closing->result.unexplained);
}

/* More ran than was presumed: calls that waited also worked (a long copy), or a wait's end was late. */
static void settle_shortage(struct closing *closing, uint64_t shortage)
{
	static const enum wait_pool order[] = {POOL_OPEN, POOL_MIXED, POOL_SETTLED, POOL_WOKEN};
	struct amount moved = {0};
	uint64_t waiting = 0;
	for (int i = 0; i < POOL_WOKEN; i++)
		waiting += pool_total(closing->window, closing->sites, order[i]);
	uint64_t from_waiting = shortage < waiting ? shortage : waiting, passed = 0;
	for (int i = 0; i < POOL_WOKEN; i++) {
		uint64_t due =
			share_of(from_waiting, passed + pool_total(closing->window, closing->sites, order[i]),
				 waiting) -
			moved.all;
		passed += pool_total(closing->window, closing->sites, order[i]);
		pool_take(closing->window, closing->sites, order[i], due, &moved);
	}
	pool_take(closing->window, closing->sites, POOL_WOKEN, shortage - from_waiting, &moved);
	infer(closing, &closing->states->running, moved);
	closing->result.running_ns += moved.all;
}

static void settle_cpu(struct closing *closing)
{
	const struct window_totals *totals = closing->totals;
	uint64_t presumed = closing->window->presumed.all + closing->window->open.all;
	if (presumed > totals->cpu_ns)
		settle_excess(closing, presumed - totals->cpu_ns);
	else if (totals->cpu_ns - presumed > totals->cpu_before_ns)
		settle_shortage(closing, totals->cpu_ns - presumed - totals->cpu_before_ns);
}

/* What is left of the delay lies at the end of waits that somebody outside ended. */
static void settle_late_wakes(struct closing *closing)
{
	struct amount moved = {0};
	if (!closing->totals->cpu_before_ns)
		pool_take(closing->window, closing->sites, POOL_OPEN, closing->delay_left, &moved);
	closing->delay_left -= moved.all;
	infer_runnable(closing, moved);
}

static void settle_throttled(struct closing *closing)
{
	uint64_t inside = closing->runnable.inside;
	struct amount held = amount_take(&closing->runnable, closing->throttled_left);
	amount_add(&closing->states->throttled, held);
	closing->states->inferred_ns +=
		held.inside - share_of(closing->runnable_inferred_ns, held.inside, inside);
	closing->result.runnable_ns += held.all;
}

static void close_sites(struct closing *closing)
{
	for (size_t i = 0; i < closing->window->touched_count; i++) {
		struct wait_site *site = &closing->sites->sites[closing->window->touched[i]];
		struct amount woken = site->window[POOL_WOKEN];
		uint64_t blocked_inside = 0;
		for (int pool = 0; pool < POOL_WOKEN; pool++) {
			amount_add(&site->blocked, site->window[pool]);
			blocked_inside += site->window[pool].inside;
		}
		/* Provenance is shared in proportion between the wait and the time behind its edge. */
		uint64_t woken_inferred =
			share_of(site->window_inferred, woken.inside, woken.inside + blocked_inside);
		amount_add(&site->woken, woken);
		amount_add(&closing->runnable, woken);
		closing->states->inferred_ns += woken_inferred;
		closing->runnable_inferred_ns += woken_inferred;
		site->inferred_ns += site->window_inferred - woken_inferred;
		for (int pool = 0; pool < POOL_COUNT; pool++)
			site->window[pool] = (struct amount){0};
		site->window_inferred = 0;
		site->is_in_window = false;
	}
	closing->window->touched_count = 0;
}

struct window_result window_close(struct window *window, struct wait_sites *sites, uint32_t group,
				  struct lane_states *states, const struct window_totals *totals,
				  bool is_unknown)
{
	struct closing closing = {.window = window,
				  .sites = sites,
				  .group = group,
				  .states = states,
				  .totals = totals,
				  .throttled_left = totals->throttled_ns};
	settle_woken(&closing);
	settle_mixed(&closing);
	if (totals->has_cpu) {
		settle_cpu(&closing);
		settle_late_wakes(&closing);
		amount_add(&states->running, window->open);
	} else {
		amount_add(&states->unknown, window->open);
	}
	closing.result.running_ns += window->presumed.all + window->open.all;
	if (is_unknown)
		amount_add(&states->unknown, window->presumed);
	else if (totals->has_cpu)
		amount_add(&states->running, window->presumed);
	else
		infer(&closing, &states->running, window->presumed);
	amount_add(&closing.runnable, window->preempted);
	close_sites(&closing);
	settle_throttled(&closing);
	amount_add(&states->runnable, closing.runnable);
	closing.result.runnable_ns += closing.runnable.all;

	uint32_t *touched = window->touched;
	size_t capacity = window->touched_capacity;
	*window = (struct window){.touched = touched, .touched_capacity = capacity};
	return closing.result;
}
