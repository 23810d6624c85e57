/* SPDX-License-Identifier: Apache-2.0 */
/* verb.h — the verbs of tickbird: one file each, one row each in verb_table, all declared in schema/settings.toml.
 *
 * Words:    words are what stands on the command line behind the options: file names, a command.
 * Promise:  a verb is called with settings that are checked and with as many words as it asked for; --help and --version
 *           never reach it. It says what went wrong itself, in one line on stderr that begins "tickbird: ", and returns
 *           an enum exit_code (`run`: or the code of the program it ran).
 */
#pragma once
#include "cli/settings_table.h"

/* settings: live until the verb returns. words: ended by NULL, borrowed from argv. */
typedef int (*verb_function)(const struct settings *settings, char *const *words);

int verb_run(const struct settings *settings, char *const *words);
int verb_report(const struct settings *settings, char *const *words);
int verb_doctor(const struct settings *settings, char *const *words);
int verb_dump(const struct settings *settings, char *const *words);

struct verb {
	const char *name;
	enum verb_bit bit;
	bool stops_at_word; /* options end at the first word; what follows belongs to somebody else */
	const char *words;  /* the words as the help shows them */
	size_t words_least;
	size_t words_most;
	verb_function function;
	const char *help; /* what --help prints */
};

/* `tickbird` itself: its options, and the verb as its first word. */
extern const struct verb verb_program;

/* Every verb, in the order of the help; the last has no name. */
extern const struct verb verb_table[];
