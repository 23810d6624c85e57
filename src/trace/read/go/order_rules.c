/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each kind of event, and the table that says which event follows which, and what the thread that wrote it must
 * and must not have. */
#include "trace/read/go/order.h"
#include <endian.h>
#include <inttypes.h>
#include <string.h>
#include <stdbool.h>

/* What the thread must have for an event. */
enum {
	NEEDS_M = 1,
	NEEDS_P = 2,
	NEEDS_NO_P = 4,
	NEEDS_G = 8,
	NEEDS_NO_G = 16,
	NEEDS_FIRST = 32, /* looked at before the rule; else by the rule, which may want to wait instead */
	NEEDS_USER = NEEDS_M | NEEDS_P | NEEDS_G,
};

/* The event being tried. */
struct move {
	const struct go_raw_event *raw;
	const uint64_t *arguments;
	uint64_t m;
	struct go_thread *thread; /* NULL: no thread */
	struct go_goroutine *
		current; /* what runs on the thread; NULL: nothing, or it is gone. Until a goroutine is added */
	uint64_t p;
	uint32_t actor; /* slot of current; ID_MAP_NONE */
	uint8_t needs;
	uint64_t g;
};

struct rule {
	enum go_step (*advance)(struct go_order *order, const struct move *move);
	uint8_t needs;
};

#define BROKEN(order, ...) (error_set(&(order)->error, __VA_ARGS__), GO_BROKEN)

static const char *name_of(const struct move *move)
{
	return go_event_types[move->raw->type].name;
}

static enum go_step needs_more(struct go_order *order, const struct move *move)
{
	uint8_t needs = move->needs;
	if (needs & NEEDS_M && move->m == GO_NONE)
		return BROKEN(order, "%s without a thread", name_of(move));
	if (needs & NEEDS_P && move->p == GO_NONE)
		return BROKEN(order, "%s on a thread without a processor", name_of(move));
	if (needs & NEEDS_NO_P && move->p != GO_NONE)
		return BROKEN(order, "%s on a thread with a processor", name_of(move));
	if (needs & NEEDS_G && move->g == GO_NONE)
		return BROKEN(order, "%s on a thread that runs no goroutine", name_of(move));
	return BROKEN(order, "%s on a thread that runs a goroutine", name_of(move));
}

static inline enum go_step check_needs(struct go_order *order, const struct move *move)
{
	/* What it has, and what it has not, in the words of the table. */
	uint8_t meets =
		(uint8_t)((move->m == GO_NONE ? 0 : NEEDS_M) | (move->p == GO_NONE ? NEEDS_NO_P : NEEDS_P) |
			  (move->g == GO_NONE ? NEEDS_NO_G : NEEDS_G) | NEEDS_FIRST);
	return move->needs & ~meets ? needs_more(order, move) : GO_DONE;
}

static uint32_t slot_of(const struct go_order *order, const struct go_goroutine *goroutine)
{
	return (uint32_t)(goroutine - order->scheduler.goroutines);
}

static inline struct go_event *put(struct go_order *order, const struct move *move)
{
	struct go_event *event = &order->outcome[order->outcome_count++];
	event->time_ns = move->raw->time_ns;
	event->arguments = move->arguments;
	event->m = move->m;
	event->p = move->p;
	event->g = move->g;
	event->actor = move->actor;
	event->subject = ID_MAP_NONE;
	event->processor = ID_MAP_NONE;
	event->type = move->raw->type;
	event->is_news = 0;
	event->text = 0;
	event->begun_ns = 0;
	event->span_id = 0;
	return event;
}

/* A change of a goroutine's state. */
static struct go_event *put_change(struct go_order *order, const struct move *move,
				   struct go_goroutine *goroutine, uint8_t to)
{
	struct go_event *event = put(order, move);
	event->subject = slot_of(order, goroutine);
	event->from = goroutine->status;
	event->to = to;
	if (to)
		goroutine->status = to;
	else
		order->leaving = event->subject;
	return event;
}

static struct go_event *put_processor(struct go_order *order, const struct move *move,
				      struct go_processor *processor, uint8_t from, uint8_t to)
{
	struct go_event *event = put(order, move);
	event->processor = (uint32_t)(processor - order->scheduler.processors);
	event->p_from = from;
	event->p_to = to;
	processor->status = to;
	return event;
}

static struct go_processor *own_processor(struct go_order *order, const struct move *move)
{
	return move->p == GO_NONE ? NULL : &order->scheduler.processors[move->thread->processor_slot];
}

static void leave_goroutine(const struct move *move)
{
	move->thread->goroutine = GO_NONE;
}

/* --- processors ------------------------------------------------------------------------------------------------------ */

/* The thread that holds it, NULL when none does. */
static struct go_thread *holder_of(struct go_order *order, uint64_t processor)
{
	struct go_thread *found = NULL;
	for (size_t i = 0; i < order->scheduler.thread_count; i++)
		if (order->scheduler.threads[i].processor == processor)
			found = &order->scheduler.threads[i];
	return found;
}

