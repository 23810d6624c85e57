/* SPDX-License-Identifier: Apache-2.0 */
/* run.c — `tickbird run`: runs a program and records it. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/recording.h"
#include "base/memory.h"
#include "cli/output_file.h"
#include "cli/run_child.h"
#include "cli/unseen_text.h"

/* Signals that somebody may send to tickbird and mean the program. */
static const int passed_on[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
				SIGUSR2, SIGALRM, SIGCONT, SIGWINCH};

struct run {
	struct recording *recording;
	pid_t child;
	bool has_child_ended;
	bool has_descendants; /* anybody is left to be waited for */
	bool is_told_to_stop; /* after the child: leave the others alone and end the recording */
	int exit_code;
};

static int fail(const char *what, const struct error *error, int code)
{
	fprintf(stderr, "tickbird: %s%s%s\n", what ? what : "", what ? ": " : "", error->text);
	return code;
}

static char *command_text(char *const *words)
{
	size_t size = 1;
	for (char *const *word = words; *word; word++)
		size += strlen(*word) + 1;
	char *text = memory_allocate(size);
	for (char *const *word = words; *word; word++) {
		strcat(text, *word);
		if (word[1])
			strcat(text, " ");
	}
	return text;
}

/* Where the trace goes: what the user said, else the command's name with .tbt in the current directory. */
static char *output_path(const struct settings *settings, const char *command)
{
	if (settings->output)
		return memory_copy_text(settings->output, strlen(settings->output));
	const char *slash = strrchr(command, '/');
	const char *name = slash ? slash + 1 : command;
	size_t size = strlen(name) + sizeof ".tbt";
	char *path = memory_allocate(size);
	snprintf(path, size, "%s.tbt", name);
	return path;
}

/* What the shell would say of such an end. */
static int exit_code_of(int status)
{
	return WIFSIGNALED(status) ? EXIT_CODE_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Waits for everybody who has ended; the recording sees each before it is gone. */
static void reap(struct run *run)
{
	siginfo_t ended;
	for (;;) {
		ended.si_pid = 0;
		if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT)) {
			run->has_descendants = errno != ECHILD;
			return;
		}
		if (!ended.si_pid)
			return;
		recording_reap(run->recording, (uint32_t)ended.si_pid);
		int status;
		if (waitpid(ended.si_pid, &status, 0) == run->child) {
			run->has_child_ended = true;
			run->exit_code = exit_code_of(status);
		}
	}
}

/* A signal from the terminal reached the program too; one that was sent to tickbird alone is passed on. */
static void pass_on(struct run *run, const struct signalfd_siginfo *signal)
{
	if (run->has_child_ended)
		run->is_told_to_stop = signal->ssi_signo == SIGINT || signal->ssi_signo == SIGTERM ||
				       signal->ssi_signo == SIGHUP || signal->ssi_signo == SIGQUIT;
	else if (signal->ssi_code <= 0)
		kill(run->child, (int)signal->ssi_signo);
}

static void take_signals(struct run *run, int signals)
{
	struct signalfd_siginfo signal;
	while (read(signals, &signal, sizeof signal) == sizeof signal)
		if (signal.ssi_signo != SIGCHLD)
			pass_on(run, &signal);
}

/* Until the program and all its children have ended, or the program has and we are told to stop. */
static void record_until_end(struct run *run, int signals)
{
	struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
			       {.fd = recording_fd(run->recording), .events = POLLIN}};
	while (run->has_descendants && !run->is_told_to_stop) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents)
			recording_turn(run->recording);
		if (fds[0].revents)
			take_signals(run, signals);
		reap(run);
	}
}

