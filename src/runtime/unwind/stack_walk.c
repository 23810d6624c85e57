/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/unwind/stack_walk.h"
#include "runtime/unwind/code.h"
#include "runtime/unwind/rule_cache.h"
#include "runtime/unwind/walk.h"

enum { WORD = 8, LOWEST_CODE = 4096, CODE_BITS = 47 };

void stack_walk_init(const void *own_code)
{
	code_init(own_code);
}

/* New frames go into the memo from its end downwards, leaf first, while the old ones towards the root are still to be
 * recognised:
 *
 *   memo->frames:  old, from the root … `old` │ dead │ next … new, to the leaf
 */
struct frames {
	struct memo *memo;
	struct memo_frame
		*old; /* the last old frame that may still be recognised; in front of the first: none */
	struct memo_frame *next; /* where the next frame goes */
	unsigned loose;          /* new frames, from the leaf, that the next walk may not recognise */
};

static inline __attribute__((always_inline)) unsigned new_count(const struct frames *frames)
{
	return (unsigned)(frames->memo->frames + STACK_DEPTH_MAX - 1 - frames->next);
}

static inline __attribute__((always_inline)) void put(struct frames *frames, uint64_t pc, uint64_t sp,
						      uint64_t bp, uintptr_t bp_slot, bool is_exact)
{
	struct memo_frame *frame = frames->next--;
	frame->pc = pc;
	frame->sp = sp;
	frame->bp = bp;
	frame->bp_slot = bp_slot;
	frame->path = is_exact;
	if (frames->old > frames->next)
		frames->old = frames->next;
}

/* Whether all words are as they were. Independent loads: they wait for nothing but the memory. */
static inline __attribute__((always_inline)) bool are_unchanged(const struct memo_word *words, unsigned count)
{
	uint64_t difference = 0;
	for (const struct memo_word *word = words, *end = words + count; word < end; word++)
		difference |= *(const uint64_t *)word->address ^ word->value;
	return __builtin_expect(!difference, 1);
}

static unsigned words_up_to(const struct memo *memo, const struct memo_frame *frame)
{
	return frame < memo->frames ? 0 : frame->words;
}

/* Of the frames in front of one some word has changed: the last of those whose own have. */
static struct memo_frame *last_changed(struct memo *memo, struct memo_frame *frame)
{
	do {
		frame--;
	} while (frame > memo->frames && are_unchanged(memo->words + words_up_to(memo, frame - 1),
						       frame->words - words_up_to(memo, frame - 1)));
	return frame;
}

/* Whether the walk has come to a frame of the last one, and all that it found from there on is as it was. */
static inline __attribute__((always_inline)) bool is_known_from_here(struct frames *frames, uint64_t pc,
								     uint64_t sp, uint64_t bp)
{
	struct memo_frame *first = frames->memo->frames, *old = frames->old;
	while (old >= first && old->sp < sp)
		old--;
	frames->old = old;
	if (old < first || old->sp != sp || old->pc != pc || old->bp != bp)
		return false;
	if (are_unchanged(frames->memo->words, words_up_to(frames->memo, old - 1)))
		return true;
	frames->old = last_changed(frames->memo, old) - 1; /* whatever stands before it leads over it */
	return false;
}

/* Where no code can be, no frame is; a pc and an rbp of 0 are how the first frame of a thread is left. */
static inline __attribute__((always_inline)) bool is_code(uint64_t pc)
{
	return __builtin_expect(pc - LOWEST_CODE < (UINT64_C(1) << CODE_BITS) - LOWEST_CODE, 1);
}

static enum stack_end end_at_no_code(uint64_t pc, uint64_t bp)
{
	return pc || bp ? STACK_END_UNKNOWN_CODE : STACK_WHOLE;
}

/* The address of the last frame turned out to be none of code: it is left out, unless the walk began there. */
static void take_back(const struct walk *walk, struct frames *frames)
{
	if (walk->end == STACK_END_UNKNOWN_CODE && new_count(frames) > 1)
		frames->next++;
}

/* The last old frame that may be recognised on the stack that the walk is on now. */
static struct memo_frame *recognisable(const struct walk *walk, struct memo *memo, uint64_t state)
{
	bool is_same = memo->state == state && rule_cache_is_valid(state) && memo->high == walk->range.high &&
		       memo->epoch == walk->thread->epoch && !walk->range.is_probed;
	return memo->frames + (is_same ? memo->firm : 0) - 1;
}

/* All over again with all registers. */
static __attribute__((noinline)) void walk_slowly(struct walk *walk, struct frames *frames,
						  struct stack_start start)
{
	struct cfi_registers registers;
	walk->end = STACK_END_BAD_RULE;
	if (!slow_lane_begin(walk, start, &registers))
		return;
	walk_begin(walk, start);
	frames->next = frames->memo->frames + STACK_DEPTH_MAX - 1;
	frames->old = frames->memo->frames - 1;
	walk->end = STACK_END_TOO_DEEP;
	while (frames->next >= frames->memo->frames) {
		if (!is_code(walk->pc)) {
			walk->end = end_at_no_code(walk->pc, walk->bp);
			break;
		}
		put(frames, walk->pc, walk->sp, walk->bp, 0, walk->is_exact);
		if (slow_lane_step(walk, &registers) == WALK_STEP_END) {
			take_back(walk, frames);
			break;
		}
	}
	frames->loose = new_count(frames);
}

