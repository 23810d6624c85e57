/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/test_process.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "record/environment.h"
#include "record/hello.h"

enum { DESCRIPTORS_MAX = 100 };

/* An agent that answers one hello as it is told to. */
struct agent {
	struct welcome welcome;
	size_t welcome_size;
	int seals;
	size_t arena_size;
	uint32_t layout_version; /* in the arena's header */
	bool is_silent;
	unsigned descriptors; /* so many, all of the arena */

	int listener;
	pthread_t thread;
	struct hello hello;
	size_t hello_size;
	_Atomic bool was_asked;
};

static struct agent good_agent(void)
{
	return (struct agent){.welcome = {HELLO_MAGIC, ARENA_LAYOUT_VERSION},
			      .welcome_size = sizeof(struct welcome),
			      .seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL,
			      .arena_size = ARENA_SIZE_MIN,
			      .layout_version = ARENA_LAYOUT_VERSION,
			      .descriptors = 1};
}

static int make_arena(const struct agent *agent)
{
	int fd = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct arena_header header = {.layout_version = agent->layout_version,
				      .is_recording = 1,
				      .ticks_per_second = {1000000000, 1000000000}};
	if (fd < 0 || ftruncate(fd, (off_t)agent->arena_size) || pwrite(fd, &header, sizeof header, 0) < 0 ||
	    (agent->seals && fcntl(fd, F_ADD_SEALS, agent->seals)))
		return -1;
	return fd;
}

static void send_welcome(const struct agent *agent, int connection)
{
	size_t arenas_size = agent->descriptors * sizeof(int);
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
	} control = {.header = {CMSG_LEN(arenas_size), SOL_SOCKET, SCM_RIGHTS}};
	int arena_fd = make_arena(agent), arenas[DESCRIPTORS_MAX];
	for (int i = 0; i < DESCRIPTORS_MAX; i++)
		arenas[i] = arena_fd;
	memcpy(CMSG_DATA(&control.header), arenas, arenas_size);
	struct welcome welcome[2] = {agent->welcome};
	struct iovec part = {welcome, agent->welcome_size};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = agent->descriptors ? &control : NULL,
				 .msg_controllen = agent->descriptors ? CMSG_SPACE(arenas_size) : 0};
	sendmsg(connection, &message, MSG_NOSIGNAL);
	close(arena_fd);
}

static void *answer_one(void *argument)
{
	struct agent *agent = argument;
	struct pollfd ready = {.fd = agent->listener, .events = POLLIN};
	poll(&ready, 1, -1);
	int connection = accept(agent->listener, NULL, NULL);
	if (connection < 0) /* the test shuts the listener down when nobody came */
		return NULL;
	agent->was_asked = true;
	ssize_t size = recv(connection, &agent->hello, sizeof agent->hello, 0);
	agent->hello_size = size < 0 ? 0 : (size_t)size;
	char more;
	if (agent->is_silent)
		recv(connection, &more, sizeof more, 0); /* until the guest has given up */
	else
		send_welcome(agent, connection);
	close(connection);
	return NULL;
}

/* Listens under a name that the kernel picks, and tells the guest of it as `tickbird run` does. */
static void agent_listen(struct agent *agent)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(sa_family_t);
	agent->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(agent->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(agent->listener, 5), 0);
	size = sizeof address;
	assert_int_equal(getsockname(agent->listener, (struct sockaddr *)&address, &size), 0);
	char name[HELLO_ADDRESS_MAX + 1] = "";
	memcpy(name, address.sun_path + 1, size - offsetof(struct sockaddr_un, sun_path) - 1);
	setenv(ENVIRONMENT_SOCKET, name, 1);
}

static void agent_start(struct agent *agent)
{
	agent->was_asked = false;
	assert_int_equal(pthread_create(&agent->thread, NULL, answer_one, agent), 0);
}

static void agent_join(struct agent *agent)
{
	pthread_join(agent->thread, NULL);
}

static void agent_stop(struct agent *agent)
{
	shutdown(agent->listener, SHUT_RDWR);
	agent_join(agent);
	close(agent->listener);
}

