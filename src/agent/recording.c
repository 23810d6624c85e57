/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/recording.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "agent/clock_choice.h"
#include "agent/drain.h"
#include "agent/host.h"
#include "agent/listener.h"
#include "agent/mappings.h"
#include "agent/proc_file.h"
#include "agent/recorded.h"
#include "agent/stack_nodes.h"
#include "agent/symbolize.h"
#include "agent/totals.h"
#include "base/memory.h"

enum {
	DRAIN_MS_LEAST = 50,      /* between two drains while events come thick */
	DRAIN_MS = 200,           /* … while some come: a fraction of what the arena holds */
	DRAIN_MS_MOST = 1000,     /* … and while none do: beside an idle program the agent sleeps */
	MANY_EVENTS = 20000,      /* in one drain */
	PENDING_MAX = 2 << 20,    /* bytes held before a segment ends early */
	TAKE_BACK_NS = 200000000, /* an exec that failed is taken back sooner than this */
};

struct recording {
	struct recording_options options;
	struct journal journal;
	struct listener *listener;
	struct recorded *living;
	struct unseen unseen;
	uint64_t processes;
	int epoll, timer;
	unsigned drain_ms;
	uint64_t segment_ends_ns;
	bool is_past_first_segment;
};

static void set_timer(struct recording *recording, unsigned milliseconds)
{
	struct itimerspec when = {.it_value = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000}};
	timerfd_settime(recording->timer, 0, &when, NULL);
	recording->drain_ms = milliseconds;
}

