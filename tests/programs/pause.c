/* SPDX-License-Identifier: Apache-2.0 */
#include "pause.h"
#include "truth.h"
#include <time.h>

SCENE void pause_ms(unsigned milliseconds)
{
	struct timespec duration = {milliseconds / 1000, milliseconds % 1000 * 1000000};
	LOGGED("sleep", 0, nanosleep(&duration, NULL));
}