static enum go_step processor_status(struct go_order *order, const struct move *given)
{
	struct move move = *given;
	uint64_t id = move.arguments[0], status = move.arguments[1];
	if (status > GO_P_ABANDONED)
		return BROKEN(order, "processor %" PRIu64 " has a state that does not exist: %" PRIu64, id,
			      status);
	struct go_scheduler *scheduler = &order->scheduler;
	struct go_processor *processor = go_scheduler_processor(scheduler, id);
	uint8_t from = 0, to = (uint8_t)status;
	if (!processor) {
		processor = go_scheduler_add_processor(scheduler, id);
		if (!processor)
			return BROKEN(order, "more than %" PRIu64 " processors (--max-threads)",
				      scheduler->limits->threads);
	} else if (status == GO_P_ABANDONED && processor->status == GO_P_SYSCALL) {
		/* What was told before is more than what is told now. Who holds it is known still. */
		from = to = GO_P_SYSCALL;
		struct go_thread *holder = holder_of(order, id);
		if (!holder)
			return BROKEN(order,
				      "nobody holds processor %" PRIu64 ", which is about to be stolen", id);
		move.m = holder->id;
		move.p = id;
		move.g = holder->goroutine;
		move.actor = ID_MAP_NONE;
	} else if (processor->status != status) {
		return BROKEN(order, "processor %" PRIu64 " is in state %u and is told to be in %" PRIu64, id,
			      processor->status, status);
	} else {
		from = to;
	}
	processor->sequence = (struct go_sequence){order->generation->number, 0};
	if (to == GO_P_RUNNING || (to == GO_P_SYSCALL && status == GO_P_SYSCALL)) {
		if (move.thread)
			go_thread_hold(scheduler, move.thread, processor);
	}
	put_processor(order, &move, processor, from, to);
	return GO_DONE;
}

static enum go_step processor_start(struct go_order *order, const struct move *move)
{
	struct go_processor *processor = go_scheduler_processor(&order->scheduler, move->arguments[0]);
	uint64_t generation = order->generation->number;
	if (!processor || processor->status != GO_P_IDLE ||
	    !go_sequence_follows(processor->sequence, generation, move->arguments[1]) || move->p != GO_NONE)
		return GO_WAIT;
	if (check_needs(order, move) != GO_DONE)
		return GO_BROKEN;
	processor->sequence.count = move->arguments[1];
	put_processor(order, move, processor, GO_P_IDLE, GO_P_RUNNING);
	go_thread_hold(&order->scheduler, move->thread, processor);
	return GO_DONE;
}

static enum go_step processor_stop(struct go_order *order, const struct move *move)
{
	struct go_processor *processor = own_processor(order, move);
	if (processor->status != GO_P_RUNNING && processor->status != GO_P_SYSCALL)
		return BROKEN(order, "processor %" PRIu64 " stops and was not running", processor->id);
	put_processor(order, move, processor, processor->status, GO_P_IDLE);
	move->thread->processor = GO_NONE;
	return GO_DONE;
}

static enum go_step processor_steal(struct go_order *order, const struct move *move)
{
	uint64_t id = move->arguments[0], from_thread = move->arguments[2];
	struct go_processor *processor = go_scheduler_processor(&order->scheduler, id);
	if (!processor || (processor->status != GO_P_SYSCALL && processor->status != GO_P_ABANDONED) ||
	    !go_sequence_follows(processor->sequence, order->generation->number, move->arguments[1]))
		return GO_WAIT;
	if (check_needs(order, move) != GO_DONE)
		return GO_BROKEN;
	if (processor->status == GO_P_SYSCALL) {
		struct go_thread *robbed = from_thread == move->m
						   ? move->thread
						   : go_scheduler_thread(&order->scheduler, from_thread);
		if (!robbed)
			return BROKEN(order,
				      "processor %" PRIu64 " is stolen from thread %" PRIu64
				      ", which does not exist",
				      id, from_thread);
		if (robbed->processor != id)
			return BROKEN(order,
				      "processor %" PRIu64 " is stolen from thread %" PRIu64
				      ", which does not hold it",
				      id, from_thread);
		robbed->processor = GO_NONE;
	}
	processor->sequence.count = move->arguments[1];
	put_processor(order, move, processor, processor->status, GO_P_IDLE);
	return GO_DONE;
}

/* --- goroutines ------------------------------------------------------------------------------------------------------ */

static struct go_goroutine *new_goroutine(struct go_order *order, uint64_t id, uint8_t status)
{
	struct go_goroutine *goroutine = go_scheduler_add_goroutine(&order->scheduler, id);
	if (!goroutine) {
		error_set(&order->error, "more than %" PRIu64 " goroutines at a time (--max-goroutines)",
			  order->scheduler.limits->goroutines);
		return NULL;
	}
	goroutine->status = status;
	goroutine->sequence = (struct go_sequence){order->generation->number, 0};
	return goroutine;
}

