/* SPDX-License-Identifier: Apache-2.0 */
#include "block/file_head.h"
#include "block/block.h"
#include <endian.h>
#include <string.h>

enum { MARK_SIZE = 8, AT_MAJOR = 8, AT_MINOR = 10, AT_CHECKSUM = 12 };

/* As PNG does it: a byte that is not ASCII, line ends that a transfer as text would change, and DOS's end of
 * file. */
static const uint8_t mark[MARK_SIZE] = {0x89, 'T', 'B', 'T', '\r', '\n', 0x1a, '\n'};

void file_head_encode(uint8_t out_bytes[FILE_HEAD_SIZE])
{
	uint16_t major = htole16(FILE_MAJOR_VERSION), minor = htole16(FILE_MINOR_VERSION);
	memcpy(out_bytes, mark, MARK_SIZE);
	memcpy(out_bytes + AT_MAJOR, &major, sizeof major);
	memcpy(out_bytes + AT_MINOR, &minor, sizeof minor);
	uint32_t checksum = htole32(block_checksum(out_bytes, AT_CHECKSUM));
	memcpy(out_bytes + AT_CHECKSUM, &checksum, sizeof checksum);
}

enum file_head_state file_head_check(const uint8_t *bytes, size_t size, unsigned *out_major)
{
	if (size < FILE_HEAD_SIZE)
		return memcmp(bytes, mark, size < MARK_SIZE ? size : MARK_SIZE) ? FILE_HEAD_FOREIGN
										: FILE_HEAD_CUT;

	uint16_t major;
	uint32_t checksum;
	memcpy(&major, bytes + AT_MAJOR, sizeof major);
	memcpy(&checksum, bytes + AT_CHECKSUM, sizeof checksum);
	if (memcmp(bytes, mark, MARK_SIZE) || le32toh(checksum) != block_checksum(bytes, AT_CHECKSUM))
		return FILE_HEAD_FOREIGN;
	if (le16toh(major) != FILE_MAJOR_VERSION) {
		*out_major = le16toh(major);
		return FILE_HEAD_OTHER_VERSION;
	}
	return FILE_HEAD_WHOLE;
}
