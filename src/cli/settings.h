/* SPDX-License-Identifier: Apache-2.0 */
/* settings.h — what the user asked for, on the command line and in the environment, checked.
 *
 * Promise:  the command line goes before the environment, the environment before the default. A value that makes no sense
 *           is an error that names the option and shows how to write it.
 * Threads:  settings_read uses getopt_long and the environment: one thread, before others start.
 */
#pragma once
#include "base/error.h"
#include "cli/verb.h"

/* Reads `arguments` (ended by NULL, the first is the verb's name) into *settings and puts the words behind the options into
 * *out_words, which points into `arguments`; these are put in another order unless the verb stops at its first word.
 * -1 with an error; settings_fini is due in any case. */
int settings_read(struct settings *settings, const struct verb *verb, char **arguments, char ***out_words,
		  struct error *out_error);
void settings_fini(struct settings *settings);

/* Whether to write colour to the descriptor: as --color says, else when it is a terminal and NO_COLOR is not set. */
bool settings_color_wanted(const struct settings *settings, int fd);