/* A goroutine's status in a system call: on which thread it is, and whether that can be. */
static enum go_step bind_in_call(struct go_order *order, struct move *move, struct go_goroutine *goroutine)
{
	struct go_scheduler *scheduler = &order->scheduler;
	uint64_t m = move->arguments[1];
	if (m == GO_NONE)
		return BROKEN(order, "goroutine %" PRIu64 " is in a system call without a thread",
			      goroutine->id);
	struct go_thread *thread = m == move->m ? move->thread : go_scheduler_thread(scheduler, m);
	bool is_first = order->generation->number == scheduler->first_generation;
	if (thread && thread->goroutine != goroutine->id && !(m == move->m && is_first))
		return BROKEN(order,
			      "goroutine %" PRIu64 " is in a system call on thread %" PRIu64
			      ", which has another one",
			      goroutine->id, m);
	if (m == move->m) {
		go_thread_run(scheduler, thread, goroutine);
		return GO_DONE;
	}
	/* It sits in a call that lasts longer than the generation: it has no processor. */
	move->p = GO_NONE;
	move->m = m;
	if (thread) {
		move->g = thread->goroutine;
		return GO_DONE;
	}
	thread = go_scheduler_add_thread(scheduler, m);
	if (!thread)
		return BROKEN(order, "more than %" PRIu64 " threads (--max-threads)",
			      scheduler->limits->threads);
	go_thread_run(scheduler, thread, goroutine);
	return GO_DONE;
}

static enum go_step goroutine_status(struct go_order *order, const struct move *given)
{
	struct move move = *given;
	uint64_t id = move.arguments[0], status = move.arguments[2];
	if (status > GO_WAITING)
		return BROKEN(order, "goroutine %" PRIu64 " has a state that does not exist: %" PRIu64, id,
			      status);
	struct go_goroutine *goroutine = go_scheduler_goroutine(&order->scheduler, id);
	bool is_first = order->generation->number == order->scheduler.first_generation;
	uint8_t from = (uint8_t)status;
	bool is_news = false;
	if (goroutine && goroutine->status != GO_LOST) {
		if (goroutine->status != status)
			return BROKEN(order,
				      "goroutine %" PRIu64 " is in state %u and is told to be in %" PRIu64,
				      id, goroutine->status, status);
	} else if (!is_first && !goroutine) {
		return BROKEN(order, "goroutine %" PRIu64 " is first heard of long after the start", id);
	} else {
		from = goroutine ? GO_LOST : 0;
		is_news = 1;
		if (!goroutine && !(goroutine = new_goroutine(order, id, (uint8_t)status)))
			return GO_BROKEN;
	}
	goroutine->sequence = (struct go_sequence){order->generation->number, 0};
	uint32_t slot = slot_of(order, goroutine);
	if (status == GO_RUNNING && move.thread)
		go_thread_run(&order->scheduler, move.thread, goroutine);
	else if (status == GO_SYSCALL && bind_in_call(order, &move, goroutine) != GO_DONE)
		return GO_BROKEN;
	struct go_event *event =
		put_change(order, &move, &order->scheduler.goroutines[slot], (uint8_t)status);
	event->from = from;
	event->is_news = is_news;
	return GO_DONE;
}

static enum go_step add_new(struct go_order *order, const struct move *move, uint8_t status)
{
	uint64_t id = move->arguments[0];
	struct go_goroutine *old = go_scheduler_goroutine(&order->scheduler, id);
	if (old && old->status != GO_LOST)
		return BROKEN(order, "goroutine %" PRIu64 " is created and exists already", id);
	struct go_goroutine *goroutine = old ? old : new_goroutine(order, id, status);
	if (!goroutine)
		return GO_BROKEN;
	goroutine->sequence = (struct go_sequence){order->generation->number, 0};
	struct go_event *event = put_change(order, move, goroutine, status);
	event->from = old ? GO_LOST : 0;
	if (status == GO_SYSCALL)
		go_thread_run(&order->scheduler, move->thread, goroutine);
	return GO_DONE;
}

static enum go_step create(struct go_order *order, const struct move *move)
{
	if (move->current && move->current->status != GO_RUNNING)
		return BROKEN(order, "goroutine %" PRIu64 " creates another and is not running", move->g);
	return add_new(order, move, move->raw->type == GO_GO_CREATE_BLOCKED ? GO_WAITING : GO_RUNNABLE);
}

static enum go_step create_in_call(struct go_order *order, const struct move *move)
{
	return add_new(order, move, GO_SYSCALL);
}

static enum go_step start(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = go_scheduler_goroutine(&order->scheduler, move->arguments[0]);
	if (!goroutine || goroutine->status != GO_RUNNABLE ||
	    !go_sequence_follows(goroutine->sequence, order->generation->number, move->arguments[1]))
		return GO_WAIT;
	if (check_needs(order, move) != GO_DONE)
		return GO_BROKEN;
	goroutine->sequence.count = move->arguments[1];
	put_change(order, move, goroutine, GO_RUNNING);
	go_thread_run(&order->scheduler, move->thread, goroutine);
	return GO_DONE;
}

