/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/arena_supply.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	CHUNKS_AHEAD = 64, /* pages are readied when fewer chunks than this are ready and unused */
	CHUNKS_AT_ONCE = 256,
};

/* Readies the pages of a part of the file; where the kernel has none to spare, the guest's own fault gets one later. */
static void ready_pages(const struct shared_arena *shared, const void *start, size_t size)
{
	size_t offset = (size_t)((const uint8_t *)start - (const uint8_t *)shared->arena.header);
	if (offset + size > shared->arena.size)
		size = shared->arena.size - offset;
	fallocate(shared->fd, 0, (off_t)offset, (off_t)size);
}

static int arena_make(const struct arena_terms *terms, struct shared_arena *out_arena,
		      struct error *out_error)
{
	struct shared_arena shared = {.fd = memfd_create("tickbird", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
	if (shared.fd < 0)
		return error_set_errno(out_error, errno, "cannot make shared memory");
	void *memory = MAP_FAILED;
	if (ftruncate(shared.fd, (off_t)terms->size) == 0)
		memory = mmap(NULL, terms->size, PROT_READ | PROT_WRITE, MAP_SHARED, shared.fd, 0);
	if (memory == MAP_FAILED || arena_lay_out(&shared.arena, memory, terms->size) ||
	    fcntl(shared.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		error_set_errno(out_error, errno, "cannot make %zu bytes of shared memory%s", terms->size,
				errno == EFBIG
					? "; raise the limit on file sizes (ulimit -f), or ask for less with "
					  "--arena-size"
					: "");
		if (memory != MAP_FAILED)
			munmap(memory, terms->size);
		close(shared.fd);
		return -1;
	}
	struct arena_header *header = shared.arena.header;
	header->layout_version = ARENA_LAYOUT_VERSION;
	header->is_recording = 1;
	header->clock = terms->clock;
	for (int i = 0; i < TRACE_CLOCK_COUNT; i++) {
		header->ticks_per_second[i] = terms->ticks_per_second[i];
		header->threshold_ticks[i] =
			(uint64_t)((double)terms->threshold_ns * (double)terms->ticks_per_second[i] * 1e-9);
	}
	ready_pages(&shared, shared.arena.threads, 4096);
	ready_pages(&shared, shared.arena.buckets, ARENA_BUCKETS * sizeof(uint32_t));
	ready_pages(&shared, shared.arena.nodes, 4096);
	shared_arena_grow(&shared);
	*out_arena = shared;
	return 0;
}

void shared_arena_grow(struct shared_arena *shared)
{
	uint32_t used = atomic_load_explicit(&shared->arena.header->chunks_used, memory_order_relaxed);
	if (used + CHUNKS_AHEAD <= shared->chunks_ready || shared->chunks_ready >= shared->arena.chunk_count)
		return;
	uint32_t more = shared->chunks_ready ? CHUNKS_AT_ONCE : CHUNKS_AHEAD;
	ready_pages(shared, shared->arena.chunks + (size_t)shared->chunks_ready * CHUNK_SIZE,
		    (size_t)more * CHUNK_SIZE);
	shared->chunks_ready += more;
}

void shared_arena_close(struct shared_arena *shared)
{
	munmap(shared->arena.header, shared->arena.size);
	close(shared->fd);
}

int supply_take(struct arena_supply *supply, struct shared_arena *out_arena, struct error *out_error)
{
	if (!supply->ready_count)
		return arena_make(&supply->terms, out_arena, out_error);
	*out_arena = supply->ready[--supply->ready_count];
	return 0;
}

int supply_refill(struct arena_supply *supply, struct error *out_error)
{
	while (supply->ready_count < SUPPLY_READY &&
	       arena_make(&supply->terms, &supply->ready[supply->ready_count],
			  supply->ready_count ? NULL : out_error) == 0)
		supply->ready_count++;
	return supply->ready_count ? 0 : -1;
}

void supply_close(struct arena_supply *supply)
{
	while (supply->ready_count)
		shared_arena_close(&supply->ready[--supply->ready_count]);
}
