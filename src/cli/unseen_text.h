/* SPDX-License-Identifier: Apache-2.0 */
/* unseen_text.h — what to tell a user about programs that were not recorded. */
#pragma once
#include <stdio.h>
#include "agent/unseen.h"

/* Why programs of this kind are not recorded, and what would see them: a sentence without its end. */
const char *unseen_why(enum program_kind kind);
const char *unseen_remedy(enum program_kind kind);

/* A line for each kind of program that was not recorded; nothing when all were. */
void unseen_print(FILE *output, const struct unseen *unseen);
