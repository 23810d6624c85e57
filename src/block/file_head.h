/* SPDX-License-Identifier: Apache-2.0 */
/* file_head.h — the first bytes of a .tbt file: what it is, and of which version.
 *
 * A major version is one that older readers cannot read; a minor one adds what they can pass over.
 */
#pragma once
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum { FILE_HEAD_SIZE = 16, FILE_MAJOR_VERSION = 1, FILE_MINOR_VERSION = 0 };

void file_head_encode(uint8_t out_bytes[FILE_HEAD_SIZE]);

enum file_head_state {
	FILE_HEAD_WHOLE,
	FILE_HEAD_CUT,     /* the file ends within it */
	FILE_HEAD_FOREIGN, /* not one of ours, or damaged: the blocks will tell */
	FILE_HEAD_OTHER_VERSION,
};

/* size: bytes the file has, at most FILE_HEAD_SIZE. *out_major is set for FILE_HEAD_OTHER_VERSION. */
enum file_head_state file_head_check(const uint8_t *bytes, size_t size, unsigned *out_major);