static uint32_t word(void)
{
	return atomic_load(&quick_words.process_word);
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;
	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

enum { PATIENCE = 100 }; /* of hellos that are answered: the machine may be busy, or a sanitizer slow */

static int forget(void **state)
{
	(void)state;
	process_patience = PATIENCE;
	if (guest_process.arena.header)
		munmap(guest_process.arena.header, guest_process.arena.size);
	if (guest_process.pool.rooms)
		munmap(guest_process.pool.rooms, (size_t)guest_process.pool.count * ROOM_SIZE);
	guest_process = (struct process){.pid = (uint32_t)getpid()};
	unsetenv(ENVIRONMENT_SOCKET);
	unsetenv(ENVIRONMENT_DISABLE);
	return 0;
}

/* Says hello to the agent once, as a program does at its start; whether it is awake then. */
static bool wakes_up(struct agent *agent)
{
	unsigned before = open_descriptors();
	agent_listen(agent);
	agent_start(agent);
	process_init();
	agent_stop(agent);
	assert_int_equal(open_descriptors(), before); /* nothing stays open, whatever came */
	return word() >= PROCESS_FIRST_EPOCH;
}

static void a_welcome_with_an_arena_wakes_the_process(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	assert_true(wakes_up(&agent));
	assert_int_equal(agent.hello_size, sizeof(struct hello));
	assert_int_equal(agent.hello.magic, HELLO_MAGIC);
	assert_int_equal(agent.hello.layout_version, ARENA_LAYOUT_VERSION);
	assert_int_equal(agent.hello.forked_from, 0);
	assert_int_equal(guest_process.agent_pid, getpid());
	assert_int_equal(guest_process.arena.size, ARENA_SIZE_MIN);
	assert_int_equal(guest_process.arena.header->layout_version, ARENA_LAYOUT_VERSION);
}

static void what_cannot_be_an_arena_is_refused(void **state)
{
	enum { CASES = 12 };
	struct {
		const char *what;
		struct agent agent;
	} cases[CASES];
	for (int i = 0; i < CASES; i++)
		cases[i].agent = good_agent();
	cases[0].what = "not sealed";
	cases[0].agent.seals = 0;
	cases[1].what = "sealed against growing alone";
	cases[1].agent.seals = F_SEAL_GROW | F_SEAL_SEAL;
	cases[2].what = "too small";
	cases[2].agent.arena_size = ARENA_SIZE_MIN - 4096;
	cases[3].what = "of an odd size";
	cases[3].agent.arena_size = ARENA_SIZE_MIN + 1000;
	cases[4].what = "too big";
	cases[4].agent.arena_size = (size_t)ARENA_SIZE_MAX + 4096;
	cases[5].what = "of another layout";
	cases[5].agent.layout_version = ARENA_LAYOUT_VERSION + 1;
	cases[6].what = "with a welcome of another version";
	cases[6].agent.welcome.layout_version = ARENA_LAYOUT_VERSION + 1;
	cases[7].what = "with a welcome that is none";
	cases[7].agent.welcome.magic ^= 1;
	cases[8].what = "not there";
	cases[8].agent.descriptors = 0;
	cases[9].what = "with another beside it";
	cases[9].agent.descriptors = 2;
	cases[10].what = "with a hundred";
	cases[10].agent.descriptors = DESCRIPTORS_MAX;
	cases[11].what = "in a welcome too long";
	cases[11].agent.welcome_size = sizeof(struct welcome) + 1;
	for (int i = 0; i < CASES; i++) {
		if (wakes_up(&cases[i].agent))
			fail_msg("an arena %s was taken", cases[i].what);
		assert_true(cases[i].agent.was_asked);
		assert_int_equal(word(), PROCESS_ASLEEP); /* for good */
		forget(state);
	}
}

static void a_welcome_cut_short_is_none(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	agent.welcome_size = sizeof(struct welcome) - 1;
	assert_false(wakes_up(&agent));
	assert_int_equal(word(), PROCESS_ASLEEP);
}

static void an_agent_of_another_user_is_not_asked(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("only root can listen as another user\n");
		skip();
	}
	struct agent agent = good_agent();
	assert_int_equal(seteuid(65534), 0);
	agent_listen(&agent); /* whose listener it is, is what the kernel says */
	assert_int_equal(seteuid(0), 0);
	agent_start(&agent);
	process_init();
	agent_stop(&agent);
	assert_int_equal(agent.hello_size, 0);
	assert_int_equal(word(), PROCESS_ASLEEP);
}

