/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_checks.h — what recording needs of this machine, looked at one by one.
 *
 * Words:    a finding is what a check found: fine; limited: something is missing from a recording; broken: nothing can be
 *           recorded. The advice says what to do about it, "" nothing.
 * Promise:  the checks do what recording does, and undo it; they change nothing.
 */
#pragma once
#include "base/program_look.h"

enum finding_state { FINDING_FINE, FINDING_LIMITED, FINDING_BROKEN };

struct finding {
	const char *name; /* of the check */
	enum finding_state state;
	char text[400], advice[400];
};

struct doctor_check {
	const char *name;
	void (*look)(struct finding *finding);
};

/* In the order in which they are told; the last has no name. */
extern const struct doctor_check doctor_checks[];

/* What there is to say of a program: whether it is recorded, and whether its functions have names. */
void doctor_look_at_program(struct finding *finding, const char *command);
void doctor_look_at_symbols(struct finding *finding, const char *command);

/* "fine", "limited", "broken" */
const char *finding_state_word(enum finding_state state);

/* The finding is this. */
void finding_set(struct finding *finding, enum finding_state state, const char *advice, const char *format,
		 ...) __attribute__((format(printf, 4, 5)));
