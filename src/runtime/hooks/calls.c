/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c — the hooks that are all alike: the real call, and around it what wait.h says. */
#include "runtime/hooks/hook.h"
#include "runtime/wait/descriptor.h"

#define TIMED(name, result, parameters, arguments, event_, object_)                                          \
	HOOK result name parameters                                                                          \
	{                                                                                                    \
		struct thread *thread = thread_awake();                                                      \
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

/* A list in parentheses with one more in front. */
#define WITH_FRAME(...)  (const void *frame, __VA_ARGS__)
#define AFTER_FRAME(...) (__builtin_frame_address(0), __VA_ARGS__)

#define DESCRIPTOR(name, result, parameters, arguments, fd, event)                                           \
	static OUT_OF_LINE result timed_##name WITH_FRAME parameters                                         \
	{                                                                                                    \
		struct thread *thread = thread_awake();                                                      \
		if (!thread)                                                                                 \
			return real_##name arguments;                                                        \
		wait_check_gap(thread, frame);                                                               \
		uint64_t start = wait_start(thread);                                                         \
		result value = real_##name arguments;                                                        \
		if (wait_is_likely(start))                                                                   \
			descriptor_left_cpu(&guest_thread, fd, start, event, frame);                         \
		else                                                                                         \
			descriptor_did_not_block(&guest_thread, fd);                                         \
		return value;                                                                                \
	}                                                                                                    \
	HOOK result name parameters                                                                          \
	{                                                                                                    \
		uint32_t word = process_word();                                                              \
		if (word == PROCESS_ASLEEP)                                                                  \
			return real_##name arguments;                                                        \
		if (!thread_is_undisturbed(word) || descriptor_is_timed(fd))                                 \
			return timed_##name AFTER_FRAME arguments;                                           \
		result value = real_##name arguments;                                                        \
		if (__builtin_expect(left_cpu_look(), 0))                                                    \
			descriptor_left_cpu(&guest_thread, fd, 0, event, __builtin_frame_address(0));        \
		return value;                                                                                \
	}

/* What is polled is looked at only after the kernel has found the caller's memory good. */
#define POLL(name, result, parameters, arguments, fd, is_instant)                                            \
	HOOK result name parameters                                                                          \
	{                                                                                                    \
		struct thread *thread = thread_awake();                                                      \
		if (!thread)                                                                                 \
			return real_##name arguments;                                                        \
		const void *frame = __builtin_frame_address(0);                                              \
		wait_check_gap(thread, frame);                                                               \
		uint64_t start = (is_instant) ? 0 : wait_start(thread);                                      \
		result value = real_##name arguments;                                                        \
		if (start ? wait_is_likely(start) : left_cpu_look())                                         \
			poll_left_cpu(value < 0 ? -1 : (fd), #name, start, frame);                           \
		return value;                                                                                \
	}

#define ALIAS(alias_, name) HOOK __typeof__(name) alias_ __attribute__((alias(#name)));

static OUT_OF_LINE void poll_left_cpu(int fd, const char *call, uint64_t start, const void *frame)
{
	struct wait_object object = {.event = EVENT_POLL_WAIT,
				     .object = (uint64_t)(int64_t)fd,
				     .is_descriptor = true,
				     .is_epoll = call[0] == 'e'};
	if (start)
		wait_end(&guest_thread, start, object, frame);
	else
		wait_end_untimed(&guest_thread, object, frame);
}

#include "runtime/hooks/table.h"