static void without_an_agent_the_process_sleeps_for_good(void **state)
{
	char longest[HELLO_ADDRESS_MAX + 1], too_long[HELLO_ADDRESS_MAX + 2];
	memset(longest, 'x', HELLO_ADDRESS_MAX);
	longest[HELLO_ADDRESS_MAX] = 0;
	memset(too_long, 'x', HELLO_ADDRESS_MAX + 1);
	too_long[HELLO_ADDRESS_MAX + 1] = 0;
	const char *const names[] = {NULL, "", "tickbird-test-nobody-listens-here", longest, too_long};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (names[i])
			setenv(ENVIRONMENT_SOCKET, names[i], 1);
		process_init();
		assert_int_equal(word(), PROCESS_ASLEEP);
		process_hello();
		assert_int_equal(word(), PROCESS_ASLEEP);
		forget(state);
	}
}

static void a_disabled_library_asks_nobody(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	setenv(ENVIRONMENT_DISABLE, "1", 1);
	assert_false(wakes_up(&agent));
	assert_false(agent.was_asked);
	assert_int_equal(word(), PROCESS_ASLEEP);
}

/* One hello to an agent that hears it and never answers. */
static void say_hello_in_vain(struct agent *agent, void (*hello)(void))
{
	agent->is_silent = true;
	agent_start(agent);
	uint32_t pid_before = guest_process.pid;
	process_patience = 1;
	do
		hello();
	while (!agent->was_asked && word() == PROCESS_RETRY);
	process_patience = PATIENCE;
	agent_join(agent);
	assert_int_equal(guest_process.pid, pid_before);
}

static void say_hello_with_success(struct agent *agent)
{
	agent->is_silent = false;
	agent_start(agent);
	while (word() == PROCESS_RETRY)
		process_hello();
	agent_join(agent);
	assert_in_range(word(), PROCESS_FIRST_EPOCH, UINT32_MAX);
}

static void a_slow_agent_is_asked_again_a_few_times_and_then_no_more(void **state)
{
	(void)state;
	enum { TRIES = 4 };
	struct agent agent = good_agent();
	agent_listen(&agent);
	uint64_t start = clock_monotonic_ns();
	for (int attempt = 1; attempt <= TRIES; attempt++) {
		say_hello_in_vain(&agent, attempt == 1 ? process_init : process_hello);
		assert_int_equal(word(), attempt < TRIES ? PROCESS_RETRY : PROCESS_ASLEEP);
	}
	/* In between it was left alone for a while: far longer than all that was waited for. */
	assert_in_range(clock_monotonic_ns() - start, UINT64_C(1110000000), UINT64_MAX);
	agent_start(&agent);
	process_hello();
	agent_stop(&agent);
	assert_false(agent.was_asked);
}

static void an_agent_that_answers_later_wakes_the_process_then(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	agent_listen(&agent);
	say_hello_in_vain(&agent, process_init);
	say_hello_with_success(&agent);
	close(agent.listener);
}

static void an_agent_whose_queue_is_full_is_asked_later(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	agent_listen(&agent);
	listen(agent.listener, 0);
	struct sockaddr_un address;
	socklen_t size = sizeof address;
	getsockname(agent.listener, (struct sockaddr *)&address, &size);
	int waiting[3], count = 0;
	while (count < 3) {
		waiting[count] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
		if (connect(waiting[count++], (struct sockaddr *)&address, size))
			break;
	}
	process_init();
	assert_int_equal(word(), PROCESS_RETRY);
	for (int i = 0; i < count - 1; i++) /* the last one found the queue full */
		close(accept(agent.listener, NULL, NULL));
	say_hello_with_success(&agent);
	assert_int_equal(agent.hello.refused, 1);
	while (count)
		close(waiting[--count]);
	close(agent.listener);
}

static int child_retries_its_hello(void)
{
	process_patience = 1;
	process_hello(); /* in vain */
	process_patience = PATIENCE;
	if (word() != PROCESS_RETRY)
		return 1;
	while (word() == PROCESS_RETRY)
		process_hello();
	return word() < PROCESS_FIRST_EPOCH;
}

