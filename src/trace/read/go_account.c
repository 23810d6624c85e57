/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go_account.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>

/* Processes of Go traces have numbers, and their strings ids, that no other trace uses. */
static uint64_t process_number(unsigned trace)
{
	return UINT64_C(1) << 62 | (uint64_t)trace << 32;
}

/* A goroutine's state is that of the scheduler (enum go_goroutine_status, GO_LOST), with the time in a call in two parts. */
enum { CALL_WITHOUT_PROCESSOR = GO_LOST + 1 };

/* What a living goroutine is doing. By its slot. */
struct progress {
	uint64_t since_ns;
	uint64_t stack; /* node: where it blocked; or where the wait began behind which it is ready */
	uint64_t assist_since_ns;
	uint32_t lane;
	uint32_t last_site;  /* of its waits; SITE_NONE */
	uint32_t last_waker; /* of its waits */
	uint32_t held;       /* slot of the processor that it holds in a call; ID_MAP_NONE */
	uint32_t name;       /* text of its function */
	uint16_t reason;     /* of the wait */
	uint8_t state;
	bool is_asked;
	bool is_seen_ready; /* it became ready in the trace */
};

enum { SITE_NONE = UINT32_MAX };

struct go_account {
	struct go_reader *reader;
	struct go_order *order;
	struct go_places places;
	struct survey *survey;
	struct ledger *ledger;
	uint32_t process; /* index */
	go_asked asked;
	const void *asked_state;
	const struct go_event *first; /* the first sync, read when the account was opened */
	uint64_t start_ns, now_ns, events;

	struct progress *progress; /* by slot */
	size_t progress_capacity;
	uint32_t *
		holders; /* slot of the goroutine in a call that holds the processor; by the processor's slot */
	size_t holder_capacity;
	uint64_t *sweep_since_ns; /* by the processor's slot; 0 none */
	uint16_t *reasons;        /* by text; 0 not known yet: WAIT_LOCK is none of Go's */
	size_t reason_capacity;
	uint32_t *groups; /* by text; 0: none yet, else + 1 */
	size_t group_capacity;
	uint16_t call_reason;
	uint64_t gc_since_ns, stop_since_ns;
	uint64_t goroutines_alive;
};

/* --- tables that grow ------------------------------------------------------------------------------------------------ */

/* Makes place for `index` in an array of items that are zero at first. */
static void *grow_zeroed(void *items, size_t *capacity, size_t index, size_t item_size)
{
	if (index < *capacity)
		return items;
	size_t larger = 2 * index + 64;
	items = memory_resize(items, larger, item_size);
	memset((char *)items + *capacity * item_size, 0, (larger - *capacity) * item_size);
	*capacity = larger;
	return items;
}

static struct progress *progress_of(struct go_account *account, uint32_t slot)
{
	account->progress =
		grow_zeroed(account->progress, &account->progress_capacity, slot, sizeof *account->progress);
	return &account->progress[slot];
}

/* Room for the processor in both of its tables. */
static void reach_processor(struct go_account *account, uint32_t slot)
{
	size_t capacity = account->holder_capacity;
	account->holders =
		grow_zeroed(account->holders, &account->holder_capacity, slot, sizeof *account->holders);
	account->sweep_since_ns =
		grow_zeroed(account->sweep_since_ns, &capacity, slot, sizeof *account->sweep_since_ns);
}

/* Habits of the runtime's reasons, where they are not HABIT_NEVER. The words are the runtime's (runtime/trace.go). */
static enum wait_habit habit_of(const char *word)
{
	static const struct {
		const char *word;
		enum wait_habit habit;
	} habits[] = {
		{"chan receive", HABIT_LOOP},
		{"select", HABIT_LOOP},
		{"sync.(*Cond).Wait", HABIT_LOOP},
		{"network", HABIT_LOOP},
		{"sleep", HABIT_LIFE},
		{"forever", HABIT_LIFE},
		{"", HABIT_LIFE},
	};
	for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
		if (!strcmp(habits[i].word, word))
			return habits[i].habit;
	return HABIT_NEVER;
}

