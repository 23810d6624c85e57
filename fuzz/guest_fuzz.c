/* SPDX-License-Identifier: Apache-2.0 */
/* Any agent: whatever it answers to the guest's hello, and whatever it writes into the memory that it gives, the guest
 * keeps no descriptor, touches no memory but its own and the arena's, and gives no room to two threads.
 *
 * The input: how many descriptors come with the welcome, what they are, how many bytes the welcome has, and what makes it differ from a good one;
 * then steps, in each of which the agent writes a byte into the arena (a part, a byte of it, a value) and the guest
 * does something. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "fuzz.h"
#include "record/environment.h"
#include "record/hello.h"
#include "runtime/core/room.h"
#include "runtime/core/thread_life.h"
#include "runtime/unwind/stack_walk.h"
#include "runtime/wait/mutex.h"
#include "runtime/wait/wait.h"
#include "runtime/wait/wake_edge.h"

enum {
	DESCRIPTORS_MAX = 4,
	DESCRIPTORS_LOOKED_AT = 64,
	PLACES_MAX = 32,
	STEPS_MAX = 4096,
	WELCOME_MAX = 64,
	STEP_SIZE = 5,
};

enum descriptor_choice {
	CHOICE_ARENA,
	CHOICE_NOT_SEALED,
	CHOICE_SEALED_AGAINST_WRITING,
	CHOICE_SMALL,
	CHOICE_ODD,
	CHOICE_EMPTY,
	CHOICE_PIPE,
	CHOICE_DIRECTORY,
	CHOICE_COUNT
};

static struct {
	uint8_t descriptors, choice, welcome_size;
	uint8_t welcome[WELCOME_MAX];
} answer;

static int listener;
static sem_t answered;

static int make_descriptor(void)
{
	static const struct {
		size_t size;
		int seals;
	} memories[] = {
		[CHOICE_ARENA] = {ARENA_SIZE_MIN, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL},
		[CHOICE_NOT_SEALED] = {ARENA_SIZE_MIN, 0},
		[CHOICE_SEALED_AGAINST_WRITING] = {ARENA_SIZE_MIN, F_SEAL_SHRINK | F_SEAL_WRITE},
		[CHOICE_SMALL] = {4096, F_SEAL_SHRINK},
		[CHOICE_ODD] = {ARENA_SIZE_MIN + 1000, F_SEAL_SHRINK},
		[CHOICE_EMPTY] = {0, F_SEAL_SHRINK},
	};
	int ends[2];
	switch ((enum descriptor_choice)(answer.choice % CHOICE_COUNT)) {
	case CHOICE_PIPE:
		if (pipe(ends) == 0)
			close(ends[1]);
		return ends[0];
	case CHOICE_DIRECTORY:
		return open("/", O_RDONLY | O_DIRECTORY);
	case CHOICE_ARENA:
	case CHOICE_NOT_SEALED:
	case CHOICE_SEALED_AGAINST_WRITING:
	case CHOICE_SMALL:
	case CHOICE_ODD:
	case CHOICE_EMPTY:
	case CHOICE_COUNT:
		break;
	}
	int fd = memfd_create("arena", MFD_ALLOW_SEALING), choice = answer.choice % CHOICE_COUNT;
	struct arena_header header = {.layout_version = ARENA_LAYOUT_VERSION, .is_recording = 1};
	if (memories[choice].size >= sizeof header && pwrite(fd, &header, sizeof header, 0) != sizeof header)
		abort();
	if (ftruncate(fd, (off_t)memories[choice].size) || fcntl(fd, F_ADD_SEALS, memories[choice].seals))
		abort();
	return fd;
}

static void send_answer(int connection)
{
	size_t count = answer.descriptors % (DESCRIPTORS_MAX + 1), size = count * sizeof(int);
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
	} control = {.header = {CMSG_LEN(size), SOL_SOCKET, SCM_RIGHTS}};
	int fds[DESCRIPTORS_MAX];
	for (size_t i = 0; i < count; i++)
		fds[i] = make_descriptor();
	memcpy(CMSG_DATA(&control.header), fds, size);
	struct iovec part = {answer.welcome, answer.welcome_size};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = count ? &control : NULL,
				 .msg_controllen = count ? CMSG_SPACE(size) : 0};
	sendmsg(connection, &message, MSG_NOSIGNAL);
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

static void *be_the_agent(void *unused)
{
	for (;;) {
		struct hello hello;
		int connection = accept(listener, NULL, NULL);
		if (connection < 0 || recv(connection, &hello, sizeof hello, 0) != sizeof hello)
			abort();
		send_answer(connection);
		close(connection);
		sem_post(&answered);
	}
	return unused;
}

/* Once: a listener whose name the kernel picks, and the guest as the library's constructor begins it. */
static void begin(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(sa_family_t);
	char name[HELLO_ADDRESS_MAX + 1] = "";
	pthread_t thread;
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 5))
		abort();
	size = sizeof address;
	getsockname(listener, (struct sockaddr *)&address, &size);
	memcpy(name, address.sun_path + 1, size - offsetof(struct sockaddr_un, sun_path) - 1);
	setenv(ENVIRONMENT_SOCKET, name, 1);
	sem_init(&answered, 0, 0);
	if (pthread_create(&thread, NULL, be_the_agent, NULL))
		abort();
	thread_init();
	stack_walk_init(NULL);
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;
	for (int fd = 0; fd < DESCRIPTORS_LOOKED_AT; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* A byte of a part near the arena's beginning, where the guest looks. */
static uint8_t *byte_of(const struct arena *arena, const uint8_t *step)
{
	size_t at = (size_t)step[1] << 8 | step[2];
	switch (step[0] % 6) {
	case 0:
		return (uint8_t *)arena->header + at % sizeof *arena->header;
	case 1:
		return (uint8_t *)arena->threads + at % (16 * sizeof *arena->threads);
	case 2:
		return (uint8_t *)arena->buckets + at % (ARENA_BUCKETS * sizeof *arena->buckets);
	case 3:
		return (uint8_t *)arena->nodes + at % (256 * sizeof *arena->nodes);
	case 4:
		return (uint8_t *)&arena->header->free_threads + at % sizeof(arena_list);
	default:
		return arena->chunks + at % (32 * CHUNK_SIZE);
	}
}

struct places {
	struct room *rooms[PLACES_MAX];
	unsigned count;
};

static void take_place(struct places *places)
{
	struct room *room = places->count < PLACES_MAX ? thread_place_take() : NULL;
	for (unsigned i = 0; room && i < places->count; i++)
		if (places->rooms[i] == room || room == guest_thread.room)
			abort();
	if (room)
		places->rooms[places->count++] = room;
}

static void act(struct thread *thread, uint8_t what, struct places *places)
{
	static pthread_mutex_t lock;
	const void *frame = __builtin_frame_address(0);
	switch (what % 6) {
	case 0:
		wait_end(thread, wait_start(thread), (struct wait_object){.event = EVENT_SLEEP_WAIT}, frame);
		break;
	case 1:
		wait_end(thread, wait_start(thread),
			 (struct wait_object){.event = EVENT_POLL_WAIT, .object = 0, .is_descriptor = true},
			 frame);
		break;
	case 2:
		wait_gap(thread, frame);
		break;
	case 3:
		wake_edge(thread, WAKE_EVENT_LOCK_RELEASE, &lock, frame);
		break;
	case 4:
		take_place(places);
		break;
	default:
		if (places->count)
			thread_place_give_back(places->rooms[--places->count]);
		break;
	}
}

static void play(const uint8_t *steps, size_t size)
{
	struct places places = {.count = 0};
	guest_thread = (struct thread){.epoch = THREAD_NEW};
	for (int i = 0; size >= STEP_SIZE && i < STEPS_MAX; i++, steps += STEP_SIZE, size -= STEP_SIZE) {
		*byte_of(&guest_process.arena, steps) = steps[3];
		struct thread *thread = thread_awake();
		if (thread)
			act(thread, steps[4], &places);
	}
	thread_end();
}

/* As a process that is loaded anew. */
static void forget(void)
{
	process_sleep();
	if (guest_process.arena.header)
		munmap(guest_process.arena.header, guest_process.arena.size);
	if (guest_process.pool.rooms)
		munmap(guest_process.pool.rooms, (size_t)guest_process.pool.count * ROOM_SIZE);
	guest_process = (struct process){.pid = (uint32_t)getpid()};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static bool has_begun;
	if (!has_begun)
		begin();
	has_begun = true;
	if (size < 3)
		return 0;
	answer.descriptors = bytes[0];
	answer.choice = bytes[1];
	answer.welcome_size = bytes[2] % (WELCOME_MAX + 1);
	bytes += 3;
	size -= 3;
	if (answer.welcome_size > size)
		answer.welcome_size = (uint8_t)size;
	const struct welcome good = {HELLO_MAGIC, ARENA_LAYOUT_VERSION};
	memcpy(answer.welcome, bytes, answer.welcome_size);
	for (size_t i = 0; i < sizeof good && i < answer.welcome_size; i++)
		answer.welcome[i] ^= ((const uint8_t *)&good)[i];

	unsigned before = open_descriptors();
	process_init();
	sem_wait(&answered);
	if (open_descriptors() != before) {
		fprintf(stderr, "a descriptor was kept\n");
		abort();
	}
	if (process_word() >= PROCESS_FIRST_EPOCH)
		play(bytes + answer.welcome_size, size - answer.welcome_size);
	forget();
	return 0;
}