/* The first hello of a child went unanswered, and the second did not say whose child it was. */
static void a_child_whose_hello_is_retried_still_says_whose_child_it_is(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	agent_listen(&agent);
	agent_start(&agent);
	process_init();
	agent_join(&agent);
	assert_in_range(word(), PROCESS_FIRST_EPOCH, UINT32_MAX);

	pid_t child = fork();
	if (child == 0)
		_exit(child_retries_its_hello());
	struct agent later[2] = {good_agent(), good_agent()};
	for (int i = 0; i < 2; i++) {
		later[i].listener = agent.listener;
		later[i].is_silent = i == 0;
		agent_start(&later[i]);
		agent_join(&later[i]);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(later[0].hello.forked_from, getpid());
	assert_int_equal(later[1].hello.forked_from, getpid());
	close(agent.listener);
}

static void a_process_that_is_awake_or_asleep_says_no_more_hello(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	assert_true(wakes_up(&agent));
	uint32_t epoch = word();
	process_hello();
	assert_int_equal(word(), epoch);
	process_sleep();
	process_hello();
	assert_int_equal(word(), PROCESS_ASLEEP);
}

/* Runs in a child, which reports by its exit code: 0 when all was as it should be. */
static void assert_in_child(int (*story)(void))
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(story());
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int child_finds_its_word_wiped(void)
{
	return word() != PROCESS_WIPED;
}

static void a_forked_child_finds_its_word_wiped_and_its_parents_kept(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	assert_true(wakes_up(&agent));
	uint32_t epoch = word();
	assert_in_child(child_finds_its_word_wiped);
	assert_int_equal(word(), epoch);
}

static uint32_t parents_epoch;

static int child_says_hello_of_its_own(void)
{
	struct thread *thread = thread_awake();
	return !thread || word() <= parents_epoch || thread->epoch != word() || thread->slot != 1 ||
	       thread->tid != (uint32_t)getpid() || guest_process.arena.header->chunks_used != 1;
}

static void a_forked_child_says_hello_with_its_parents_pid(void **state)
{
	(void)state;
	struct agent agent = good_agent(), second = good_agent();
	agent_listen(&agent);
	agent_start(&agent);
	guest_thread = (struct thread){.epoch = THREAD_NEW};
	process_init();
	agent_join(&agent);
	assert_non_null(thread_awake());
	parents_epoch = word();

	second.listener = agent.listener;
	agent_start(&second);
	assert_in_child(child_says_hello_of_its_own);
	agent_stop(&second);
	assert_true(second.was_asked);
	assert_int_equal(second.hello.forked_from, getpid());
	left_cpu_disarm();
}

static void a_recording_that_is_over_puts_the_process_to_sleep(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	assert_true(wakes_up(&agent));
	process_check_agent();
	assert_in_range(word(), PROCESS_FIRST_EPOCH, UINT32_MAX);
	guest_process.arena.header->is_recording = 0;
	process_check_agent();
	assert_int_equal(word(), PROCESS_ASLEEP);
}

static void an_agent_that_is_gone_puts_the_process_to_sleep(void **state)
{
	(void)state;
	struct agent agent = good_agent();
	assert_true(wakes_up(&agent));
	pid_t gone = fork();
	if (gone == 0)
		_exit(0);
	assert_int_equal(waitpid(gone, NULL, 0), gone);
	guest_process.agent_pid = (uint32_t)gone;
	guest_process.agent_asked_ns = clock_monotonic_ns(); /* somebody looked a moment ago */
	process_check_agent();
	assert_in_range(word(), PROCESS_FIRST_EPOCH, UINT32_MAX);
	guest_process.agent_asked_ns = 0;
	process_check_agent();
	assert_int_equal(word(), PROCESS_ASLEEP);
}

#define test_and_forget(test) cmocka_unit_test_setup_teardown(test, forget, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_and_forget(a_welcome_with_an_arena_wakes_the_process),
		test_and_forget(what_cannot_be_an_arena_is_refused),
		test_and_forget(a_welcome_cut_short_is_none),
		test_and_forget(an_agent_of_another_user_is_not_asked),
		test_and_forget(without_an_agent_the_process_sleeps_for_good),
		test_and_forget(a_disabled_library_asks_nobody),
		test_and_forget(a_slow_agent_is_asked_again_a_few_times_and_then_no_more),
		test_and_forget(an_agent_that_answers_later_wakes_the_process_then),
		test_and_forget(an_agent_whose_queue_is_full_is_asked_later),
		test_and_forget(a_child_whose_hello_is_retried_still_says_whose_child_it_is),
		test_and_forget(a_process_that_is_awake_or_asleep_says_no_more_hello),
		test_and_forget(a_forked_child_finds_its_word_wiped_and_its_parents_kept),
		test_and_forget(a_forked_child_says_hello_with_its_parents_pid),
		test_and_forget(a_recording_that_is_over_puts_the_process_to_sleep),
		test_and_forget(an_agent_that_is_gone_puts_the_process_to_sleep),
	};
	thread_init();
	stack_walk_init(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