/* The ledger's number of a reason; the same word of two traces is one reason. */
static uint16_t add_reason(struct ledger *ledger, const char *word)
{
	for (size_t i = 0; i < ledger->reasons.more_count; i++)
		if (!strcmp(ledger->reasons.more[i].word, word))
			return (uint16_t)(WAIT_REASON_COUNT + i);
	return wait_reasons_add(&ledger->reasons, word, habit_of(word));
}

static uint16_t reason_of(struct go_account *account, uint32_t text)
{
	account->reasons =
		grow_zeroed(account->reasons, &account->reason_capacity, text, sizeof *account->reasons);
	if (!account->reasons[text])
		account->reasons[text] = add_reason(account->ledger, go_places_name(&account->places, text));
	return account->reasons[text];
}

/* The runtime's own goroutines. */
static bool is_background(const char *function)
{
	return !strncmp(function, "runtime.", 8) && strcmp(function, "runtime.main") != 0;
}

static uint32_t group_of(struct go_account *account, uint32_t text)
{
	account->groups =
		grow_zeroed(account->groups, &account->group_capacity, text, sizeof *account->groups);
	if (!account->groups[text]) {
		const char *name = go_places_name(&account->places, text);
		account->groups[text] =
			1 + ledger_add_group(account->ledger,
					     (struct lane_group){.name = name,
								 .process = account->process,
								 .kind = LANE_GOROUTINE,
								 .is_background = is_background(name)});
	}
	return account->groups[text] - 1;
}

/* --- states ---------------------------------------------------------------------------------------------------------- */

/* Where waits of this goroutine at this stack are added up. */
static uint32_t site_of(struct go_account *account, const struct progress *progress, unsigned reason)
{
	uint32_t root = progress->stack ? go_places_root(&account->places, progress->stack) : progress->name;
	return wait_sites_find(&account->ledger->sites, group_of(account, root), reason,
			       (struct object_id){0}, progress->stack);
}

static void settle_wait(struct go_account *account, struct progress *progress, unsigned reason,
			struct amount spent)
{
	struct ledger *ledger = account->ledger;
	uint32_t share = ledger_recall_wait(ledger, progress->lane, reason, progress->stack);
	if (share != LANE_WAIT_NONE) {
		progress->last_site = ledger->lane_waits[share].site;
		ledger->lane_waits[share].ns += spent.inside;
	} else {
		progress->last_site = site_of(account, progress, reason);
		ledger_add_wait(ledger, progress->lane, progress->last_site, spent.inside);
	}
	if (!progress->is_asked)
		return;
	amount_add(&ledger->sites.sites[progress->last_site].blocked, spent);
	wait_sites_count(&ledger->sites, progress->last_site, spent.inside);
}

static void settle_ready(struct go_account *account, struct progress *progress, struct amount spent,
			 bool is_over)
{
	struct ledger *ledger = account->ledger;
	ledger->lanes[progress->lane].runnable_ns += spent.inside;
	if (is_over && progress->is_seen_ready && progress->is_asked && spent.all == spent.inside)
		delays_add(&ledger->ready, spent.all);
}

/* Charges the time since the last change to the state that ends, or goes on (is_over 0: the trace ends). */
static void settle(struct go_account *account, struct progress *progress, bool is_over)
{
	struct lane *lane = &account->ledger->lanes[progress->lane];
	struct amount spent = ledger_amount(account->ledger, progress->since_ns, account->now_ns);
	progress->since_ns = account->now_ns;
	if (!spent.all)
		return;
	switch (progress->state) {
	case GO_RUNNING:
		lane->running_ns += spent.inside;
		break;
	case GO_RUNNABLE:
		settle_ready(account, progress, spent, is_over);
		break;
	case GO_SYSCALL:
		lane->call_ns += spent.inside;
		break;
	case GO_WAITING:
		settle_wait(account, progress, progress->reason, spent);
		break;
	case CALL_WITHOUT_PROCESSOR:
		settle_wait(account, progress, account->call_reason, spent);
		break;
	default:
		lane->unknown_ns += spent.inside;
	}
}

/* The processor is no longer the one of a goroutine in a call. */
static void let_go(struct go_account *account, struct progress *progress)
{
	if (progress->held == ID_MAP_NONE)
		return;
	account->holders[progress->held] = 0;
	progress->held = ID_MAP_NONE;
}