/* The goroutine of the thread, when it is in that state; else NULL with an error. */
static struct go_goroutine *current_in(struct go_order *order, const struct move *move, uint8_t status)
{
	struct go_goroutine *goroutine = move->current;
	if (!goroutine)
		error_set(&order->error, "%s of goroutine %" PRIu64 ", which does not exist", name_of(move),
			  move->g);
	else if (goroutine->status != status)
		error_set(&order->error, "%s of goroutine %" PRIu64 " in state %u", name_of(move), move->g,
			  goroutine->status);
	else
		return goroutine;
	return NULL;
}

static enum go_step stop_running(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = current_in(order, move, GO_RUNNING);
	if (!goroutine)
		return GO_BROKEN;
	uint8_t to = move->raw->type == GO_GO_STOP    ? GO_RUNNABLE
		     : move->raw->type == GO_GO_BLOCK ? GO_WAITING
						      : 0;
	put_change(order, move, goroutine, to);
	leave_goroutine(move);
	return GO_DONE;
}

static enum go_step unblock(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = go_scheduler_goroutine(&order->scheduler, move->arguments[0]);
	if (!goroutine || goroutine->status != GO_WAITING ||
	    !go_sequence_follows(goroutine->sequence, order->generation->number, move->arguments[1]))
		return GO_WAIT;
	goroutine->sequence.count = move->arguments[1];
	put_change(order, move, goroutine, GO_RUNNABLE);
	return GO_DONE;
}

/* Three in one: the other is unblocked, this one blocks or ends, the other starts. */
static enum go_step switch_to(struct go_order *order, const struct move *move)
{
	static const uint64_t nothing[GO_ARGUMENTS_MAX];
	struct go_goroutine *self = current_in(order, move, GO_RUNNING);
	if (!self)
		return GO_BROKEN;
	struct go_goroutine *other = go_scheduler_goroutine(&order->scheduler, move->arguments[0]);
	if (!other || other->status != GO_WAITING ||
	    !go_sequence_follows(other->sequence, order->generation->number, move->arguments[1]))
		return GO_WAIT;
	bool is_end = move->raw->type == GO_GO_SWITCH_DESTROY;
	put_change(order, move, other, GO_RUNNABLE);
	struct go_event *event = put_change(order, move, self, is_end ? 0 : GO_WAITING);
	event->type = is_end ? GO_GO_DESTROY : GO_GO_BLOCK;
	event->arguments = nothing;
	event = put_change(order, move, other, GO_RUNNING);
	event->type = GO_GO_START;
	event->g = GO_NONE;
	event->actor = ID_MAP_NONE;
	other->sequence.count = move->arguments[1];
	go_thread_run(&order->scheduler, move->thread, other);
	return GO_DONE;
}

/* --- system calls ---------------------------------------------------------------------------------------------------- */

static enum go_step call_begin(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = current_in(order, move, GO_RUNNING);
	if (!goroutine)
		return GO_BROKEN;
	struct go_processor *processor = own_processor(order, move);
	if (!go_sequence_follows(processor->sequence, order->generation->number, move->arguments[0]))
		return BROKEN(order, "a system call on processor %" PRIu64 " is not the next thing it does",
			      processor->id);
	processor->sequence.count = move->arguments[0];
	struct go_event *event = put_change(order, move, goroutine, GO_SYSCALL);
	event->processor = (uint32_t)(processor - order->scheduler.processors);
	event->p_from = processor->status;
	event->p_to = processor->status = GO_P_SYSCALL;
	return GO_DONE;
}

static enum go_step call_end(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = current_in(order, move, GO_SYSCALL);
	if (!goroutine)
		return GO_BROKEN;
	struct go_processor *processor = own_processor(order, move);
	if (processor->status != GO_P_SYSCALL)
		return BROKEN(order, "a system call ends on processor %" PRIu64 ", which is in none",
			      processor->id);
	struct go_event *event = put_change(order, move, goroutine, GO_RUNNING);
	event->processor = (uint32_t)(processor - order->scheduler.processors);
	event->p_from = GO_P_SYSCALL;
	event->p_to = processor->status = GO_P_RUNNING;
	return GO_DONE;
}

/* It lost its processor meanwhile; as long as it still has it in the call, that is yet to come. */
static enum go_step call_end_blocked(struct go_order *order, const struct move *move)
{
	struct go_processor *processor = own_processor(order, move);
	if (processor && processor->status == GO_P_SYSCALL)
		return GO_WAIT;
	if (check_needs(order, move) != GO_DONE)
		return GO_BROKEN;
	struct go_goroutine *goroutine = current_in(order, move, GO_SYSCALL);
	if (!goroutine)
		return GO_BROKEN;
	put_change(order, move, goroutine, GO_RUNNABLE);
	leave_goroutine(move);
	return GO_DONE;
}

