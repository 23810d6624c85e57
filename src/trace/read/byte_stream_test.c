/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/byte_stream.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

enum { SIZE = 1000 * 1000 };

static uint8_t *story(void)
{
	uint8_t *bytes = memory_allocate(SIZE);
	uint64_t seed = 1;
	for (size_t i = 0; i < SIZE; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(seed >> 60);
	}
	return bytes;
}

static size_t gzip(const uint8_t *bytes, size_t size, uint8_t *to, size_t room)
{
	z_stream stream = {.next_in = (uint8_t *)(uintptr_t)bytes,
			   .avail_in = (uInt)size,
			   .next_out = to,
			   .avail_out = (uInt)room};
	assert_int_equal(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return room - stream.avail_out;
}

/* Reads to the end in looks of `step` bytes; how many bytes there were and whether they are the expected ones. -1: an error. */
static int64_t read_all(const uint8_t *packed, size_t size, const uint8_t *expected, size_t step)
{
	struct byte_span rest = {packed, size}, span;
	struct error error;
	struct byte_stream *stream =
		byte_stream_open(byte_source_memory(&rest), (struct byte_span){0}, &error);
	assert_non_null(stream);
	int64_t total = 0;
	for (;;) {
		if (byte_stream_look(stream, step, &span, &error)) {
			total = -1;
			break;
		}
		size_t taken = span.size < step ? span.size : step;
		if (!taken)
			break;
		assert_memory_equal(span.bytes, expected + total, taken);
		byte_stream_take(stream, taken);
		total += (int64_t)taken;
		assert_int_equal(byte_stream_position(stream), total);
	}
	byte_stream_close(stream);
	return total;
}

static void plain_gzip_and_zstd_read_the_same(void **state)
{
	(void)state;
	uint8_t *bytes = story(), *packed = memory_allocate(2 * SIZE);
	assert_int_equal(read_all(bytes, SIZE, bytes, 1000), SIZE);
	assert_int_equal(read_all(packed, gzip(bytes, SIZE, packed, 2 * SIZE), bytes, 65536), SIZE);
	assert_int_equal(read_all(packed, ZSTD_compress(packed, 2 * SIZE, bytes, SIZE, 1), bytes, 65536),
			 SIZE);
	free(packed);
	free(bytes);
}

static void pieces_behind_one_another_read_as_one(void **state)
{
	(void)state;
	uint8_t *bytes = story(), *packed = memory_allocate(2 * SIZE);
	size_t half = gzip(bytes, SIZE / 2, packed, SIZE);
	size_t whole = half + gzip(bytes + SIZE / 2, SIZE / 2, packed + half, SIZE);
	assert_int_equal(read_all(packed, whole, bytes, 777), SIZE);
	half = ZSTD_compress(packed, SIZE, bytes, SIZE / 2, 1);
	whole = half + ZSTD_compress(packed + half, SIZE, bytes + SIZE / 2, SIZE / 2, 1);
	assert_int_equal(read_all(packed, whole, bytes, 777), SIZE);
	free(packed);
	free(bytes);
}

static void a_compressed_piece_that_is_cut_reads_up_to_the_cut(void **state)
{
	(void)state;
	uint8_t *bytes = story(), *packed = memory_allocate(2 * SIZE);
	size_t size = gzip(bytes, SIZE, packed, 2 * SIZE);
	int64_t read = read_all(packed, size / 2, bytes, 1000);
	assert_true(read > 0 && read < SIZE);
	size = ZSTD_compress(packed, 2 * SIZE, bytes, SIZE, 1);
	read = read_all(packed, size / 2, bytes, 1000);
	assert_true(read > 0 && read < SIZE);
	free(packed);
	free(bytes);
}

static void damage_in_a_compressed_piece_is_an_error(void **state)
{
	(void)state;
	uint8_t *bytes = story(), *packed = memory_allocate(2 * SIZE);
	size_t size = gzip(bytes, SIZE, packed, 2 * SIZE);
	memset(packed + size - 8, 0x55, 4); /* the checksum */
	assert_int_equal(read_all(packed, size, bytes, 1000), -1);
	free(packed);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_gzip_and_zstd_read_the_same),
		cmocka_unit_test(pieces_behind_one_another_read_as_one),
		cmocka_unit_test(a_compressed_piece_that_is_cut_reads_up_to_the_cut),
		cmocka_unit_test(damage_in_a_compressed_piece_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
