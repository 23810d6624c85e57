/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/analyse/lock_holders.h"
#include <stdlib.h>
#include <string.h>

static int by_caused(const void *a, const void *b)
{
	const struct lock_holder *one = a, *two = b;
	if (one->caused_ns != two->caused_ns)
		return one->caused_ns < two->caused_ns ? 1 : -1;
	return (one->stack > two->stack) - (one->stack < two->stack);
}

size_t lock_holders_find(const struct contended_object *lock, struct lock_holder *out_holders, size_t most)
{
	struct lock_holder holders[LOCK_HOLDERS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < lock->group_count; i++) {
		const struct wait_group *group = lock->groups[i];
		for (size_t j = 0; j < group->waker_count; j++) {
			size_t k = 0;
			while (k < count && holders[k].stack != group->wakers[j].stack)
				k++;
			if (k == LOCK_HOLDERS_MAX)
				continue;
			if (k == count)
				holders[count++] =
					(struct lock_holder){group->process, group->wakers[j].stack, 0};
			holders[k].caused_ns += group->wakers[j].caused_ns;
		}
	}
	if (!count)
		return 0;
	qsort(holders, count, sizeof *holders, by_caused);
	if (count > most)
		count = most;
	memcpy(out_holders, holders, count * sizeof *holders);
	return count;
}
