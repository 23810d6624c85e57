/* SPDX-License-Identifier: Apache-2.0 */
/* hello.h — how a process and the agent meet: one message each way over a SOCK_SEQPACKET socket in the
 * abstract namespace.
 *
 *   guest → agent   struct hello
 *   agent → guest   struct welcome, with the arena's memfd (SCM_RIGHTS),
 *                   sealed F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL
 *
 *   guest → agent   struct unseen_notice, instead of a hello: a program runs that will say none. No answer.
 *
 * Both sides check SO_PEERCRED: the same effective user, or root on the agent's side. Then both close the
 * socket. A process says hello when it starts, and again after each fork and exec.
 *
 * The socket's name ends in a dot and the number of system call filters that the agent lives under. A process with the
 * same number has the same ones and may make the same calls; one with more must not even say hello.
 */
#pragma once
#include <stdint.h>

enum {
	HELLO_MAGIC = 0x54426864,  /* "TBhd" */
	UNSEEN_MAGIC = 0x54426873, /* "TBhs" */
	HELLO_WAIT_US = 5000,      /* the guest never waits longer for welcomes, all its tries together */
	HELLO_ADDRESS_MAX = 100,   /* bytes of the socket's name */
	THREAD_NAME_SIZE = 16,     /* bytes of a thread's name with its zero: the kernel's TASK_COMM_LEN */
};

struct hello {
	uint32_t magic;
	uint32_t layout_version; /* of the arena the guest was built with */
	uint32_t forked_from; /* pid of the parent when the program is the parent's (fork); 0 after an exec */
	uint32_t refused;     /* earlier hellos that found the agent's queue full */
	uint64_t voluntary, involuntary; /* switches of its main thread so far */
	char name[THREAD_NAME_SIZE];     /* of its main thread, ended by zeros */
};

struct unseen_notice {
	uint32_t magic;
	uint32_t layout_version;
	uint32_t pid;   /* of the child that runs it; 0: the sender is about to become it */
	uint32_t kind;  /* enum program_kind; PROGRAM_FITS: what the sender was about to become it did not */
	char path[256]; /* as it was run, ended by zeros; of a longer one the end */
};

struct welcome {
	uint32_t magic;
	uint32_t layout_version;
};

/* The decimal number that `digits` begins with, 0 when it begins with none. */
static inline uint32_t hello_number(const char *digits)
{
	uint32_t number = 0;
	for (int i = 0; i < 9 && digits[i] >= '0' && digits[i] <= '9'; i++)
		number = 10 * number + (uint32_t)(digits[i] - '0');
	return number;
}

/* How many filters the agent has that listens under this name. */
static inline uint32_t hello_agent_filters(const char *socket_name)
{
	const char *digits = "";
	for (const char *at = socket_name; *at; at++)
		if (*at == '.')
			digits = at + 1;
	return hello_number(digits);
}
