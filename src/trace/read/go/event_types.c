/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/event_types.h"

#define ARGUMENTS(...) ((const char *[]){__VA_ARGS__})
/* A lone 0 stands for no arguments. */
#define ARGUMENT_COUNT(...)                                                                                  \
	(sizeof ARGUMENTS(__VA_ARGS__) / sizeof(char *) - (sizeof #__VA_ARGS__ == sizeof "0"))

const struct go_event_type go_event_types[GO_EVENT_NUMBERS] = {
#define TIMED(number, upper, name, since, strings, stacks, ...)                                              \
	[number] = {name, since, 1, ARGUMENT_COUNT(__VA_ARGS__), strings, stacks, {__VA_ARGS__}},
#define STRUCTURAL(number, upper, name, since, strings, stacks, ...)                                         \
	[number] = {name, since, 0, ARGUMENT_COUNT(__VA_ARGS__), strings, stacks, {__VA_ARGS__}},
	GO_TIMED_EVENTS(TIMED) GO_STRUCTURAL_EVENTS(STRUCTURAL)
#undef TIMED
#undef STRUCTURAL
};