/* One step that is not the usual one; WALK_STEP_END also when the slow lane has gone all the way. */
static __attribute__((noinline)) enum walk_step step_aside(struct walk *walk, struct frames *frames,
							   struct stack_start start, uint64_t state,
							   uintptr_t *out_bp_slot)
{
	uintptr_t high = walk->range.high;
	bool was_exact = walk->is_exact;
	uint32_t rule = rule_cache_find(walk->pc - !was_exact, state);
	enum walk_step step = walk_step(walk, rule, out_bp_slot);
	if (step == WALK_STEP_SLOW) {
		walk_slowly(walk, frames, start);
		return WALK_STEP_END;
	}
	if (step == WALK_STEP_END)
		take_back(walk, frames);
	if (step == WALK_STEP_LOOSE || was_exact)
		frames->loose = new_count(frames);
	if (walk->range.high != high) /* a signal came while the thread was on another stack */
		frames->old = recognisable(walk, frames->memo, state);
	if (frames->old > frames->next)
		frames->old = frames->next;
	return step;
}

/* Walks until the end, or to a frame from which on all is known: then true. The usual step is written out, with all that it
 * needs in registers: what waits for memory is the address, its rule, and the next address. */
static inline __attribute__((always_inline)) bool walk_frames(struct walk *walk, struct frames *shared,
							      struct stack_start start, uint64_t state)
{
	uintptr_t bp_slot = 0;
	for (;;) {
		struct frames frames = *shared;
		uint64_t pc = walk->pc, sp = walk->sp, bp = walk->bp;
		const uintptr_t high = walk->range.high;
		bool is_exact = walk->is_exact;
		for (;;) {
			bool is_there = is_code(pc), is_room = frames.next >= frames.memo->frames;
			if (__builtin_expect(!is_there || !is_room, 0)) {
				*shared = frames;
				walk->end = is_there ? STACK_END_TOO_DEEP : end_at_no_code(pc, bp);
				return false;
			}
			if (!is_exact && is_known_from_here(&frames, pc, sp, bp)) {
				*shared = frames;
				return true;
			}
			put(&frames, pc, sp, bp, bp_slot, is_exact);
			if (__builtin_expect(is_exact, 0))
				break;
			uint32_t rule = rule_cache_find(pc - 1, state), bp_place = rule_bp(rule);
			uint64_t cfa = rule_offset(rule) * WORD;
			if (__builtin_expect(rule_kind(rule) == RULE_SP, 1))
				cfa += sp;
			else if (rule_kind(rule) == RULE_BP)
				cfa += bp;
			else
				break;
			/* sp < cfa <= high; what a frame keeps lies inside it */
			uint64_t slot = cfa - WORD * bp_place;
			if (__builtin_expect(cfa - sp - WORD > high - sp - WORD || cfa % WORD || slot < sp ||
						     bp_place == RULE_BP_AT_BP,
					     0))
				break;
			bp_slot = 0;
			if (bp_place) {
				bp_slot = slot;
				bp = *(const uint64_t *)slot;
			}
			pc = *(const uint64_t *)(cfa - WORD);
			sp = cfa;
		}
		*shared = frames;
		walk->pc = pc;
		walk->sp = sp;
		walk->bp = bp;
		if (step_aside(walk, shared, start, state, &bp_slot) == WALK_STEP_END)
			return false;
	}
}

/* Puts the new frames behind those kept. */
static inline __attribute__((always_inline)) void settle(struct memo *memo, const struct frames *frames,
							 unsigned kept)
{
	unsigned count = new_count(frames);
	const struct memo_frame *from = frames->next + 1;
	struct memo_frame *to = &memo->frames[kept];
	unsigned words = words_up_to(memo, to - 1);
	for (unsigned i = 0; i < count; i++) {
		uintptr_t bp_slot =
			from[i].bp_slot; /* word by word, as they were written: a wider load would wait */
		to[i].pc = from[i].pc;
		to[i].sp = from[i].sp;
		to[i].bp = from[i].bp;
		to[i].path = from[i].path;
		memo->words[words++] = (struct memo_word){to[i].sp - WORD, to[i].pc};
		if (bp_slot)
			memo->words[words++] = (struct memo_word){bp_slot, to[i].bp};
		to[i].words = words;
	}
	memo->kept = kept;
	memo->count = kept + count;
}

enum stack_end stack_walk(const struct thread *thread, struct memo *memo, struct stack_start start)
{
	uint64_t state = rule_cache_state_now();
	struct walk walk = {.thread = thread};
	struct frames frames = {
		.memo = memo, .old = memo->frames - 1, .next = memo->frames + STACK_DEPTH_MAX - 1};
	bool is_known = false;
	walk_begin(&walk, start);
	if (stack_range_find(thread, start.sp, &walk.range)) {
		frames.old = recognisable(&walk, memo, state);
		is_known = walk_frames(&walk, &frames, start, state);
	} else {
		walk.end = STACK_END_NO_BOUNDS;
		put(&frames, walk.pc, walk.sp, walk.bp, 0, walk.is_exact);
	}
	settle(memo, &frames, is_known ? (unsigned)(frames.old - memo->frames) + 1 : 0);
	bool is_firm = walk.end == STACK_WHOLE && !walk.range.is_probed;
	memo->firm = is_firm ? memo->count - frames.loose : 0;
	memo->high = walk.range.high;
	memo->state = state;
	memo->epoch = thread->epoch;
	return walk.end;
}
