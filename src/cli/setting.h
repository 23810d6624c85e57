/* SPDX-License-Identifier: Apache-2.0 */
/* setting.h — one row of schema/settings.toml: an option or variable, and where in struct settings its value goes. */
#pragma once
#include "cli/settings_table.h"

enum setting_type {
	SETTING_FLAG,     /* bool */
	SETTING_PATH,     /* const char * */
	SETTING_UINT,     /* uint64_t */
	SETTING_DURATION, /* uint64_t, nanoseconds */
	SETTING_SIZE,     /* uint64_t, bytes */
	SETTING_MOMENT,   /* uint64_t, nanoseconds after the start of the recording */
	SETTING_CHOICE,   /* an enum of int's size, in the order of `choices` */
	SETTING_LIST,     /* struct settings_list */
};

struct setting {
	const char *name; /* the long option, without its dashes */
	char letter;      /* the short option; 0: none */
	bool is_only_environment;
	enum setting_type type;
	unsigned verbs;             /* enum verb_bit of each that takes it */
	size_t offset;              /* in struct settings */
	const char *environment;    /* NULL: none */
	const char *const *choices; /* ended by NULL */
	uint64_t least, most;
	const char *least_text, *most_text; /* as a user writes them; NULL: no limit */
};

extern const struct setting setting_table[SETTING_COUNT];
extern const struct settings settings_default;
