/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int journal_open(struct journal *journal, const char *path, bool is_synced_each_time)
{
	*journal = (struct journal){.fd = -1, .is_synced_each_time = is_synced_each_time};
	if (path)
		journal->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return path && journal->fd < 0 ? -1 : 0;
}

void journal_close(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
}

static int journal_sync(struct journal *journal)
{
	return fsync(journal->fd);
}

int journal_append(struct journal *journal, const struct order *order)
{
	if (journal->fd < 0)
		return 0;
	char line[CUSTOMER_MAX + 128];
	int size =
		snprintf(line, sizeof line, "%lld\t%u\t%u\t%llu\t%s\n", (long long)order->number, order->item,
			 order->quantity, (unsigned long long)order->amount_cents, order->customer);
	ssize_t written = write(journal->fd, line, (size_t)size);
	if (written != size) {
		errno = written < 0 ? errno : ENOSPC;
		return -1;
	}
	return journal->is_synced_each_time ? journal_sync(journal) : 0;
}