static void learn_name(struct go_account *account, struct progress *progress, uint64_t node)
{
	if (progress->name || !node)
		return;
	struct ledger *ledger = account->ledger;
	struct lane *lane = &ledger->lanes[progress->lane];
	progress->name = go_places_root(&account->places, node);
	uint32_t group = group_of(account, progress->name);
	ledger->groups[lane->group].lanes--;
	lane->group = group;
	ledger->groups[group].lanes++;
	if (account->asked)
		progress->is_asked =
			(uint8_t)account->asked(account->asked_state, lane->id, ledger->groups[group].name);
}

static struct progress *begin(struct go_account *account, const struct go_event *event, uint64_t start_ns)
{
	uint64_t id = account->order->scheduler.goroutines[event->subject].id;
	struct progress *progress = progress_of(account, event->subject);
	struct lane lane = {.id = id,
			    .start_ns = start_ns,
			    .end_ns = start_ns,
			    .group = group_of(account, 0),
			    .first_wait = LANE_WAIT_NONE,
			    .kind = LANE_GOROUTINE};
	*progress = (struct progress){.since_ns = start_ns,
				      .lane = ledger_add_lane(account->ledger, lane),
				      .last_site = SITE_NONE,
				      .held = ID_MAP_NONE,
				      .is_asked = !account->asked ||
						  account->asked(account->asked_state, id, NULL)};
	account->goroutines_alive++;
	ledger_count(account->ledger, account->process, "goroutines", account->goroutines_alive);
	return progress;
}

/* The lane's life is over: what of it is reported is known. */
static void end(struct go_account *account, struct progress *progress)
{
	struct ledger *ledger = account->ledger;
	struct lane *lane = &ledger->lanes[progress->lane];
	ledger->groups[lane->group].life_ns += account->now_ns - lane->start_ns;
	struct amount life = ledger_amount(ledger, lane->start_ns, account->now_ns);
	if (lane->start_ns < ledger->from_ns)
		lane->start_ns = ledger->from_ns;
	lane->end_ns = lane->start_ns + life.inside;
	account->goroutines_alive--;
	ledger_count(account->ledger, account->process, "goroutines", account->goroutines_alive);
}

/* The stack of the goroutine that changes its state, if the event tells it. */
static uint64_t subject_stack(struct go_account *account, const struct go_event *event)
{
	switch (event->type) {
	case GO_GO_CREATE:
	case GO_GO_CREATE_BLOCKED:
	case GO_GO_STOP:
	case GO_GO_BLOCK:
	case GO_GO_SYSCALL_BEGIN:
		return go_places_node(&account->places, event->arguments[1]);
	case GO_GO_STATUS_STACK:
		return go_places_node(&account->places, event->arguments[3]);
	default:
		return 0;
	}
}

static void blame_waker(struct go_account *account, struct progress *progress, const struct go_event *event,
			uint64_t wait_ns)
{
	if (event->type != GO_GO_UNBLOCK || progress->last_site == SITE_NONE || !progress->is_asked)
		return;
	uint64_t node = go_places_node(&account->places, event->arguments[2]);
	if (!node)
		return;
	uint32_t waker = event->actor == ID_MAP_NONE ? progress->lane : account->progress[event->actor].lane;
	wait_sites_blame_again(&account->ledger->sites, progress->last_site, waker, node, wait_ns,
			       &progress->last_waker);
}

static void enter_state(struct go_account *account, struct progress *progress, const struct go_event *event,
			uint64_t node)
{
	progress->state = event->to;
	switch (event->to) {
	case GO_WAITING:
		progress->stack = node;
		progress->reason = reason_of(
			account,
			event->type == GO_GO_BLOCK ? go_order_text(account->order, event->arguments[0]) : 0);
		break;
	case GO_SYSCALL:
		progress->stack = node;
		if (event->p == GO_NONE) {
			progress->state = CALL_WITHOUT_PROCESSOR;
			break;
		}
		progress->held = id_map_find(&account->order->scheduler.processor_slots, event->p);
		reach_processor(account, progress->held);
		account->holders[progress->held] = event->subject + 1;
		break;
	case GO_RUNNABLE:
		progress->is_seen_ready = !event->is_news;
		break;
	default:
		break;
	}
}