static int signals_open(struct error *out_error)
{
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGPIPE); /* the line at the end may find nobody who reads it */
	sigaddset(&mask, SIGXFSZ); /* a file may not grow any more: write says so, and the arena's */
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
		sigaddset(&mask, passed_on[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	sigdelset(&mask, SIGPIPE);
	sigdelset(&mask, SIGXFSZ);
	int signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return signals < 0 ? error_set_errno(out_error, errno, "cannot listen for signals") : signals;
}

/* Each recorded process costs us two descriptors. The program was started before and keeps the limit that it was given. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void format_size(uint64_t bytes, char *out_text, size_t size)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
	size_t unit = 0;
	double value = (double)bytes;
	while (value >= 1000 && unit + 1 < sizeof units / sizeof *units) {
		value /= 1000;
		unit++;
	}
	snprintf(out_text, size, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* Ends the recording and says so; the exit code of tickbird. */
static int finish(struct run *run, const struct settings *settings, const char *path)
{
	struct recording_summary summary;
	struct error error;
	if (recording_finish(run->recording, run->exit_code, &summary, &error)) {
		fprintf(stderr, "tickbird: %s: %s; what was written before reads\n", path, error.text);
		unseen_fini(&summary.unseen);
		return run->exit_code ? run->exit_code : EXIT_CODE_FAILED;
	}
	char size[32];
	format_size(summary.bytes, size, sizeof size);
	if (!settings->quiet)
		unseen_print(stderr, &summary.unseen);
	if (!settings->quiet && !summary.processes)
		fprintf(stderr, "tickbird: %s: %s, nothing recorded\n", path, size);
	else if (!settings->quiet)
		fprintf(stderr, "tickbird: %s: %s, %llu events, %llu lost\n", path, size,
			(unsigned long long)summary.events, (unsigned long long)summary.lost_events);
	unseen_fini(&summary.unseen);
	return run->exit_code;
}

/* Starts the command and records it into the file. What an old file holds is lost only when the command was started. */
static int record(struct run *run, struct output_file *output, const char *library, int signals,
		  const struct run_signals *before, const struct settings *settings, char *const *words)
{
	struct error error;
	struct run_program program;
	run_look(&program, words[0], library);
	int code = run_child(words, program_preload(program.kind) == PRELOAD_REMOVE ? NULL : library,
			     recording_socket(run->recording), before, &run->child, &error);
	if (code) {
		recording_abandon(run->recording);
		output_file_abandon(output);
		return fail(NULL, &error, code);
	}
	if (program_is_unseen(program.kind))
		recording_tell_unseen(run->recording, (uint32_t)run->child, program.kind, program.path);
	raise_descriptor_limit();
	record_until_end(run, signals);
	code = finish(run, settings, output->path);
	output_file_keep(output, NULL); /* what could not be written was told */
	return code;
}

static int run_into(struct output_file *output, const char *library, const struct settings *settings,
		    char *const *words)
{
	char *command = command_text(words), directory[PATH_MAX] = "";
	if (!getcwd(directory, sizeof directory))
		*directory = 0;
	struct recording_options options = {.command = command,
					    .directory = directory,
					    .threshold_ns = settings->threshold_ns,
					    .arena_size = settings->arena_size_bytes,
					    .has_symbols = !settings->no_symbols};
	struct run run = {.has_descendants = true};
	struct run_signals before;
	struct error error;
	run_signals_read(&before);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	int signals = signals_open(&error), code = EXIT_CODE_FAILED;
	if (signals >= 0)
		run.recording = recording_open(&options, output_file_sink(output), &error);
	if (run.recording) {
		code = record(&run, output, library, signals, &before, settings, words);
	} else {
		fail(NULL, &error, code);
		output_file_abandon(output);
	}
	if (signals >= 0)
		close(signals);
	free(command);
	return code;
}

int verb_run(const struct settings *settings, char *const *words)
{
	struct error error;
	char *library = run_library(&error);
	if (!library)
		return fail(NULL, &error, EXIT_CODE_FAILED);
	char *path = output_path(settings, words[0]);
	struct output_file output;
	int code = output_file_open(&output, path, settings->force, &error)
			   ? fail(path, &error, EXIT_CODE_FAILED)
			   : run_into(&output, library, settings, words);
	free(path);
	free(library);
	return code;
}
