/* SPDX-License-Identifier: Apache-2.0 */
/* build_id.h — the number that the linker gave a file of code, to recognise it by.
 *
 * Words:    a build id is written in lower-case hexadecimal, two digits a byte. One longer than 20 bytes, the length
 *           that compilers make, is cut to its first 20.
 * Promise:  reads a few kilobytes with pread, maps nothing, and never waits on what is no regular file: safe for files
 *           that others can change meanwhile.
 * Threads:  any.
 */
#pragma once
#include <stddef.h>

enum { BUILD_ID_TEXT_SIZE = 41 }; /* bytes, the terminating zero included */

/* Writes the build id of the ELF file as text. Returns 0, or -1 when the file cannot be read, is no 64-bit ELF file of
 * this byte order, has no build id, or `size` is below BUILD_ID_TEXT_SIZE; `out_text` is "" then, if `size` allows. */
int symbol_build_id(const char *path, char *out_text, size_t size);

/* The same for an open file, whose position stays. */
int symbol_build_id_of(int fd, char *out_text, size_t size);

/* Opens a regular file for reading, without waiting on anything else that may stand there; -1 otherwise. */
int symbol_open_regular(const char *path);