static void watch(struct recording *recording, int fd, struct recorded *recorded)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = recorded};
	epoll_ctl(recording->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* What the times of the segment that ends now mean. */
static void tell_clock_pair(struct journal *journal)
{
	struct clock_pair pair = clock_take_pair(journal->clock);
	event_put_clock_pair(trace_writer_fact(journal->writer, journal->clock, EVENT_CLOCK_PAIR_MAX),
			     pair.ticks, pair.monotonic_ns, pair.uncertainty_ns);
}

static void tell_start(struct recording *recording)
{
	static const char recorder[] = "tickbird " TB_VERSION;
	struct journal *journal = &recording->journal;
	const struct recording_options *options = &recording->options;
	struct timespec wall;
	tell_clock_pair(journal);
	clock_gettime(CLOCK_REALTIME, &wall);
	size_t most = EVENT_RECORDING_START_MAX + strlen(options->command) + strlen(options->directory) +
		      strlen(recorder);
	event_put_recording_start(trace_writer_fact(journal->writer, journal->clock, most),
				  journal_now(journal),
				  (uint64_t)wall.tv_sec * 1000000000u + (uint64_t)wall.tv_nsec,
				  options->threshold_ns, options->command, strlen(options->command),
				  options->directory, strlen(options->directory), recorder, strlen(recorder));
	host_tell(journal);
}

struct recording *recording_open(const struct recording_options *options, struct trace_sink sink,
				 struct error *out_error)
{
	struct arena_terms terms = {.size = options->arena_size, .threshold_ns = options->threshold_ns};
	terms.clock = clock_choose(NULL, 0);
	clock_measure_rates(terms.ticks_per_second);
	struct listener *listener = listener_open(&terms, out_error);
	if (!listener)
		return NULL;

	struct recording *recording = memory_allocate(sizeof *recording);
	recording->options = *options;
	recording->listener = listener;
	recording->epoll = epoll_create1(EPOLL_CLOEXEC);
	recording->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	recording->segment_ends_ns = clock_monotonic_ns() + EVENT_ROUND_NS;
	journal_init(&recording->journal, trace_writer_create(sink), terms.clock);
	watch(recording, recording->timer, NULL);
	watch(recording, listener_fd(listener), NULL);
	set_timer(recording, DRAIN_MS_LEAST);
	tell_start(recording);
	return recording;
}

const char *recording_socket(const struct recording *recording)
{
	return listener_name(recording->listener);
}

int recording_fd(const struct recording *recording)
{
	return recording->epoll;
}

size_t recording_living(const struct recording *recording)
{
	size_t count = 0;
	for (const struct recorded *recorded = recording->living; recorded; recorded = recorded->next)
		count++;
	return count;
}

static struct recorded *find_living(const struct recording *recording, uint32_t pid)
{
	struct recorded *recorded = recording->living;
	while (recorded && recorded->pid != pid)
		recorded = recorded->next;
	return recorded;
}

/* Takes all that is left of the process and forgets it. */
static void end_process(struct recording *recording, struct recorded *recorded)
{
	struct journal *journal = &recording->journal;
	drain_rest(recorded, journal);
	totals_tell_last(recorded, journal);
	struct trace_moment end = recorded_now(recorded, journal);
	event_put_process_end(trace_writer_fact(journal->writer, end.clock, EVENT_PROCESS_END_MAX), end.ticks,
			      recorded->process);

	struct recorded **link = &recording->living;
	while (*link != recorded)
		link = &(*link)->next;
	*link = recorded->next;
	recorded_destroy(recorded);
}

static void read_mappings_again(struct recording *recording, struct recorded *recorded)
{
	char *text = proc_read(NULL, "/proc/%u/maps", recorded->pid);
	if (text && *text) {
		mappings_update(recorded, &recording->journal, text);
		stack_nodes_place(recorded, &recording->journal);
	}
	free(text);
}

/* The process is what it said it would become: what it was before has ended. */
static void settle(struct recording *recording, const struct unseen_notice_taken *notice)
{
	struct recorded *before = notice->is_exec ? find_living(recording, notice->pid) : NULL;
	if (before) {
		before->is_replaced = true;
		before->replaced = notice->moment;
		before->replaced_counts = notice->counts;
		end_process(recording, before);
	}
	unseen_settle(&recording->unseen, &recording->journal, notice);
}

static void settle_process(struct recording *recording, uint32_t pid)
{
	const struct unseen_notice_taken *notice = unseen_find(&recording->unseen, pid);
	if (notice)
		settle(recording, notice);
}

static void settle_due(struct recording *recording, uint64_t age_ns)
{
	const struct unseen_notice_taken *notice;
	while ((notice = unseen_due(&recording->unseen, clock_monotonic_ns(), age_ns)))
		settle(recording, notice);
}

/* The process is gone. */
static void end_over(struct recording *recording, uint32_t pid)
{
	settle_process(recording, pid);
	struct recorded *recorded = find_living(recording, pid);
	if (recorded)
		end_process(recording, recorded);
}

static void take_notice(struct recording *recording, struct newcomer *newcomer)
{
	if (newcomer->notice_kind == PROGRAM_FITS) {
		unseen_take_back(&recording->unseen, newcomer->pid);
		return;
	}
	unseen_add(&recording->unseen,
		   (struct unseen_notice_taken){
			   .pid = newcomer->child ? newcomer->child : newcomer->pid,
			   .parent_pid = newcomer->child ? newcomer->pid : proc_parent(newcomer->pid),
			   .kind = newcomer->notice_kind,
			   .is_exec = !newcomer->child,
			   .path = newcomer->executable,
			   .moment = newcomer->start,
			   .counts = newcomer->counts,
			   .taken_ns = clock_monotonic_ns(),
		   });
	newcomer->executable = NULL;
	settle_due(recording, TAKE_BACK_NS);
}

static void welcome_newcomers(struct recording *recording)
{
	for (struct newcomer *newcomer = listener_take(recording->listener); newcomer;) {
		struct newcomer *next = newcomer->next;
		if (newcomer->is_notice) {
			take_notice(recording, newcomer);
			newcomer_destroy(newcomer);
			newcomer = next;
			continue;
		}
		settle_process(recording, newcomer->pid);
		struct recorded *before = find_living(recording, newcomer->pid);
		if (before) {
			before->is_replaced = true;
			before->replaced = newcomer->start;
			before->replaced_counts = newcomer->counts;
			end_process(recording, before);
		}
		const struct recorded *parent =
			newcomer->forked_from ? find_living(recording, newcomer->forked_from) : NULL;
		struct recorded *recorded = recorded_create(newcomer, parent, &recording->journal);
		newcomer_destroy(newcomer);
		recorded->next = recording->living;
		recording->living = recorded;
		recording->processes++;
		if (recorded->pidfd >= 0)
			watch(recording, recorded->pidfd, recorded);
		newcomer = next;
	}
	uint64_t refused = listener_take_refused(recording->listener);
	if (refused)
		journal_lost(&recording->journal, 0, "process_refused", refused);
}

/* The kernel may change its mind about its clock: from then on new chunks carry the other one. */
static void follow_clock(struct recording *recording)
{
	struct journal *journal = &recording->journal;
	enum trace_clock clock = clock_choose(NULL, 0);
	if (clock == journal->clock)
		return;
	tell_clock_pair(journal);
	journal->clock = clock;
	tell_clock_pair(journal);
	listener_set_clock(recording->listener, clock);
	for (struct recorded *recorded = recording->living; recorded; recorded = recorded->next) {
		struct arena_header *header = recorded->shared.arena.header;
		atomic_store_explicit(&header->clock, clock, memory_order_relaxed);
		atomic_store_explicit(&header->next_pair_ticks, 0,
				      memory_order_relaxed); /* it was told in the old one */
	}
}

static void write_out(struct recording *recording)
{
	tell_clock_pair(&recording->journal);
	trace_writer_flush(recording->journal.writer);
}

static void end_segment(struct recording *recording)
{
	follow_clock(recording);
	settle_due(recording, TAKE_BACK_NS);
	for (struct recorded *recorded = recording->living; recorded; recorded = recorded->next) {
		totals_tell(recorded, &recording->journal);
		if (recorded->has_unknown_code)
			read_mappings_again(recording, recorded);
	}
	write_out(recording);
	recording->segment_ends_ns = clock_monotonic_ns() + EVENT_ROUND_NS;
	recording->is_past_first_segment = true;
}

static void drain_all(struct recording *recording)
{
	uint64_t events = 0;
	for (struct recorded *recorded = recording->living, *next; recorded; recorded = next) {
		next = recorded->next;
		if (recorded->is_over)
			end_over(recording, recorded->pid);
		else
			events += drain_process(recorded, &recording->journal);
	}
	if (clock_monotonic_ns() >= recording->segment_ends_ns ||
	    trace_writer_pending(recording->journal.writer) > PENDING_MAX)
		end_segment(recording);
	else if (!recording->is_past_first_segment)
		write_out(recording); /* a recorder that is killed soon has written something */
	unsigned slower = 2 * recording->drain_ms < DRAIN_MS_MOST ? 2 * recording->drain_ms : DRAIN_MS_MOST;
	set_timer(recording, events >= MANY_EVENTS ? DRAIN_MS_LEAST : events ? DRAIN_MS : slower);
}

void recording_turn(struct recording *recording)
{
	struct epoll_event events[32];
	int count = epoll_wait(recording->epoll, events, sizeof events / sizeof *events, 0);
	bool is_time = false;
	for (int i = 0; i < count; i++) {
		struct recorded *recorded = events[i].data.ptr;
		if (recorded)
			recorded->is_over = true;
		else
			is_time = true;
	}
	welcome_newcomers(recording);
	uint64_t expirations;
	is_time = is_time && read(recording->timer, &expirations, sizeof expirations) == sizeof expirations;
	if (is_time) {
		drain_all(recording);
		return;
	}
	for (struct recorded *recorded = recording->living, *next; recorded; recorded = next) {
		next = recorded->next;
		if (recorded->is_over)
			end_over(recording, recorded->pid);
	}
}

void recording_reap(struct recording *recording, uint32_t pid)
{
	welcome_newcomers(recording);
	end_over(recording, pid);
}

void recording_tell_unseen(struct recording *recording, uint32_t pid, enum program_kind kind,
			   const char *path)
{
	struct journal *journal = &recording->journal;
	unseen_add(&recording->unseen, (struct unseen_notice_taken){
					       .pid = pid,
					       .parent_pid = (uint32_t)getpid(),
					       .kind = kind,
					       .path = memory_copy_text(path, strlen(path)),
					       .moment = {journal_now(journal), journal->clock},
				       });
}

/* A process that outlives the recording: what it wrote so far, and no more. */
static void let_live(struct recording *recording, struct recorded *recorded)
{
	atomic_store_explicit(&recorded->shared.arena.header->is_recording, 0, memory_order_relaxed);
	if (recorded->has_unknown_code)
		read_mappings_again(recording, recorded);
	totals_tell(recorded, &recording->journal);
	end_process(recording, recorded);
}

static void recording_destroy(struct recording *recording)
{
	listener_close(recording->listener);
	trace_writer_destroy(recording->journal.writer);
	journal_fini(&recording->journal);
	unseen_fini(&recording->unseen);
	close(recording->epoll);
	close(recording->timer);
	free(recording);
}

void recording_abandon(struct recording *recording)
{
	while (recording->living)
		let_live(recording, recording->living);
	recording_destroy(recording);
}

int recording_finish(struct recording *recording, int exit_code, struct recording_summary *out_summary,
		     struct error *out_error)
{
	struct journal *journal = &recording->journal;
	listener_stop(recording->listener);
	welcome_newcomers(recording);
	settle_due(recording, 0);
	while (recording->living)
		let_live(recording, recording->living);
	if (recording->options.has_symbols)
		symbolize(journal);
	tell_clock_pair(journal);
	event_put_recording_end(trace_writer_fact(journal->writer, journal->clock, EVENT_RECORDING_END_MAX),
				journal_now(journal), (uint64_t)exit_code, journal->lost_events);

	int result = trace_writer_finish(journal->writer, out_error);
	*out_summary = (struct recording_summary){
		.events = trace_writer_events(journal->writer),
		.lost_events = journal->lost_events,
		.bytes = trace_writer_bytes(journal->writer),
		.processes = recording->processes,
		.unseen = recording->unseen,
	};
	recording->unseen = (struct unseen){0};
	recording_destroy(recording);
	return result;
}
