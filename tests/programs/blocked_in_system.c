/* SPDX-License-Identifier: Apache-2.0 */
/* system() and pclose() of a command that sleeps: libc waits for the child by its own internal name. */
#include "must.h"
#include "truth.h"

SCENE static int run_by_system(void)
{
	return LOGGED("unseen", 0, system("sleep .5; exit 3"));
}

SCENE static int run_by_popen(void)
{
	FILE *stream = popen("sleep .3; exit 4", "r");
	return LOGGED("unseen", 0, pclose(stream));
}

int main(void)
{
	printf("system: %d\n", run_by_system() >> 8);
	printf("pclose: %d\n", run_by_popen() >> 8);
}