/* The thread's id may be used again by another thread: what it held is let go of here. */
static enum go_step destroy_in_call(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = current_in(order, move, GO_SYSCALL);
	if (!goroutine)
		return GO_BROKEN;
	struct go_processor *processor = own_processor(order, move);
	if (processor) {
		static const uint64_t nothing[GO_ARGUMENTS_MAX];
		if (processor->status != GO_P_SYSCALL)
			return BROKEN(order,
				      "a goroutine ends in a system call, and its processor %" PRIu64
				      " is in none",
				      processor->id);
		struct go_event *event = put_processor(order, move, processor, GO_P_SYSCALL, GO_P_ABANDONED);
		event->type = GO_PROC_STEAL;
		event->arguments = nothing;
		move->thread->processor = GO_NONE;
	}
	put_change(order, move, goroutine, 0);
	leave_goroutine(move);
	return GO_DONE;
}

/* --- tasks and regions ----------------------------------------------------------------------------------------------- */

static bool has_text(const struct go_order *order, uint64_t string_id)
{
	return !string_id || go_generation_string(order->generation, string_id);
}

static enum go_step no_text(struct go_order *order, const struct move *move, uint64_t string_id)
{
	return BROKEN(order, "%s names string %" PRIu64 ", which is not there", name_of(move), string_id);
}

static uint64_t now_ns(const struct go_order *order, const struct move *move)
{
	return move->raw->time_ns > order->last_ns ? move->raw->time_ns : order->last_ns + 1;
}

static enum go_step task_begin(struct go_order *order, const struct move *move)
{
	struct go_task task = {.id = move->arguments[0], .parent = move->arguments[1]};
	if (go_scheduler_task(&order->scheduler, task.id))
		return BROKEN(order, "task %" PRIu64 " begins and has not ended yet", task.id);
	if (order->is_strict && !has_text(order, move->arguments[2]))
		return no_text(order, move, move->arguments[2]);
	task.name = go_order_text(order, move->arguments[2]);
	task.start_ns = now_ns(order, move);
	if (go_scheduler_begin_task(&order->scheduler, task))
		return BROKEN(order, "more than %" PRIu64 " tasks at a time (--max-tasks)",
			      order->scheduler.limits->tasks);
	struct go_event *event = put(order, move);
	event->text = task.name;
	event->parent = task.parent;
	return GO_DONE;
}

/* A task that began before the trace may end in it. */
static enum go_step task_end(struct go_order *order, const struct move *move)
{
	struct go_event *event = put(order, move);
	const struct go_task *task = go_scheduler_task(&order->scheduler, move->arguments[0]);
	if (!task)
		return GO_DONE;
	event->text = task->name;
	event->begun_ns = task->start_ns;
	event->parent = task->parent;
	event->span_id = task->span_id;
	go_scheduler_end_task(&order->scheduler, task->id);
	return GO_DONE;
}

/* A log may say which span its task is. */
static enum go_step take_log(struct go_order *order, const struct move *move)
{
	struct go_task *task = go_scheduler_task(&order->scheduler, move->arguments[0]);
	const struct go_string *value = go_generation_string(order->generation, move->arguments[2]);
	uint64_t span_id;
	if (task && value && value->size == sizeof span_id &&
	    go_order_text(order, move->arguments[1]) == order->span_key) {
		memcpy(&span_id, value->bytes, sizeof span_id);
		task->span_id = le64toh(span_id);
	}
	put(order, move);
	return GO_DONE;
}

static enum go_step region_begin(struct go_order *order, const struct move *move)
{
	if (!move->current)
		return BROKEN(order, "a region begins in a goroutine that does not exist");
	if (order->is_strict && !has_text(order, move->arguments[1]))
		return no_text(order, move, move->arguments[1]);
	struct go_region region = {.task = move->arguments[0],
				   .name = go_order_text(order, move->arguments[1]),
				   .start_ns = now_ns(order, move)};
	if (go_goroutine_enter(&order->scheduler, move->current, region))
		return BROKEN(order, "more than %" PRIu64 " regions inside one another (--max-nesting)",
			      order->scheduler.limits->nesting);
	put(order, move)->text = region.name;
	return GO_DONE;
}

static bool is_region(const struct go_region *region, uint64_t task, uint32_t name)
{
	return region->task == task && region->name == name;
}

/* A region that ends before those inside it takes them along; one that never began is let pass. */
static int forgive_mismatch(struct go_order *order, const struct move *move, uint32_t name)
{
	struct go_scheduler *scheduler = &order->scheduler;
	struct go_goroutine *goroutine = move->current;
	uint64_t task = move->arguments[0];
	if (!order->mismatched_regions++) {
		const struct go_region *inner = &scheduler->regions[goroutine->region];
		error_set(&order->mismatch,
			  "region \"%.100s\" of goroutine %" PRIu64 " ends inside region \"%.100s\"",
			  order->texts->texts[name].bytes, goroutine->id,
			  order->texts->texts[inner->name].bytes);
	}
	uint32_t index = goroutine->region;
	while (index && !is_region(&scheduler->regions[index], task, name))
		index = scheduler->regions[index].outer;
	while (index && goroutine->region != index)
		go_goroutine_leave(scheduler, goroutine);
	return index != 0;
}