static void take_change(struct go_account *account, const struct go_event *event)
{
	struct progress *progress;
	uint64_t node = subject_stack(account, event), before_ns = 0;
	if (event->from == 0 || (event->from == GO_LOST && !event->is_news)) {
		progress = begin(account, event, event->is_news ? account->start_ns : event->time_ns);
	} else if (event->from == event->to) {
		learn_name(account, progress_of(account, event->subject), node);
		return;
	} else {
		progress = progress_of(account, event->subject);
		before_ns = progress->since_ns;
		settle(account, progress, 1);
		let_go(account, progress);
	}
	if (event->from == GO_WAITING)
		blame_waker(account, progress, event,
			    ledger_amount(account->ledger, before_ns, account->now_ns).inside);
	learn_name(account, progress, node);
	if (event->to == 0)
		end(account, progress);
	else
		enter_state(account, progress, event, node);
}

/* A processor that goes idle was taken from the goroutine that was in a call with it. */
static void take_processor_change(struct go_account *account, const struct go_event *event)
{
	if (event->p_to != GO_P_IDLE && event->p_to != GO_P_ABANDONED)
		return;
	if (event->p_from != GO_P_RUNNING && event->p_from != GO_P_SYSCALL)
		return;
	if (event->processor >= account->holder_capacity || !account->holders[event->processor])
		return;
	struct progress *progress = &account->progress[account->holders[event->processor] - 1];
	settle(account, progress, 1);
	let_go(account, progress);
	progress->state = CALL_WITHOUT_PROCESSOR;
}

static void lose(struct go_account *account)
{
	const struct go_scheduler *scheduler = &account->order->scheduler;
	for (uint32_t slot = 0; slot < scheduler->goroutine_count; slot++) {
		if (scheduler->goroutines[slot].status != GO_LOST)
			continue;
		struct progress *progress = progress_of(account, slot);
		settle(account, progress, 0);
		let_go(account, progress);
		progress->state = GO_LOST;
		progress->assist_since_ns = 0;
	}
	if (account->holders)
		memset(account->holders, 0, account->holder_capacity * sizeof *account->holders);
	if (account->sweep_since_ns)
		memset(account->sweep_since_ns, 0,
		       account->holder_capacity * sizeof *account->sweep_since_ns);
	account->gc_since_ns = account->stop_since_ns = 0;
}

/* --- tasks, regions, the collector ----------------------------------------------------------------------------------- */

static struct span_kind *span_of(struct go_account *account, enum span_class class, uint32_t text)
{
	return span_kinds_find(&account->ledger->spans, class, account->process, text,
			       go_places_name(&account->places, text));
}

static bool is_reported(const struct go_account *account, uint64_t start_ns, uint64_t end_ns)
{
	struct amount amount = ledger_amount(account->ledger, start_ns, end_ns);
	return amount.inside > 0;
}

/* Unfinished until it ends. */
static void span_begins(struct go_account *account, enum span_class class, uint32_t text)
{
	span_of(account, class, text)->unfinished++;
}

static void span_ends(struct go_account *account, enum span_class class, uint32_t text, uint64_t begun_ns)
{
	if (!begun_ns)
		return;
	struct span_kind *kind = span_of(account, class, text);
	kind->unfinished--;
	if (is_reported(account, begun_ns, account->now_ns))
		span_kinds_add(&account->ledger->spans, kind, account->now_ns - begun_ns);
}

/* A task of which a log said which span of a distributed trace it is. */
static void link_span(struct go_account *account, const struct go_event *event)
{
	struct span_kinds *spans = &account->ledger->spans;
	if (!event->span_id || event->actor == ID_MAP_NONE ||
	    !is_reported(account, event->begun_ns, account->now_ns))
		return;
	uint32_t kind = (uint32_t)(span_of(account, SPAN_TASK, event->text) - spans->kinds);
	span_kinds_link(spans, (struct linked_span){.span_id = event->span_id,
						    .start_ns = event->begun_ns,
						    .end_ns = account->now_ns,
						    .kind = kind,
						    .lane = account->progress[event->actor].lane});
}

