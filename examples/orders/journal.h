/* SPDX-License-Identifier: Apache-2.0 */
/* journal.h — a file with one line for each order: what is left when the database is lost.
 *
 * Threads:  any; a line is one write to a file opened for appending, so lines never mix.
 * Errors:   -1 with errno set.
 */
#pragma once
#include "store.h"
#include <stdbool.h>

struct journal {
	int fd; /* -1: no journal is kept */
	bool is_synced_each_time;
};

/* `path` NULL: none is kept. `is_synced_each_time` is the fault `fsync`: an order waits until its line is on
 * the disk. Otherwise the kernel writes lines back when it sees fit, some seconds later. */
int journal_open(struct journal *journal, const char *path, bool is_synced_each_time);
void journal_close(struct journal *journal);

int journal_append(struct journal *journal, const struct order *order);
