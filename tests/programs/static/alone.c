/* SPDX-License-Identifier: Apache-2.0 */
/* A program without a dynamic loader: no library can be preloaded into it. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	usleep(50000);
	puts("alone");
	return 9;
}