/* The runtime's ranges: names that the trace does not tell. *since_ns: when it began; 0 not at all. */
static void range_begins(struct go_account *account, uint64_t *since_ns, const struct go_event *event)
{
	(void)account;
	*since_ns = event->time_ns;
}

static void range_ends(struct go_account *account, uint64_t *since_ns, const char *name)
{
	if (!*since_ns)
		return;
	uint32_t text = go_texts_intern(account->order->texts, name, strlen(name));
	if (is_reported(account, *since_ns, account->now_ns))
		span_kinds_add(&account->ledger->spans, span_of(account, SPAN_RANGE, text),
			       account->now_ns - *since_ns);
	*since_ns = 0;
}

static uint64_t *assist_of(struct go_account *account, uint64_t id)
{
	static uint64_t nobody;
	uint32_t slot = id_map_find(&account->order->scheduler.goroutine_slots, id);
	return slot == ID_MAP_NONE ? &nobody : &progress_of(account, slot)->assist_since_ns;
}

static uint64_t *sweep_of(struct go_account *account, uint64_t id)
{
	static uint64_t nobody;
	uint32_t slot = id_map_find(&account->order->scheduler.processor_slots, id);
	if (slot == ID_MAP_NONE)
		return &nobody;
	reach_processor(account, slot);
	return &account->sweep_since_ns[slot];
}

static void stop_ends(struct go_account *account, const struct go_event *event)
{
	char name[128];
	snprintf(name, sizeof name, "stop-the-world (%.100s)", go_places_name(&account->places, event->text));
	range_ends(account, &account->stop_since_ns, name);
}

static void take_sample(struct go_account *account, const struct go_event *event)
{
	uint64_t node = go_places_node(&account->places, event->arguments[0]);
	if (!node || !is_reported(account, event->time_ns - 1, event->time_ns))
		return;
	/* Its stack may end below the function that the goroutine was started with. */
	uint32_t slot = id_map_find(&account->order->scheduler.goroutine_slots, event->g);
	uint32_t group = slot == ID_MAP_NONE ? group_of(account, go_places_root(&account->places, node))
					     : account->ledger->lanes[progress_of(account, slot)->lane].group;
	ledger_add_sample(account->ledger, group, node);
}

static void count(struct go_account *account, const char *name, const struct go_event *event)
{
	ledger_count(account->ledger, account->process, name, event->arguments[0]);
}

/* Events that change no goroutine's state. */
static void take_mark(struct go_account *account, const struct go_event *event)
{
	switch (event->type) {
	case GO_USER_TASK_BEGIN:
		span_begins(account, SPAN_TASK, event->text);
		break;
	case GO_USER_TASK_END:
		span_ends(account, SPAN_TASK, event->text, event->begun_ns);
		link_span(account, event);
		break;
	case GO_USER_REGION_BEGIN:
		span_begins(account, SPAN_REGION, event->text);
		break;
	case GO_USER_REGION_END:
		span_ends(account, SPAN_REGION, event->text, event->begun_ns);
		break;
	case GO_GC_BEGIN:
		range_begins(account, &account->gc_since_ns, event);
		break;
	case GO_GC_END:
		range_ends(account, &account->gc_since_ns, "GC concurrent mark phase");
		break;
	case GO_STW_BEGIN:
		range_begins(account, &account->stop_since_ns, event);
		break;
	case GO_STW_END:
		stop_ends(account, event);
		break;
	case GO_GC_MARK_ASSIST_BEGIN:
		range_begins(account, assist_of(account, event->g), event);
		break;
	case GO_GC_MARK_ASSIST_END:
		range_ends(account, assist_of(account, event->g), "GC mark assist");
		break;
	case GO_GC_SWEEP_BEGIN:
		range_begins(account, sweep_of(account, event->p), event);
		break;
	case GO_GC_SWEEP_END:
		range_ends(account, sweep_of(account, event->p), "GC incremental sweep");
		break;
	case GO_HEAP_ALLOC:
		count(account, "heap_bytes", event);
		break;
	case GO_HEAP_GOAL:
		count(account, "heap_goal_bytes", event);
		break;
	case GO_PROCS_CHANGE:
		count(account, "processors", event);
		break;
	case GO_CPU_SAMPLE:
		take_sample(account, event);
		break;
	case GO_EVENT_LOST:
		lose(account);
		break;
	default:
		break;
	}
}

