/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program_look.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/elf_look.h"

#define LOADER "/lib64/ld-linux-x86-64.so.2" /* of every glibc for x86-64 */

enum {
	SCRIPT_LINE_SIZE = 256, /* BINPRM_BUF_SIZE: as much of a script as the kernel reads */
	SCRIPTS_MAX = 5,        /* a script's interpreter may be a script: fs/exec.c, exec_binprm */
};

static const struct {
	const char *name;
	enum program_preload preload;
	bool is_unseen;
} kinds[PROGRAM_KIND_COUNT] = {
	[PROGRAM_FITS] = {"fits", PRELOAD_ADD, false},
	[PROGRAM_UNKNOWN] = {"unknown", PRELOAD_LEAVE, false},
	[PROGRAM_STATIC] = {"static", PRELOAD_LEAVE, true},
	[PROGRAM_GO_STATIC] = {"go", PRELOAD_LEAVE, true},
	[PROGRAM_PRIVILEGED] = {"privileged", PRELOAD_LEAVE, true},
	[PROGRAM_GO] = {"go", PRELOAD_REMOVE, true},
	[PROGRAM_OTHER_MACHINE] = {"other_machine", PRELOAD_REMOVE, true},
	[PROGRAM_OTHER_LOADER] = {"other_loader", PRELOAD_REMOVE, true},
	[PROGRAM_SANITIZER] = {"sanitizer", PRELOAD_REMOVE, true},
	[PROGRAM_UNREADABLE] = {"unreadable", PRELOAD_REMOVE, true},
	[PROGRAM_NO_LIBRARY] = {"no_library", PRELOAD_REMOVE, true},
	[PROGRAM_DISABLED] = {"disabled", PRELOAD_REMOVE, true},
};

enum program_preload program_preload(enum program_kind kind)
{
	return kinds[kind].preload;
}

bool program_is_unseen(enum program_kind kind)
{
	return kinds[kind].is_unseen;
}

const char *program_kind_name(enum program_kind kind)
{
	return kinds[kind].name;
}

/* A program's file, open. */
struct program_file {
	program_system_call call;
	int fd;
	struct stat stat;
};

static long read_at(void *file, uint64_t offset, void *out_bytes, size_t size)
{
	const struct program_file *program = file;
	return offset > INT64_MAX
		       ? -EINVAL
		       : program->call(SYS_pread64, program->fd, (long)out_bytes, (long)size, (long)offset);
}

/* The path of one of our own descriptors, for one that was not opened for reading. */
static const char *descriptor_path(int fd, char out_path[32])
{
	static const char folder[] = "/proc/self/fd/";
	memcpy(out_path, folder, sizeof folder);
	char digits[12], *digit = digits + sizeof digits;
	*--digit = 0;
	unsigned number = (unsigned)fd;
	do
		*--digit = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(out_path + sizeof folder - 1, digit, (size_t)(digits + sizeof digits - digit));
	return out_path;
}

/* Opens a regular file: opening anything else may do something. PROGRAM_FITS, or why it is not open. */
static enum program_kind open_program(struct program_file *program, int directory, const char *path,
				      int flags)
{
	enum { OPEN = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };
	if (program->call(SYS_newfstatat, directory, (long)path, (long)&program->stat,
			  flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) ||
	    !S_ISREG(program->stat.st_mode))
		return PROGRAM_UNKNOWN;
	char own[32];
	bool is_descriptor = flags & AT_EMPTY_PATH && !*path;
	if (is_descriptor)
		program->fd = (int)program->call(SYS_openat, AT_FDCWD, (long)descriptor_path(directory, own),
						 OPEN, 0);
	else
		program->fd = (int)program->call(SYS_openat, directory, (long)path,
						 OPEN | (flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0), 0);
	if (program->fd == -EACCES)
		return PROGRAM_UNREADABLE;
	return program->fd < 0 ? PROGRAM_UNKNOWN : PROGRAM_FITS;
}

/* The path that stands behind #! as the kernel reads it, ended by zero; false when there is none. */
static bool script_interpreter(char line[SCRIPT_LINE_SIZE + 1], size_t size, const char **out_path)
{
	if (size < 2 || line[0] != '#' || line[1] != '!')
		return false;
	line[size] = 0;
	char *path = line + 2 + strspn(line + 2, " \t");
	size_t length = strcspn(path, " \t\n");
	if (!length || path + length == line + SCRIPT_LINE_SIZE) /* cut: the kernel runs no half name */
		return false;
	path[length] = 0;
	*out_path = path;
	return true;
}

static bool is_same_file(program_system_call call, const char *path, const char *other)
{
	struct stat stat, other_stat;
	return call(SYS_newfstatat, AT_FDCWD, (long)path, (long)&stat, 0) == 0 &&
	       call(SYS_newfstatat, AT_FDCWD, (long)other, (long)&other_stat, 0) == 0 &&
	       stat.st_dev == other_stat.st_dev && stat.st_ino == other_stat.st_ino;
}