static enum go_step region_end(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = move->current;
	if (!goroutine)
		return BROKEN(order, "a region ends in a goroutine that does not exist");
	if (order->is_strict && !has_text(order, move->arguments[1]))
		return no_text(order, move, move->arguments[1]);
	uint32_t name = go_order_text(order, move->arguments[1]);
	struct go_event *event = put(order, move);
	event->text = name;
	if (!goroutine->region)
		return GO_DONE; /* it began before the trace */
	const struct go_region *inner = &order->scheduler.regions[goroutine->region];
	if (!is_region(inner, move->arguments[0], name)) {
		if (order->is_strict)
			return BROKEN(order,
				      "region \"%.100s\" of goroutine %" PRIu64
				      " ends inside region \"%.100s\"",
				      order->texts->texts[name].bytes, goroutine->id,
				      order->texts->texts[inner->name].bytes);
		if (!forgive_mismatch(order, move, name))
			return GO_DONE;
	}
	event->begun_ns = go_goroutine_leave(&order->scheduler, goroutine).start_ns;
	return GO_DONE;
}

/* --- the garbage collector, stop-the-world and marks ----------------------------------------------------------------- */

static enum go_step gc_active(struct go_order *order, const struct move *move)
{
	struct go_scheduler *scheduler = &order->scheduler;
	if (order->generation->number == scheduler->first_generation) {
		if (scheduler->gc != GC_UNKNOWN)
			return BROKEN(order, "GCActive is not the first word of the collector");
	} else {
		if (move->arguments[0] != scheduler->gc_sequence + 1)
			return GO_WAIT;
		if (scheduler->gc != GC_ON)
			return BROKEN(order, "GCActive and no collection is going on");
		if (check_needs(order, move) != GO_DONE)
			return GO_BROKEN;
	}
	scheduler->gc = GC_ON;
	scheduler->gc_sequence = move->arguments[0];
	put(order, move);
	return GO_DONE;
}

static enum go_step gc_begin(struct go_order *order, const struct move *move)
{
	struct go_scheduler *scheduler = &order->scheduler;
	if (scheduler->gc != GC_UNKNOWN) {
		if (move->arguments[0] != scheduler->gc_sequence + 1)
			return GO_WAIT;
		if (scheduler->gc == GC_ON)
			return BROKEN(order, "a collection begins and one is going on");
		if (check_needs(order, move) != GO_DONE)
			return GO_BROKEN;
	}
	scheduler->gc = GC_ON;
	scheduler->gc_sequence = move->arguments[0];
	put(order, move);
	return GO_DONE;
}

static enum go_step gc_end(struct go_order *order, const struct move *move)
{
	struct go_scheduler *scheduler = &order->scheduler;
	if (move->arguments[0] != scheduler->gc_sequence + 1)
		return GO_WAIT;
	if (scheduler->gc != GC_ON)
		return BROKEN(order, "a collection ends and none is known to go on");
	if (check_needs(order, move) != GO_DONE)
		return GO_BROKEN;
	scheduler->gc = GC_OFF;
	scheduler->gc_sequence = move->arguments[0];
	put(order, move);
	return GO_DONE;
}

static enum go_step begin_flag(struct go_order *order, const struct move *move, bool *is_open)
{
	if (*is_open)
		return BROKEN(order, "%s inside another", name_of(move));
	*is_open = 1;
	put(order, move);
	return GO_DONE;
}

static enum go_step end_flag(struct go_order *order, const struct move *move, bool *is_open)
{
	if (!*is_open)
		return BROKEN(order, "%s without a beginning", name_of(move));
	*is_open = 0;
	put(order, move);
	return GO_DONE;
}

/* In the first generation it is news, later it must be known. */
static enum go_step active_flag(struct go_order *order, const struct move *move, bool *is_open)
{
	bool is_first = order->generation->number == order->scheduler.first_generation;
	if (*is_open == is_first)
		return BROKEN(order, is_first ? "%s is told twice" : "%s without a beginning", name_of(move));
	*is_open = 1;
	put(order, move);
	return GO_DONE;
}

static enum go_step sweep_active(struct go_order *order, const struct move *move)
{
	struct go_processor *processor = go_scheduler_processor(&order->scheduler, move->arguments[0]);
	if (!processor)
		return BROKEN(order, "%s of processor %" PRIu64 ", which is not known", name_of(move),
			      move->arguments[0]);
	return active_flag(order, move, &processor->is_sweeping);
}

static enum go_step sweep_begin(struct go_order *order, const struct move *move)
{
	return begin_flag(order, move, &own_processor(order, move)->is_sweeping);
}

static enum go_step sweep_end(struct go_order *order, const struct move *move)
{
	return end_flag(order, move, &own_processor(order, move)->is_sweeping);
}

static enum go_step nobody(struct go_order *order, const struct move *move)
{
	return BROKEN(order, "%s of a goroutine that is not known", name_of(move));
}

static enum go_step assist_active(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = go_scheduler_goroutine(&order->scheduler, move->arguments[0]);
	return goroutine ? active_flag(order, move, &goroutine->is_assisting) : nobody(order, move);
}

