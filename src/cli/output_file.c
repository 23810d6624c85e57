/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output_file.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int output_file_open(struct output_file *out_file, const char *path, bool may_overwrite,
		     struct error *out_error)
{
	struct output_file file = {.path = path, .is_made_here = true};
	file.fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file.fd < 0 && errno == EEXIST && !may_overwrite)
		return error_set(out_error,
				 "the file exists; overwrite it with --force, or name another with -o FILE");
	if (file.fd < 0 && errno == EEXIST) {
		file.is_made_here = false;
		file.fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666); /* a link may point nowhere yet */
	}
	if (file.fd < 0)
		return error_set_errno(out_error, errno, "cannot be created; name another file with -o FILE");

	struct stat status;
	if (fstat(file.fd, &status)) {
		close(file.fd);
		return error_set_errno(out_error, errno, "cannot look at it");
	}
	file.is_regular = S_ISREG(status.st_mode);
	*out_file = file;
	return 0;
}

bool output_file_is(const struct output_file *file, int fd)
{
	struct stat one, other;
	return !fstat(file->fd, &one) && !fstat(fd, &other) && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

int output_file_begin(struct output_file *file, struct error *out_error)
{
	if (file->is_regular && ftruncate(file->fd, 0))
		return error_set_errno(out_error, errno, "cannot empty it");
	file->is_begun = true;
	return 0;
}

static int begin_and_write(void *context, const void *bytes, size_t size)
{
	struct output_file *file = context;
	if (!file->is_begun && output_file_begin(file, NULL))
		return errno;
	struct trace_sink sink = trace_sink_file(&file->fd);
	return sink.write(sink.context, bytes, size);
}

struct trace_sink output_file_sink(struct output_file *file)
{
	return (struct trace_sink){begin_and_write, file};
}

int output_file_keep(struct output_file *file, struct error *out_error)
{
	return close(file->fd) ? error_set_errno(out_error, errno, "cannot write") : 0;
}

void output_file_abandon(struct output_file *file)
{
	if (file->is_regular && (file->is_made_here || file->is_begun))
		unlink(file->path);
	close(file->fd);
}
