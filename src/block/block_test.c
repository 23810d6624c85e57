/* SPDX-License-Identifier: Apache-2.0 */
#include "block/block.h"
#include "block/file_head.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void the_checksum_is_crc32c(void **state)
{
	(void)state;
	assert_int_equal(block_checksum("123456789", 9), 0xe3069283);
	assert_int_equal(block_checksum("", 0), 0);
	uint8_t zeros[32] = {0};
	assert_int_equal(block_checksum(zeros, sizeof zeros), 0x8a9136aa);
}

/* docs/format.md gives these places; a file of today is read by tomorrow's programs. */
static void a_header_stands_in_its_bytes_as_documented(void **state)
{
	(void)state;
	struct block_header header = {.kind = BLOCK_EVENTS,
				      .packing = BLOCK_ZSTD,
				      .clock = TRACE_CLOCK_TSC,
				      .stored_size = 0x1122,
				      .size = 0x3344,
				      .payload_checksum = 0x55667788,
				      .schema_checksum = 0x99aabbcc,
				      .offset = 0x0102030405060708,
				      .events = 9,
				      .first_time = 10,
				      .last_time = 11};
	static const uint8_t expected[] = {
		0xb7, 'T',  'B',  0x1a, 1,    2, 1, 1, 0x22, 0x11, 0,  0, 0x44, 0x33, 0, 0, 0x88, 0x77, 0x66,
		0x55, 0xcc, 0xbb, 0xaa, 0x99, 8, 7, 6, 5,    4,    3,  2, 1,    9,    0, 0, 0,    0,    0,
		0,    0,    10,   0,    0,    0, 0, 0, 0,    0,    11, 0, 0,    0,    0, 0, 0,    0};
	uint8_t bytes[BLOCK_HEADER_SIZE];
	block_header_encode(&header, bytes);
	assert_int_equal(sizeof expected, BLOCK_HEADER_SIZE - 4);
	assert_memory_equal(bytes, expected, sizeof expected);

	struct block_header decoded;
	assert_int_equal(block_header_decode(bytes, header.offset, &decoded), 0);
	uint8_t again[BLOCK_HEADER_SIZE];
	block_header_encode(&decoded, again);
	assert_memory_equal(again, bytes, BLOCK_HEADER_SIZE);
	assert_int_equal(block_header_decode(bytes, header.offset + 1, &decoded), -1);
}

static void a_header_that_promises_too_much_is_refused(void **state)
{
	(void)state;
	struct block_header header = {.kind = BLOCK_EVENTS, .size = BLOCK_SIZE_MAX}, decoded;
	uint8_t bytes[BLOCK_HEADER_SIZE];
	block_header_encode(&header, bytes);
	assert_int_equal(block_header_decode(bytes, 0, &decoded), 0);
	header.size++;
	block_header_encode(&header, bytes);
	assert_int_equal(block_header_decode(bytes, 0, &decoded), -1);
	header = (struct block_header){.stored_size = BLOCK_SIZE_MAX + 1};
	block_header_encode(&header, bytes);
	assert_int_equal(block_header_decode(bytes, 0, &decoded), -1);
	header = (struct block_header){.clock = TRACE_CLOCK_COUNT};
	block_header_encode(&header, bytes);
	assert_int_equal(block_header_decode(bytes, 0, &decoded), -1);
}

static void a_payload_is_packed_only_when_that_is_smaller(void **state)
{
	(void)state;
	static const struct {
		size_t size;
		enum block_packing packing;
	} cases[] = {{0, BLOCK_STORED}, {8, BLOCK_STORED}, {100000, BLOCK_ZSTD}};
	uint8_t *payload = calloc(1, 100000);
	struct block_packer *packer = block_packer_create();
	struct block_unpacker *unpacker = block_unpacker_create();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct block_header header = {0};
		const uint8_t *stored = block_pack(packer, payload, cases[i].size, &header);
		assert_int_equal(header.packing, cases[i].packing);
		assert_int_equal(header.size, cases[i].size);
		assert_true(header.stored_size <= header.size);
		const uint8_t *unpacked = block_unpack(unpacker, &header, stored);
		assert_non_null(unpacked);
		assert_memory_equal(unpacked, payload, cases[i].size);

		header.payload_checksum ^= 1;
		assert_null(block_unpack(unpacker, &header, stored));
		header.payload_checksum ^= 1;
		header.size++;
		assert_null(block_unpack(unpacker, &header, stored));
		header.size--;
		header.packing = 2;
		assert_null(block_unpack(unpacker, &header, stored));
	}
	block_packer_destroy(packer);
	block_unpacker_destroy(unpacker);
	free(payload);
}

static void a_head_is_known_whole_cut_foreign_or_of_another_version(void **state)
{
	(void)state;
	uint8_t bytes[FILE_HEAD_SIZE];
	unsigned major = 0;
	file_head_encode(bytes);
	assert_memory_equal(bytes, "\x89TBT\r\n\x1a\n\x01\x00\x00\x00", 12);
	assert_int_equal(file_head_check(bytes, FILE_HEAD_SIZE, &major), FILE_HEAD_WHOLE);
	for (size_t size = 1; size < FILE_HEAD_SIZE; size++)
		assert_int_equal(file_head_check(bytes, size, &major), FILE_HEAD_CUT);
	for (size_t i = 0; i < FILE_HEAD_SIZE; i++) {
		bytes[i] ^= 0x20;
		assert_int_equal(file_head_check(bytes, FILE_HEAD_SIZE, &major), FILE_HEAD_FOREIGN);
		bytes[i] ^= 0x20;
	}
	assert_int_equal(major, 0);
	bytes[8] = 7;
	uint32_t checksum = block_checksum(bytes, 12);
	memcpy(bytes + 12, &checksum, sizeof checksum);
	assert_int_equal(file_head_check(bytes, FILE_HEAD_SIZE, &major), FILE_HEAD_OTHER_VERSION);
	assert_int_equal(major, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checksum_is_crc32c),
		cmocka_unit_test(a_header_stands_in_its_bytes_as_documented),
		cmocka_unit_test(a_header_that_promises_too_much_is_refused),
		cmocka_unit_test(a_payload_is_packed_only_when_that_is_smaller),
		cmocka_unit_test(a_head_is_known_whole_cut_foreign_or_of_another_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
