/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/direct.h"
#include <errno.h>
#include <sys/single_threaded.h>

static const char never;
const char *direct_is_single_threaded = &never;

void direct_allow(void)
{
	direct_is_single_threaded = &__libc_single_threaded;
}

long direct_failed(long error)
{
	errno = (int)-error;
	return -1;
}
