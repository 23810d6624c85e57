/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c — the hooks that are all alike: the real call, and around it what wait.h says. */
#include "runtime/core/direct.h"
#include "runtime/hooks/hook.h"
#include "runtime/hooks/switches.h"
#include "runtime/wait/descriptor.h"

#define TIMED(name, result, parameters, arguments, event_, object_)                                          \
	HOOK result name parameters                                                                          \
	{                                                                                                    \
		struct thread *thread = hook_thread(HOOK_##name);                                            \
		if (!thread)                                                                                 \
			return real_##name arguments;                                                        \
		const void *frame = __builtin_frame_address(0);                                              \
		wait_check_gap(thread, frame);                                                               \
		uint64_t start = wait_start(thread);                                                         \
		result value = real_##name arguments;                                                        \
		wait_finish(start,                                                                           \
			    (struct wait_object){.event = event_, .object = (uint64_t)(int64_t)(object_)},   \
			    frame);                                                                          \
		return value;                                                                                \
	}

/* The last columns of the table. */
#define DIRECT                            true
#define LIBC                              false
#define SYSTEM_CALL_3(number, a, b, c)    program_call_3(number, (long)(a), (long)(b), (long)(c))
#define SYSTEM_CALL_4(number, a, b, c, d) program_call_4(number, (long)(a), (long)(b), (long)(c), (long)(d))
#define SYSTEM_CALL_6(number, a, b, c, d, e, f)                                                              \
	program_call_6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* What follows the system call of an awake_ function are jumps, so that no register has to be saved for it; when the
 * program has more threads than one, shared_ comes in its place. Whoever is jumped to has the hook's own frame. */
#define ENTRY(name, result, parameters, arguments)                                                           \
	static result awake_##name parameters;                                                               \
	STRAIGHT_ENTRY result name parameters                                                                \
	{                                                                                                    \
		return process_word() == PROCESS_ASLEEP ? real_##name arguments : awake_##name arguments;    \
	}

static OUT_OF_LINE void hinted_left_cpu(int fd, uint64_t start, enum event_number event, const void *frame)
{
	if (start)
		descriptor_file_left_cpu(&guest_thread, fd, start, event, frame);
	else
		descriptor_left_cpu(&guest_thread, fd, 0, event, frame);
}

static OUT_OF_LINE long direct_left_cpu(long value, int fd, uint64_t start, enum event_number event,
					enum hook_number hook)
{
	if (!hook_is_off(hook))
		hinted_left_cpu(fd, start, event, __builtin_frame_address(0));
	return direct_result(value);
}

#define DESCRIPTOR(name, result, parameters, arguments, fd, event, how, call)                                \
	static NOT_STRAIGHT result timed_##name parameters                                                   \
	{                                                                                                    \
		struct thread *thread = hook_thread(HOOK_##name);                                            \
		if (!thread)                                                                                 \
			return real_##name arguments;                                                        \
		const void *frame = __builtin_frame_address(0);                                              \
		wait_check_gap(thread, frame);                                                               \
		uint64_t start = wait_start(thread);                                                         \
		result value = real_##name arguments;                                                        \
		if (wait_is_likely(start))                                                                   \
			descriptor_left_cpu(&guest_thread, fd, start, event, frame);                         \
		else                                                                                         \
			descriptor_did_not_block(&guest_thread, fd);                                         \
		return value;                                                                                \
	}                                                                                                    \
	static result shared_##name parameters;                                                              \
	ENTRY(name, result, parameters, arguments)                                                           \
	static STRAIGHT result awake_##name parameters                                                       \
	{                                                                                                    \
		if (__builtin_expect(!thread_is_undisturbed(), 0))                                           \
			return timed_##name arguments;                                                       \
		if (how && __builtin_expect(direct_is_possible(), 1)) {                                      \
			uint8_t hint = descriptor_hint(fd);                                                  \
			if (__builtin_expect(hint < HINT_EVIDENCE, 0))                                       \
				return timed_##name arguments;                                               \
			uint64_t start = descriptor_straight_start(hint);                                    \
			long value = call;                                                                   \
			if (__builtin_expect(left_cpu_look(), 0))                                            \
				return direct_left_cpu(value, fd, start, event, HOOK_##name);                \
			return direct_result(value);                                                         \
		}                                                                                            \
		return shared_##name arguments;                                                              \
	}                                                                                                    \
	static STRAIGHT result shared_##name parameters                                                      \
	{                                                                                                    \
		uint8_t hint = descriptor_hint(fd);                                                          \
		if (__builtin_expect(hint < HINT_EVIDENCE, 0))                                               \
			return timed_##name arguments;                                                       \
		uint64_t start = descriptor_straight_start(hint);                                            \
		result value = real_##name arguments;                                                        \
		if (__builtin_expect(left_cpu_look(), 0) && !hook_is_off(HOOK_##name))                       \
			hinted_left_cpu(fd, start, event, __builtin_frame_address(0));                       \
		return value;                                                                                \
	}

static OUT_OF_LINE void poll_left_cpu(int fd, bool is_epoll, uint64_t start, const void *frame)
{
	struct wait_object object = {.event = EVENT_POLL_WAIT,
				     .object = (uint64_t)(int64_t)fd,
				     .is_descriptor = true,
				     .is_epoll = is_epoll};
	if (start)
		wait_end(&guest_thread, start, object, frame);
	else
		wait_end_untimed(&guest_thread, object, frame);
}

static OUT_OF_LINE long direct_poll_left_cpu(long value, int fd, bool is_epoll, const void *frame)
{
	poll_left_cpu(fd, is_epoll, 0, frame);
	return direct_result(value);
}

#define WAITING(name, result, parameters, arguments, fd, is_epoll, is_instant, how, call)                    \
	static NOT_STRAIGHT result timed_##name parameters                                                   \
	{                                                                                                    \
		struct thread *thread = hook_thread(HOOK_##name);                                            \
		if (!thread)                                                                                 \
			return real_##name arguments;                                                        \
		const void *frame = __builtin_frame_address(0);                                              \
		wait_check_gap(thread, frame);                                                               \
		uint64_t start = (is_instant) ? 0 : wait_start(thread);                                      \
		result value = real_##name arguments;                                                        \
		if (start ? wait_is_likely(start) : left_cpu_look())                                         \
			poll_left_cpu(fd, is_epoll, start, frame);                                           \
		return value;                                                                                \
	}                                                                                                    \
	ENTRY(name, result, parameters, arguments)                                                           \
	static STRAIGHT result awake_##name parameters                                                       \
	{                                                                                                    \
		if ((is_instant) && how && thread_is_undisturbed() && direct_is_possible()) {                \
			long value = call;                                                                   \
			if (__builtin_expect(left_cpu_look(), 0))                                            \
				return direct_poll_left_cpu(value, fd, is_epoll,                             \
							    __builtin_frame_address(0));                     \
			return direct_result(value);                                                         \
		}                                                                                            \
		return timed_##name arguments;                                                               \
	}

/* What is polled is looked at only after the kernel has found the caller's memory good. */
#define POLL(name, result, parameters, arguments, fd, is_instant, how, call)                                 \
	WAITING(name, result, parameters, arguments, value < 0 ? -1 : (fd), false, is_instant, how, call)
#define EPOLL(name, result, parameters, arguments, fd, is_instant, how, call)                                \
	WAITING(name, result, parameters, arguments, fd, true, is_instant, how, call)

#define ALIAS(alias_, name) HOOK __typeof__(name) alias_ __attribute__((alias(#name)));

#include "runtime/hooks/table.h"
