/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a folder its root, and has libc run commands there: nobody but they may say anything. Argument: the folder. */
#include "must.h"
#include <unistd.h>

int main(int count, char **arguments)
{
	if (count != 2)
		return 2;
	MUST(chroot(arguments[1]));
	MUST(chdir("/"));
	int status = system("echo by system");
	printf("system: %d\n", status);
	fflush(stdout);
	FILE *pipe = popen("echo by popen", "r");
	char line[64] = "";
	if (!pipe || !fgets(line, sizeof line, pipe))
		return 3;
	printf("%spopen: %d\n", line, pclose(pipe));
	return 0;
}