static void take_event(struct go_account *account, const struct go_event *event)
{
	account->events++;
	account->now_ns = event->time_ns;
	if (event->subject != ID_MAP_NONE)
		take_change(account, event);
	else if (event->processor != ID_MAP_NONE)
		take_processor_change(account, event);
	else
		take_mark(account, event);
}

/* --- the whole trace ------------------------------------------------------------------------------------------------- */

struct go_account *go_account_open(struct byte_stream *stream, struct survey *survey, unsigned number,
				   const struct go_limits *limits, bool is_strict, struct error *out_error)
{
	struct go_reader *reader = go_reader_open(stream, limits, is_strict, out_error);
	if (!reader)
		return NULL;
	struct go_account *account = memory_allocate(sizeof *account);
	account->reader = reader;
	account->order = go_reader_order(reader);
	account->survey = survey;
	account->process = process_table_process(&survey->processes, process_number(number));
	go_places_init(&account->places, survey, account->order, process_number(number));
	int result = go_reader_next(reader, &account->first, out_error);
	if (result > 0) {
		account->start_ns = account->first->time_ns;
		return account;
	}
	if (!result)
		error_set(out_error, "the trace holds no events");
	go_account_close(account);
	return NULL;
}

void go_account_close(struct go_account *account)
{
	if (!account)
		return;
	go_places_fini(&account->places);
	go_reader_close(account->reader);
	free(account->progress);
	free(account->holders);
	free(account->sweep_since_ns);
	free(account->reasons);
	free(account->groups);
	free(account);
}

uint64_t go_account_start(const struct go_account *account)
{
	return account->start_ns;
}

/* Those that are alive at the end. */
static void finish(struct go_account *account)
{
	const struct go_scheduler *scheduler = &account->order->scheduler;
	for (uint32_t slot = 0; slot < scheduler->goroutine_count; slot++) {
		if (!scheduler->goroutines[slot].status)
			continue;
		struct progress *progress = progress_of(account, slot);
		bool is_parked = progress->since_ns == account->start_ns && progress->state == GO_WAITING;
		settle(account, progress, 0);
		if (is_parked && progress->is_asked)
			account->ledger->sites.sites[progress->last_site].parked_ns +=
				account->now_ns - account->start_ns;
		end(account, progress);
	}
}

/* The whole recording is at least this trace's time. */
static void extend_recording(struct go_account *account)
{
	struct recording *recording = &account->survey->recording;
	recording->events += account->events;
	if (account->now_ns > recording->end_ns)
		recording->end_ns = account->now_ns;
	const struct go_clock *clock = &go_reader_generation(account->reader)->clock;
	if (!clock->has_snapshot || recording->realtime_ns)
		return;
	uint64_t snapshot_ns = go_clock_ns(clock, clock->snapshot_time);
	uint64_t wall_ns = clock->wall_s * UINT64_C(1000000000) + clock->wall_ns;
	recording->realtime_ns = wall_ns - (snapshot_ns - recording->start_ns);
}

int go_account_read(struct go_account *account, struct ledger *ledger, go_asked asked,
		    const void *asked_state, struct error *out_error)
{
	account->ledger = ledger;
	account->asked = asked;
	account->asked_state = asked_state;
	account->call_reason = add_reason(ledger, "syscall");
	const struct go_event *event = account->first;
	int result = 1;
	for (; result > 0; result = go_reader_next(account->reader, &event, out_error))
		take_event(account, event);
	if (result < 0)
		return -1;
	finish(account);
	extend_recording(account);
	return 0;
}

struct go_condition go_account_condition(const struct go_account *account)
{
	return go_reader_condition(account->reader);
}

unsigned go_account_version(const struct go_account *account)
{
	return go_reader_version(account->reader);
}

uint64_t go_account_refused(const struct go_account *account)
{
	return account->places.refused + account->order->texts->refused;
}
