/* SPDX-License-Identifier: Apache-2.0 */
/* event_types.h — every event of Go's execution traces of version 2 (Go 1.22 to 1.26), as the wire has it.
 *
 * The one list: the decoder takes from it how many arguments follow a type, the orderer which of them name stacks and texts,
 * dump and undump their names. Numbers and names are those of Go's internal/trace/tracev2.
 */
#pragma once
#include <stdint.h>

/* number, name, since which format, strings (bit i: argument i is a string id), stacks (the same), arguments behind the time */
#define GO_TIMED_EVENTS(X)                                                                                   \
	X(9, PROCS_CHANGE, "ProcsChange", 22, 0, 0x2, "procs_value", "stack")                                \
	X(10, PROC_START, "ProcStart", 22, 0, 0, "p", "p_seq")                                               \
	X(11, PROC_STOP, "ProcStop", 22, 0, 0, 0)                                                            \
	X(12, PROC_STEAL, "ProcSteal", 22, 0, 0, "p", "p_seq", "m")                                          \
	X(13, PROC_STATUS, "ProcStatus", 22, 0, 0, "p", "pstatus")                                           \
	X(14, GO_CREATE, "GoCreate", 22, 0, 0x6, "new_g", "new_stack", "stack")                              \
	X(15, GO_CREATE_SYSCALL, "GoCreateSyscall", 22, 0, 0, "new_g")                                       \
	X(16, GO_START, "GoStart", 22, 0, 0, "g", "g_seq")                                                   \
	X(17, GO_DESTROY, "GoDestroy", 22, 0, 0, 0)                                                          \
	X(18, GO_DESTROY_SYSCALL, "GoDestroySyscall", 22, 0, 0, 0)                                           \
	X(19, GO_STOP, "GoStop", 22, 0x1, 0x2, "reason_string", "stack")                                     \
	X(20, GO_BLOCK, "GoBlock", 22, 0x1, 0x2, "reason_string", "stack")                                   \
	X(21, GO_UNBLOCK, "GoUnblock", 22, 0, 0x4, "g", "g_seq", "stack")                                    \
	X(22, GO_SYSCALL_BEGIN, "GoSyscallBegin", 22, 0, 0x2, "p_seq", "stack")                              \
	X(23, GO_SYSCALL_END, "GoSyscallEnd", 22, 0, 0, 0)                                                   \
	X(24, GO_SYSCALL_END_BLOCKED, "GoSyscallEndBlocked", 22, 0, 0, 0)                                    \
	X(25, GO_STATUS, "GoStatus", 22, 0, 0, "g", "m", "gstatus")                                          \
	X(26, STW_BEGIN, "STWBegin", 22, 0x1, 0x2, "kind_string", "stack")                                   \
	X(27, STW_END, "STWEnd", 22, 0, 0, 0)                                                                \
	X(28, GC_ACTIVE, "GCActive", 22, 0, 0, "gc_seq")                                                     \
	X(29, GC_BEGIN, "GCBegin", 22, 0, 0x2, "gc_seq", "stack")                                            \
	X(30, GC_END, "GCEnd", 22, 0, 0, "gc_seq")                                                           \
	X(31, GC_SWEEP_ACTIVE, "GCSweepActive", 22, 0, 0, "p")                                               \
	X(32, GC_SWEEP_BEGIN, "GCSweepBegin", 22, 0, 0x1, "stack")                                           \
	X(33, GC_SWEEP_END, "GCSweepEnd", 22, 0, 0, "swept_value", "reclaimed_value")                        \
	X(34, GC_MARK_ASSIST_ACTIVE, "GCMarkAssistActive", 22, 0, 0, "g")                                    \
	X(35, GC_MARK_ASSIST_BEGIN, "GCMarkAssistBegin", 22, 0, 0x1, "stack")                                \
	X(36, GC_MARK_ASSIST_END, "GCMarkAssistEnd", 22, 0, 0, 0)                                            \
	X(37, HEAP_ALLOC, "HeapAlloc", 22, 0, 0, "heapalloc_value")                                          \
	X(38, HEAP_GOAL, "HeapGoal", 22, 0, 0, "heapgoal_value")                                             \
	X(39, GO_LABEL, "GoLabel", 22, 0x1, 0, "label_string")                                               \
	X(40, USER_TASK_BEGIN, "UserTaskBegin", 22, 0x4, 0x8, "task", "parent_task", "name_string", "stack") \
	X(41, USER_TASK_END, "UserTaskEnd", 22, 0, 0x2, "task", "stack")                                     \
	X(42, USER_REGION_BEGIN, "UserRegionBegin", 22, 0x2, 0x4, "task", "name_string", "stack")            \
	X(43, USER_REGION_END, "UserRegionEnd", 22, 0x2, 0x4, "task", "name_string", "stack")                \
	X(44, USER_LOG, "UserLog", 22, 0x6, 0x8, "task", "key_string", "value_string", "stack")              \
	X(45, GO_SWITCH, "GoSwitch", 23, 0, 0, "g", "g_seq")                                                 \
	X(46, GO_SWITCH_DESTROY, "GoSwitchDestroy", 23, 0, 0, "g", "g_seq")                                  \
	X(47, GO_CREATE_BLOCKED, "GoCreateBlocked", 23, 0, 0x6, "new_g", "new_stack", "stack")               \
	X(48, GO_STATUS_STACK, "GoStatusStack", 23, 0, 0x8, "g", "m", "gstatus", "stack")                    \
	X(128, SPAN, "Span", 23, 0, 0, "id", "npages_value", "kindclass")                                    \
	X(129, SPAN_ALLOC, "SpanAlloc", 23, 0, 0, "id", "npages_value", "kindclass")                         \
	X(130, SPAN_FREE, "SpanFree", 23, 0, 0, "id")                                                        \
	X(131, HEAP_OBJECT, "HeapObject", 23, 0, 0, "id", "type")                                            \
	X(132, HEAP_OBJECT_ALLOC, "HeapObjectAlloc", 23, 0, 0, "id", "type")                                 \
	X(133, HEAP_OBJECT_FREE, "HeapObjectFree", 23, 0, 0, "id")                                           \
	X(134, GOROUTINE_STACK, "GoroutineStack", 23, 0, 0, "id", "order")                                   \
	X(135, GOROUTINE_STACK_ALLOC, "GoroutineStackAlloc", 23, 0, 0, "id", "order")                        \
	X(136, GOROUTINE_STACK_FREE, "GoroutineStackFree", 23, 0, 0, "id")