static enum go_step assist_begin(struct go_order *order, const struct move *move)
{
	return move->current ? begin_flag(order, move, &move->current->is_assisting) : nobody(order, move);
}

static enum go_step assist_end(struct go_order *order, const struct move *move)
{
	return move->current ? end_flag(order, move, &move->current->is_assisting) : nobody(order, move);
}

static enum go_step stop_begin(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = move->current;
	if (!goroutine)
		return nobody(order, move);
	uint32_t kind = go_order_text(order, move->arguments[0]);
	for (uint8_t i = 0; i < goroutine->stop_count; i++)
		if (goroutine->stops[i] == kind)
			return BROKEN(order, "%s inside another of its kind", name_of(move));
	if (goroutine->stop_count == GO_STOPS_MAX)
		return BROKEN(order, "more than %d kinds of stop-the-world at a time", GO_STOPS_MAX);
	goroutine->stops[goroutine->stop_count++] = kind;
	put(order, move)->text = kind;
	return GO_DONE;
}

static enum go_step stop_end(struct go_order *order, const struct move *move)
{
	struct go_goroutine *goroutine = move->current;
	if (!goroutine)
		return nobody(order, move);
	if (!goroutine->stop_count)
		return BROKEN(order, "%s without a beginning", name_of(move));
	put(order, move)->text = goroutine->stops[0];
	goroutine->stops[0] = goroutine->stops[--goroutine->stop_count];
	return GO_DONE;
}

static enum go_step mark(struct go_order *order, const struct move *move)
{
	put(order, move);
	return GO_DONE;
}

/* --- the table ------------------------------------------------------------------------------------------------------- */

static const struct rule rules[GO_EVENT_NUMBERS] = {
	[GO_PROCS_CHANGE] = {mark, NEEDS_FIRST | NEEDS_USER},
	[GO_PROC_START] = {processor_start, NEEDS_M | NEEDS_NO_P},
	[GO_PROC_STOP] = {processor_stop, NEEDS_FIRST | NEEDS_M | NEEDS_P},
	[GO_PROC_STEAL] = {processor_steal, NEEDS_M},
	[GO_PROC_STATUS] = {processor_status, 0},
	[GO_GO_CREATE] = {create, NEEDS_FIRST | NEEDS_M | NEEDS_P},
	[GO_GO_CREATE_BLOCKED] = {create, NEEDS_FIRST | NEEDS_M | NEEDS_P},
	[GO_GO_CREATE_SYSCALL] = {create_in_call, NEEDS_FIRST | NEEDS_M | NEEDS_NO_G},
	[GO_GO_START] = {start, NEEDS_M | NEEDS_P | NEEDS_NO_G},
	[GO_GO_DESTROY] = {stop_running, NEEDS_FIRST | NEEDS_USER},
	[GO_GO_DESTROY_SYSCALL] = {destroy_in_call, NEEDS_FIRST | NEEDS_M | NEEDS_G},
	[GO_GO_STOP] = {stop_running, NEEDS_FIRST | NEEDS_USER},
	[GO_GO_BLOCK] = {stop_running, NEEDS_FIRST | NEEDS_USER},
	[GO_GO_UNBLOCK] = {unblock, 0},
	[GO_GO_SYSCALL_BEGIN] = {call_begin, NEEDS_FIRST | NEEDS_USER},
	[GO_GO_SYSCALL_END] = {call_end, NEEDS_FIRST | NEEDS_USER},
	[GO_GO_SYSCALL_END_BLOCKED] = {call_end_blocked, NEEDS_M | NEEDS_G},
	[GO_GO_STATUS] = {goroutine_status, 0},
	[GO_GO_STATUS_STACK] = {goroutine_status, 0},
	[GO_GO_SWITCH] = {switch_to, NEEDS_FIRST | NEEDS_USER},
	[GO_GO_SWITCH_DESTROY] = {switch_to, NEEDS_FIRST | NEEDS_USER},
	[GO_STW_BEGIN] = {stop_begin, NEEDS_FIRST | NEEDS_USER},
	[GO_STW_END] = {stop_end, NEEDS_FIRST | NEEDS_USER},
	[GO_GC_ACTIVE] = {gc_active, NEEDS_USER},
	[GO_GC_BEGIN] = {gc_begin, NEEDS_USER},
	[GO_GC_END] = {gc_end, NEEDS_USER},
	[GO_GC_SWEEP_ACTIVE] = {sweep_active, 0},
	[GO_GC_SWEEP_BEGIN] = {sweep_begin, NEEDS_FIRST | NEEDS_M | NEEDS_P},
	[GO_GC_SWEEP_END] = {sweep_end, NEEDS_FIRST | NEEDS_M | NEEDS_P},
	[GO_GC_MARK_ASSIST_ACTIVE] = {assist_active, 0},
	[GO_GC_MARK_ASSIST_BEGIN] = {assist_begin, NEEDS_FIRST | NEEDS_USER},
	[GO_GC_MARK_ASSIST_END] = {assist_end, NEEDS_FIRST | NEEDS_USER},
	[GO_HEAP_ALLOC] = {mark, NEEDS_FIRST | NEEDS_M | NEEDS_P},
	[GO_HEAP_GOAL] = {mark, NEEDS_FIRST | NEEDS_M | NEEDS_P},
	[GO_GO_LABEL] = {mark, NEEDS_FIRST | NEEDS_USER},
	[GO_USER_TASK_BEGIN] = {task_begin, NEEDS_FIRST | NEEDS_USER},
	[GO_USER_TASK_END] = {task_end, NEEDS_FIRST | NEEDS_USER},
	[GO_USER_REGION_BEGIN] = {region_begin, NEEDS_FIRST | NEEDS_USER},
	[GO_USER_REGION_END] = {region_end, NEEDS_FIRST | NEEDS_USER},
	[GO_USER_LOG] = {take_log, NEEDS_FIRST | NEEDS_USER},
	[GO_SPAN] = {mark, NEEDS_FIRST | NEEDS_M},
	[GO_SPAN_ALLOC] = {mark, NEEDS_FIRST | NEEDS_M},
	[GO_SPAN_FREE] = {mark, NEEDS_FIRST | NEEDS_M},
	[GO_HEAP_OBJECT] = {mark, NEEDS_FIRST | NEEDS_M},
	[GO_HEAP_OBJECT_ALLOC] = {mark, NEEDS_FIRST | NEEDS_M},
	[GO_HEAP_OBJECT_FREE] = {mark, NEEDS_FIRST | NEEDS_M},
	[GO_GOROUTINE_STACK] = {mark, NEEDS_FIRST | NEEDS_M},
	[GO_GOROUTINE_STACK_ALLOC] = {mark, NEEDS_FIRST | NEEDS_M},
	[GO_GOROUTINE_STACK_FREE] = {mark, NEEDS_FIRST | NEEDS_M},
};

