/* SPDX-License-Identifier: Apache-2.0 */
/* program_look.h — whether a program that is about to be run can be recorded, and what our library in its LD_PRELOAD
 * would do to it.
 *
 * The loader of a program that our library does not fit prints an error on the program's standard error or does not
 * start it. So whoever runs a program looks first: at the script's first line and the interpreter it names, at the
 * headers of the ELF file, at what the kernel will think of its set-user-id bits and capabilities, and at whether the
 * library is there for a process that has this root and these rights.
 *
 * Source:   execve(2); fs/binfmt_script.c and security/commoncap.c (secureexec) of Linux; ld.so(8).
 * Hostile:  files are read where their headers are, with bounds; only regular files are opened.
 * Threads:  safe in a signal handler and in a child of vfork: no allocation, about 2 KiB of stack; a descriptor is held
 *           for the length of the call.
 * Promise:  a program that cannot be looked at is PROGRAM_UNKNOWN: leave its environment alone.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define PRELOAD_VARIABLE "LD_PRELOAD" /* the libraries that ld.so(8) loads before all others */

enum program_kind {
	PROGRAM_FITS,
	PROGRAM_UNKNOWN,    /* not there, no regular file, or neither ELF nor script */
	PROGRAM_STATIC,     /* no loader, no library */
	PROGRAM_GO_STATIC,  /* the same, by Go */
	PROGRAM_PRIVILEGED, /* the loader takes no library of ours: set-user-id, set-group-id, capabilities */
	PROGRAM_GO,         /* with a loader; but its threads do not wait in libc */
	PROGRAM_OTHER_MACHINE, /* 32-bit, or of another processor */
	PROGRAM_OTHER_LOADER,  /* musl, or another libc than the one that the library is for */
	PROGRAM_SANITIZER,     /* the sanitizer's runtime has to be the first library */
	PROGRAM_UNREADABLE,    /* may be run but not read */
	PROGRAM_NO_LIBRARY,    /* our library cannot be opened from here */
	PROGRAM_DISABLED,      /* the user said so; never found by looking */
	PROGRAM_KIND_COUNT,
};

/* What to do about LD_PRELOAD. */
enum program_preload {
	PRELOAD_ADD,
	PRELOAD_LEAVE,  /* does no harm: the program's children may use it */
	PRELOAD_REMOVE, /* would do harm */
};

enum program_preload program_preload(enum program_kind kind);

/* Whether a program of this kind runs, and nothing of it is recorded. */
bool program_is_unseen(enum program_kind kind);

/* The word for it in traces. */
const char *program_kind_name(enum program_kind kind);

/* A system call: its result, or -errno. The caller's, because a guest may be in a process where it must make none. */
typedef long (*program_system_call)(long number, long a, long b, long c, long d);

/* Looks at what execveat(directory, path, …, flags) would run. library: path of ours, NULL for no matter. */
enum program_kind program_look(program_system_call call, int directory, const char *path, int flags,
			       const char *library);

/* Whether the process can read the file. */
bool program_can_open(program_system_call call, const char *path);

enum { PROGRAM_PATH_SIZE = 1024 };

/* Finds what execvp(3) would run: the first file of that name in the folders of `search` (a value of PATH; NULL: the
 * system's default) that the process may execute. Returns `name` itself when it has a slash, `room` with the path in
 * it, or NULL when there is none. */
const char *program_find(program_system_call call, const char *name, const char *search,
			 char room[PROGRAM_PATH_SIZE]);
