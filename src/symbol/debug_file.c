/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/debug_file.h"
#include <isa-l/crc.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"
#include "symbol/build_id.h"

#define DEBUG_ROOT "/usr/lib/debug"

static bool has_checksum(int fd, uint32_t wanted)
{
	unsigned char bytes[65536];
	uint32_t checksum = 0;
	ssize_t size;
	for (off_t at = 0; (size = pread(fd, bytes, sizeof bytes, at)) > 0; at += size)
		checksum = crc32_gzip_refl(checksum, bytes, (uint64_t)size);
	return size == 0 && checksum == wanted;
}

/* The debug file at the path if it is the one of the build id, or without one of the checksum. */
static int open_if_right(const char *path, const char *build_id, const uint32_t *crc)
{
	int fd = symbol_open_regular(path);
	if (fd < 0)
		return -1;
	char found[BUILD_ID_TEXT_SIZE];
	symbol_build_id_of(fd, found, sizeof found);
	if (build_id[0] ? strcmp(found, build_id) == 0 : crc && has_checksum(fd, *crc))
		return fd;
	close(fd);
	return -1;
}

int debug_file_find(Dwfl_Module *module, void **build_id_of_module, const char *name, Dwarf_Addr base,
		    const char *path, const char *link, GElf_Word link_crc, char **out_path)
{
	(void)module, (void)name, (void)base;
	const char *build_id = *build_id_of_module;
	/* Without a checksum it is no .gnu_debuglink but the part that dwz made several files share; libdw looks for
	 * that itself, on this machine alone. */
	if (link && !link_crc)
		return -1;

	char candidate[PATH_MAX];
	if (strlen(build_id) > 2) {
		snprintf(candidate, sizeof candidate, DEBUG_ROOT "/.build-id/%.2s/%s.debug", build_id,
			 build_id + 2);
		int fd = open_if_right(candidate, build_id, NULL);
		if (fd >= 0) {
			*out_path = memory_copy_text(candidate, strlen(candidate));
			return fd;
		}
	}
	const char *slash = strrchr(path, '/');
	if (!link || strchr(link, '/') || !slash)
		return -1;
	int folder_size = (int)(slash - path);
	const char *const places[][2] = {{"", ""}, {"", "/.debug"}, {DEBUG_ROOT, ""}};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		int size = snprintf(candidate, sizeof candidate, "%s%.*s%s/%s", places[i][0], folder_size,
				    path, places[i][1], link);
		if (size >= (int)sizeof candidate || strcmp(candidate, path) == 0)
			continue;
		int fd = open_if_right(candidate, build_id, &link_crc);
		if (fd >= 0) {
			*out_path = memory_copy_text(candidate, strlen(candidate));
			return fd;
		}
	}
	return -1;
}
