/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include "runtime/core/syscall.h"
#include "runtime/unwind/stack_walk.h"

/* What a function that keeps a frame pointer leaves at it. */
struct frame {
	const struct frame *caller;
	uint64_t return_address;
};

struct stack_walk stack_walk(const struct thread *thread, const void *hook_frame, uint64_t *pcs,
			     uint32_t most)
{
	const struct frame *frame = hook_frame;
	uintptr_t low = thread->stack_low, high = thread->stack_high; /* 0, 0 when not known */
	uint32_t depth = 0;

	if ((uintptr_t)frame < low || high - low < sizeof(struct frame) ||
	    (uintptr_t)frame > high - sizeof(struct frame)) {
		pcs[0] = frame->return_address;
		return (struct stack_walk){1, STACK_END_NO_BOUNDS};
	}
	for (;;) {
		uintptr_t caller = (uintptr_t)frame->caller;
		bool is_root = caller &&
			       caller == thread->stack_root; /* it returns to the guest's own start routine */
		if (!is_root || depth == 0)
			pcs[depth++] = frame->return_address;
		if (is_root)
			return (struct stack_walk){depth, STACK_WHOLE};
		if (caller <= (uintptr_t)frame || caller > high - sizeof(struct frame) ||
		    caller % sizeof(void *))
			return (struct stack_walk){depth, STACK_END_FRAME_POINTER};
		if (depth == most)
			return (struct stack_walk){depth, STACK_END_TOO_DEEP};
		frame = (const struct frame *)caller;
	}
}

/* Whether the bytes in front of an address can be a call: E8 rel32, or FF /2 of two to seven bytes. `code` lies
 * inside an object's text, which begins at least 7 bytes before. */
static bool is_behind_call(const uint8_t *code)
{
	if (code[-5] == 0xe8)
		return true;
	for (int size = 2; size <= 7; size++)
		if (code[-size] == 0xff && (code[1 - size] & 0x38) == 0x10)
			return true;
	return false;
}

/* From the loader; older C libraries have none: then no stack is believed beyond its leaf. */
static __typeof__(_dl_find_object) *find_object;

/* Whether the kernel could read eight bytes there: it copies the set before it finds that `how` means nothing. */
static bool is_readable(uint64_t address)
{
	enum { NO_HOW = -1 };
	return syscall_6(SYS_rt_sigprocmask, NO_HOW, (long)address, 0, sizeof(uint64_t), 0, 0) == -EINVAL;
}

/* An object's range may have holes between its segments, so its bytes are looked at only when they can be. */
static bool is_return_address(uint64_t pc)
{
	struct dl_find_object object;
	return find_object && find_object((void *)pc, &object) == 0 &&
	       pc - (uintptr_t)object.dlfo_map_start > sizeof(uint64_t) &&
	       is_readable(pc - sizeof(uint64_t)) && is_behind_call((const uint8_t *)pc);
}

/* The function with which libc calls main stands beside this in every glibc since 2.34; no frame pointer means
 * anything there. */
static uintptr_t start_of_program;

void stack_walk_init(void)
{
	find_object = (__typeof__(_dl_find_object) *)dlsym(RTLD_DEFAULT, "_dl_find_object");
	start_of_program = (uintptr_t)dlsym(RTLD_DEFAULT, "__libc_start_main");
}

static bool is_start_of_program(uint64_t pc)
{
	enum { NEAR = 256 };
	return pc - start_of_program + NEAR < 2 * NEAR;
}

struct stack_walk stack_walk_check(struct stack_walk walk, const uint64_t *pcs)
{
	for (uint32_t i = 1; i < walk.depth; i++) {
		if (!is_return_address(pcs[i]))
			return (struct stack_walk){i, STACK_END_UNKNOWN_CODE};
		if (is_start_of_program(pcs[i]))
			return (struct stack_walk){i + 1, STACK_WHOLE};
	}
	return walk;
}