/* What tables and clocks are made of; not timed. Arguments as the text form has them. */
#define GO_STRUCTURAL_EVENTS(X)                                                                              \
	X(1, EVENT_BATCH, "EventBatch", 22, 0, 0, "gen", "m", "time", "size")                                \
	X(2, STACKS, "Stacks", 22, 0, 0, 0)                                                                  \
	X(3, STACK, "Stack", 22, 0, 0, "id", "nframes")                                                      \
	X(4, STRINGS, "Strings", 22, 0, 0, 0)                                                                \
	X(5, STRING, "String", 22, 0, 0, "id")                                                               \
	X(6, CPU_SAMPLES, "CPUSamples", 22, 0, 0, 0)                                                         \
	X(7, CPU_SAMPLE, "CPUSample", 22, 0, 0x10, "time", "m", "p", "g", "stack")                           \
	X(8, FREQUENCY, "Frequency", 22, 0, 0, "freq")                                                       \
	X(49, EXPERIMENTAL_BATCH, "ExperimentalBatch", 23, 0, 0, "exp", "gen", "m", "time")                  \
	X(50, SYNC, "Sync", 25, 0, 0, 0)                                                                     \
	X(51, CLOCK_SNAPSHOT, "ClockSnapshot", 25, 0, 0, "dt", "mono", "sec", "nsec")                        \
	X(52, END_OF_GENERATION, "EndOfGeneration", 26, 0, 0, 0)

enum go_event_number {
#define GO_EVENT_NUMBER(number, upper, ...) GO_##upper = (number),
	GO_TIMED_EVENTS(GO_EVENT_NUMBER) GO_STRUCTURAL_EVENTS(GO_EVENT_NUMBER)
#undef GO_EVENT_NUMBER
};

enum {
	GO_ARGUMENTS_MAX = 5,
	GO_EVENT_NUMBERS = 256,
	GO_BATCH_SIZE_MAX = 64 * 1024,
	GO_STRING_SIZE_MAX = 1024,
	GO_FRAMES_MAX = 128,
	GO_HEAD_SIZE = 16,
};
#define GO_NONE UINT64_MAX /* no thread, processor or goroutine */

struct go_event_type {
	const char *name; /* NULL: there is no such event */
	uint8_t since;    /* 22: Go 1.22 */
	uint8_t is_timed; /* a time difference stands before the arguments */
	uint8_t argument_count;
	uint8_t strings, stacks; /* bit i: argument i is one */
	const char *arguments[GO_ARGUMENTS_MAX];
};

extern const struct go_event_type go_event_types[GO_EVENT_NUMBERS];

/* The bytes of a goroutine's or processor's state on the wire. */
enum go_goroutine_status { GO_RUNNABLE = 1, GO_RUNNING, GO_SYSCALL, GO_WAITING };
enum go_processor_status { GO_P_RUNNING = 1, GO_P_IDLE, GO_P_SYSCALL, GO_P_ABANDONED };
