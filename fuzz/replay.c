/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over files and folders of files; no fuzzer needed. */
#include "fuzz.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned replayed;

static int complain(const char *path)
{
	perror(path);
	return -1;
}

static int replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return complain(path);
	/* As large as the file, so that a sanitizer sees a read behind it. */
	uint8_t *bytes = malloc(size ? size : 1);
	size_t count = fread(bytes, 1, size, file);
	fclose(file);
	if (count != size) {
		free(bytes);
		return complain(path);
	}
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	replayed++;
	return 0;
}

static int replay(const char *path)
{
	struct stat status;
	if (stat(path, &status))
		return complain(path);
	if (!S_ISDIR(status.st_mode))
		return replay_file(path, (size_t)status.st_size);

	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	if (count < 0)
		return complain(path);
	int result = 0;
	for (int i = 0; i < count; i++) {
		char *name;
		if (entries[i]->d_name[0] != '.' && asprintf(&name, "%s/%s", path, entries[i]->d_name) >= 0) {
			result |= replay(name);
			free(name);
		}
		free(entries[i]);
	}
	free(entries);
	return result;
}

int main(int count, char **paths)
{
	int result = 0;
	for (int i = 1; i < count; i++)
		result |= replay(paths[i]);
	printf("%u inputs replayed\n", replayed);
	return result || !replayed;
}