/* Every id of a string or stack must be there. */
static enum go_step check_ids(struct go_order *order, const struct go_raw_event *raw)
{
	const struct go_event_type *type = &go_event_types[raw->type];
	if (!(type->strings | type->stacks))
		return GO_DONE;
	for (unsigned i = 0; i < type->argument_count; i++) {
		uint64_t id = raw->arguments[i];
		if (type->stacks >> i & 1 && id && !go_generation_stack(order->generation, id))
			return BROKEN(order, "%s names stack %" PRIu64 ", which is not there", type->name,
				      id);
		if (type->strings >> i & 1 && !has_text(order, id))
			return BROKEN(order, "%s names string %" PRIu64 ", which is not there", type->name,
				      id);
	}
	return GO_DONE;
}

/* The goroutine that a thread runs; it may be gone when a hostile trace let two threads run it. */
static struct go_goroutine *running_on(struct go_scheduler *scheduler, const struct go_thread *thread)
{
	if (thread->goroutine == GO_NONE)
		return NULL;
	struct go_goroutine *goroutine = &scheduler->goroutines[thread->goroutine_slot];
	if (goroutine->status && goroutine->id == thread->goroutine)
		return goroutine;
	return go_scheduler_goroutine(scheduler, thread->goroutine);
}

static struct go_thread *thread_of(struct go_order *order, uint64_t m, uint32_t *slot)
{
	struct go_scheduler *scheduler = &order->scheduler;
	if (*slot != ID_MAP_NONE)
		return &scheduler->threads[*slot];
	struct go_thread *thread = go_scheduler_thread(scheduler, m);
	if (!thread)
		thread = go_scheduler_add_thread(scheduler, m);
	if (thread)
		*slot = (uint32_t)(thread - scheduler->threads);
	return thread;
}

enum go_step go_order_advance(struct go_order *order, uint64_t m, uint32_t *thread,
			      const struct go_raw_event *raw)
{
	struct go_scheduler *scheduler = &order->scheduler;
	if (!scheduler->first_generation)
		scheduler->first_generation = order->generation->number;
	const struct rule *rule = &rules[raw->type];
	struct move move = {.raw = raw,
			    .arguments = raw->arguments,
			    .m = m,
			    .p = GO_NONE,
			    .g = GO_NONE,
			    .actor = ID_MAP_NONE,
			    .needs = rule->needs};
	if (m != GO_NONE) {
		move.thread = thread_of(order, m, thread);
		if (!move.thread)
			return BROKEN(order, "more than %" PRIu64 " threads (--max-threads)",
				      scheduler->limits->threads);
		move.p = move.thread->processor;
		move.g = move.thread->goroutine;
		move.current = running_on(scheduler, move.thread);
		if (move.current)
			move.actor = slot_of(order, move.current);
	}
	order->outcome_count = 0;
	if (rule->needs & NEEDS_FIRST && check_needs(order, &move) != GO_DONE)
		return GO_BROKEN;
	enum go_step step = rule->advance(order, &move);
	if (step != GO_DONE)
		return step;
	for (size_t i = 0; i < order->outcome_count; i++)
		order->outcome[i].time_ns = go_order_tick(order, order->outcome[i].time_ns);
	return order->is_strict ? check_ids(order, raw) : GO_DONE;
}
