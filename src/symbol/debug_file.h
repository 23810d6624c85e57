/* SPDX-License-Identifier: Apache-2.0 */
/* debug_file.h — where the debug information stands that was taken out of a file with code.
 *
 * Looks, as debuggers do, for /usr/lib/debug/.build-id/ab/cdef….debug, then for the name in .gnu_debuglink: beside the
 * file, in .debug/ beside it, and below /usr/lib/debug.
 *
 * Promise:  only a file that belongs to the other is taken: with the same build id, or where there is none with the
 *           checksum of the link. The network is never asked (no debuginfod).
 */
#pragma once
#include <elfutils/libdwfl.h>

/* The callback of Dwfl. `build_id` text of the file stands behind the module's user pointer, "" when it has none. */
int debug_file_find(Dwfl_Module *module, void **build_id, const char *name, Dwarf_Addr base, const char *path,
		    const char *link, GElf_Word link_crc, char **out_path);