/* A file without an interpreter that is no program is a loader, run with a program as its argument. */
static bool is_loader(const struct elf_look *look)
{
	return !look->has_interpreter && !look->is_position_bound && !look->is_pie_marked && !look->is_go;
}

static bool is_our_loader(const struct program_file *program)
{
	struct stat ours;
	return program->call(SYS_newfstatat, AT_FDCWD, (long)LOADER, (long)&ours, 0) == 0 &&
	       ours.st_dev == program->stat.st_dev && ours.st_ino == program->stat.st_ino;
}

/* Whether the kernel will tell the loader to trust nobody (AT_SECURE). */
static bool is_privileged(const struct program_file *program)
{
	program_system_call call = program->call;
	long user = call(SYS_getuid, 0, 0, 0, 0), group = call(SYS_getgid, 0, 0, 0, 0);
	long new_user = call(SYS_geteuid, 0, 0, 0, 0), new_group = call(SYS_getegid, 0, 0, 0, 0);
	bool sets_user = program->stat.st_mode & S_ISUID;
	bool sets_group = (program->stat.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
	bool has_capabilities =
		user && new_user && call(SYS_fgetxattr, program->fd, (long)"security.capability", 0, 0) > 0;
	if (sets_user || sets_group || has_capabilities) {
		struct statfs mount;
		if (call(SYS_fstatfs, program->fd, (long)&mount, 0, 0) == 0 && mount.f_flags & ST_NOSUID)
			sets_user = sets_group = has_capabilities = false;
		if (call(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0) == 1)
			sets_user = sets_group = has_capabilities = false;
	}
	if (sets_user)
		new_user = program->stat.st_uid;
	if (sets_group)
		new_group = program->stat.st_gid;
	return new_user != user || new_group != group || has_capabilities;
}

static enum program_kind look_at_elf(struct program_file *program)
{
	struct elf_look look;
	if (elf_look((struct elf_source){read_at, program}, &look))
		return PROGRAM_UNKNOWN;
	if (look.is_foreign)
		return PROGRAM_OTHER_MACHINE;
	if (is_loader(&look))
		return is_our_loader(program) ? PROGRAM_FITS : PROGRAM_OTHER_LOADER;
	if (!look.has_interpreter)
		return look.is_go ? PROGRAM_GO_STATIC : PROGRAM_STATIC;
	if (strcmp(look.interpreter, LOADER) != 0 && !is_same_file(program->call, look.interpreter, LOADER))
		return PROGRAM_OTHER_LOADER;
	if (is_privileged(program))
		return PROGRAM_PRIVILEGED;
	if (look.is_sanitized)
		return PROGRAM_SANITIZER;
	return look.is_go ? PROGRAM_GO : PROGRAM_FITS;
}

bool program_can_open(program_system_call call, const char *path)
{
	int fd = (int)call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
	if (fd >= 0)
		call(SYS_close, fd, 0, 0, 0);
	return fd >= 0;
}

enum program_kind program_look(program_system_call call, int directory, const char *path, int flags,
			       const char *library)
{
	char line[SCRIPT_LINE_SIZE + 1];
	for (int i = 0; i <= SCRIPTS_MAX; i++) {
		struct program_file program = {.call = call};
		enum program_kind kind = open_program(&program, directory, path, flags);
		if (kind != PROGRAM_FITS)
			return kind;
		long size = read_at(&program, 0, line, SCRIPT_LINE_SIZE);
		bool is_script = size > 0 && script_interpreter(line, (size_t)size, &path);
		kind = is_script ? PROGRAM_UNKNOWN : look_at_elf(&program);
		call(SYS_close, program.fd, 0, 0, 0);
		if (!is_script)
			return kind == PROGRAM_FITS && library && !program_can_open(call, library)
				       ? PROGRAM_NO_LIBRARY
				       : kind;
		directory = AT_FDCWD;
		flags = 0;
	}
	return PROGRAM_UNKNOWN;
}

static bool can_execute(program_system_call call, const char *path)
{
	struct stat stat;
	return call(SYS_newfstatat, AT_FDCWD, (long)path, (long)&stat, 0) == 0 && S_ISREG(stat.st_mode) &&
	       call(SYS_faccessat2, AT_FDCWD, (long)path, X_OK, AT_EACCESS) == 0;
}

const char *program_find(program_system_call call, const char *name, const char *search,
			 char room[PROGRAM_PATH_SIZE])
{
	size_t name_size = strlen(name);
	if (strcspn(name, "/") < name_size)
		return name;
	const char *folder = search ? search : "/bin:/usr/bin";
	for (;; folder++) {
		size_t size = strcspn(folder, ":");
		if (size + name_size + 2 <= PROGRAM_PATH_SIZE) {
			memcpy(room, folder, size); /* an empty one is the current folder */
			room[size] = '/';
			memcpy(room + size + (size != 0), name, name_size + 1);
			if (can_execute(call, room))
				return room;
		}
		folder += size;
		if (!*folder)
			return NULL;
	}
}
