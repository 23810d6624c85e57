/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor_checks.h"
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/clock_choice.h"
#include "agent/listener.h"
#include "agent/proc_file.h"
#include "agent/recording.h"
#include "agent/totals.h"
#include "cli/run_child.h"
#include "cli/settings.h"
#include "cli/setting.h"
#include "record/environment.h"

void finding_set(struct finding *finding, enum finding_state state, const char *advice, const char *format,
		 ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(finding->text, sizeof finding->text, format, arguments);
	va_end(arguments);
	snprintf(finding->advice, sizeof finding->advice, "%s", advice);
	finding->state = state;
}

const char *finding_state_word(enum finding_state state)
{
	static const char *const words[] = {"fine", "limited", "broken"};
	return words[state];
}

/* Whether every user can come to the file: programs change theirs. */
static bool is_readable_by_all(const char *path)
{
	char part[4096];
	struct stat stat_;
	snprintf(part, sizeof part, "%s", path);
	if (stat(part, &stat_) || !(stat_.st_mode & S_IROTH))
		return false;
	for (char *slash = strrchr(part, '/'); slash && slash != part; slash = strrchr(part, '/')) {
		*slash = 0;
		if (stat(part, &stat_) || !(stat_.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

static void look_at_library(struct finding *finding)
{
	struct error error;
	struct statvfs mount;
	char *library = run_library(&error);
	if (!library)
		finding_set(finding, FINDING_BROKEN, "install tickbird whole", "%s", error.text);
	else if (statvfs(library, &mount) == 0 && mount.f_flag & ST_NOEXEC)
		finding_set(finding, FINDING_BROKEN,
			    "install tickbird on a file system that is not mounted noexec",
			    "%s stands where nothing may be executed", library);
	else if (!is_readable_by_all(library))
		finding_set(finding, FINDING_LIMITED, "install tickbird where all users can read it",
			    "%s cannot be read by every user: programs that change theirs run unrecorded",
			    library);
	else
		finding_set(finding, FINDING_FINE, "", "%s", library);
	free(library);
}

/* Waits for the child that is recorded. */
static void await_child(struct recording *recording, pid_t child)
{
	siginfo_t ended = {0};
	while (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && !ended.si_pid) {
		poll(&(struct pollfd){.fd = recording_fd(recording), .events = POLLIN}, 1, 20);
		recording_turn(recording);
	}
	recording_reap(recording, (uint32_t)child);
	waitpid(child, NULL, 0);
}

/* A whole recording of a small program. */
static void look_at_recording(struct finding *finding)
{
	static const char *const words[] = {"/bin/true", NULL};
	const char *disabled = getenv(ENVIRONMENT_DISABLE);
	if (disabled && *disabled) {
		finding_set(finding, FINDING_BROKEN, "unset it", "%s is set: nothing is recorded",
			    ENVIRONMENT_DISABLE);
		return;
	}
	struct error error = {""};
	char *library = run_library(&error);
	int file = memfd_create("tickbird-doctor", MFD_CLOEXEC);
	const struct recording_options options = {.command = words[0],
						  .directory = "/",
						  .threshold_ns = settings_default.threshold_ns,
						  .arena_size = settings_default.arena_size_bytes};
	struct recording *recording =
		library && file >= 0 ? recording_open(&options, trace_sink_file(&file), &error) : NULL;
	if (!recording) {
		finding_set(finding, FINDING_BROKEN, "mend what is broken above",
			    "nothing can be recorded: %s", error.text);
	} else {
		struct run_signals signals;
		struct recording_summary summary = {0};
		pid_t child;
		run_signals_read(&signals);
		if (run_child((char *const *)words, library, recording_socket(recording), &signals, &child,
			      &error)) {
			finding_set(finding, FINDING_BROKEN, "mend what is broken above", "%s", error.text);
			recording_abandon(recording);
		} else {
			await_child(recording, child);
			recording_finish(recording, 0, &summary, &error);
			unseen_fini(&summary.unseen);
			if (summary.processes)
				finding_set(finding, FINDING_FINE, "",
					    "%s was recorded: %" PRIu64 " events, %" PRIu64 " lost", words[0],
					    summary.events, summary.lost_events);
			else
				finding_set(finding, FINDING_BROKEN,
					    "look above for what is broken; a system call filter or an "
					    "LD_PRELOAD of the "
					    "system may stand in the way",
					    "%s ran, but said no hello: nothing can be recorded", words[0]);
		}
	}
	if (file >= 0)
		close(file);
	free(library);
}

static void look_at_sockets(struct finding *finding)
{
	struct error error;
	struct arena_terms terms = {.size = ARENA_SIZE_MIN, .ticks_per_second = {1, 1}};
	struct listener *listener = listener_open(&terms, &error);
	if (listener) {
		finding_set(finding, FINDING_FINE, "",
			    "processes can meet their recorder in the abstract name space");
		listener_close(listener);
	} else {
		finding_set(finding, FINDING_BROKEN, "allow AF_UNIX sockets to tickbird (seccomp, LSM)", "%s",
			    error.text);
	}
}

static void look_at_shared_memory(struct finding *finding)
{
	struct error error;
	struct arena_supply supply = {
		.terms = {.size = settings_default.arena_size_bytes, .ticks_per_second = {1, 1}}};
	struct shared_arena arena;
	if (supply_take(&supply, &arena, &error)) {
		finding_set(finding, FINDING_BROKEN,
			    "raise ulimit -v and ulimit -f, or record with a smaller --arena-size", "%s",
			    error.text);
		return;
	}
	finding_set(finding, FINDING_FINE, "", "%zu MiB for each process can be made and sealed",
		    arena.arena.size >> 20);
	shared_arena_close(&arena);
}

static void look_at_clock(struct finding *finding)
{
	char source[64];
	if (clock_choose(source, sizeof source) == TRACE_CLOCK_TSC)
		finding_set(finding, FINDING_FINE, "",
			    "the kernel keeps time by the TSC, and so does the library");
	else
		finding_set(finding, FINDING_LIMITED,
			    "if the hypervisor offers a stable TSC, boot with clocksource=tsc; recording "
			    "works as it is",
			    "the kernel keeps time by %s: each reading costs more than by the TSC", source);
}

static void look_at_left_cpu(struct finding *finding)
{
	if (__rseq_size)
		finding_set(
			finding, FINDING_FINE, "",
			"threads have an rseq area: whether they left the CPU is seen without a system call");
	else
		finding_set(
			finding, FINDING_LIMITED,
			"do not set glibc.pthread.rseq=0 in GLIBC_TUNABLES; the kernel needs 4.18 or later",
			"threads have no rseq area: waits outside of hooked calls are not seen, and calls "
			"cost more");
}

static void look_at_scheduler(struct finding *finding)
{
	char *text = proc_read(NULL, "/proc/self/schedstat");
	if (text && *text)
		finding_set(finding, FINDING_FINE, "",
			    "the kernel tells how long threads were ready without a CPU");
	else
		finding_set(finding, FINDING_LIMITED, "mount /proc; the kernel needs CONFIG_SCHED_INFO",
			    "/proc/PID/schedstat cannot be read: being ready without a CPU is not told from "
			    "running");
	free(text);
}

static void look_at_throttling(struct finding *finding)
{
	char *path = totals_throttle_path((uint32_t)getpid());
	if (path)
		finding_set(finding, FINDING_FINE, "", "%s tells when the CPU quota held the program back",
			    path);
	else
		finding_set(finding, FINDING_LIMITED,
			    "mount the cgroup file system readable below /sys/fs/cgroup",
			    "no cpu.stat of the control group: throttling shows as waiting for a CPU");
	free(path);
}

static void look_at_filters(struct finding *finding)
{
	char *status = proc_read(NULL, "/proc/self/status");
	uint64_t mode = status ? proc_number(status, "\nSeccomp:") : 0;
	if (mode)
		finding_set(
			finding, FINDING_LIMITED,
			"if nothing is recorded below, allow socket, connect, sendto, recvmsg, memfd_create, "
			"pidfd_open to tickbird",
			"a system call filter is on tickbird and on all that it runs");
	else
		finding_set(finding, FINDING_FINE, "", "no system call filter is inherited");
	free(status);
}

static void look_at_descriptors(struct finding *finding)
{
	enum { OF_A_PROCESS = 2, FEW = 512 };
	struct rlimit limit = {0};
	getrlimit(RLIMIT_NOFILE, &limit);
	uint64_t processes = limit.rlim_max / OF_A_PROCESS;
	if (processes < FEW)
		finding_set(finding, FINDING_LIMITED, "raise the hard limit: ulimit -H -n",
			    "%" PRIu64 " processes at a time can be recorded; the others run unrecorded",
			    processes);
	else
		finding_set(finding, FINDING_FINE, "", "%" PRIu64 " processes at a time can be recorded",
			    processes);
}

static void look_at_perf_events(struct finding *finding)
{
	struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE,
					     .size = sizeof attributes,
					     .config = PERF_COUNT_SW_CONTEXT_SWITCHES,
					     .exclude_kernel = 1,
					     .exclude_hv = 1};
	int fd = (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	int error = fd < 0 ? errno : 0;
	char *level = proc_read(NULL, "/proc/sys/kernel/perf_event_paranoid");
	if (fd >= 0)
		close(fd);
	finding_set(finding, FINDING_FINE, "", "not needed; they %s (perf_event_paranoid %.*s%s%s)",
		    error ? "cannot be opened" : "can be opened", level ? (int)strcspn(level, "\n") : 7,
		    level ? level : "unknown", error ? ", " : "", error ? strerror(error) : "");
	free(level);
}

static void look_at_ptrace(struct finding *finding)
{
	char *scope = proc_read(NULL, "/proc/sys/kernel/yama/ptrace_scope");
	finding_set(finding, FINDING_FINE, "",
		    "not needed: the library says hello by itself (yama ptrace_scope %.*s)",
		    scope ? (int)strcspn(scope, "\n") : 6, scope ? scope : "absent");
	free(scope);
}

static void look_at_debug_files(struct finding *finding)
{
	if (access("/usr/lib/debug/.build-id", R_OK | X_OK) == 0)
		finding_set(finding, FINDING_FINE, "",
			    "debug files of packages are installed in /usr/lib/debug");
	else
		finding_set(finding, FINDING_LIMITED,
			    "install the -dbgsym packages of what you want to see lines of",
			    "no debug files in /usr/lib/debug: stripped libraries show exported functions "
			    "without lines");
}

const struct doctor_check doctor_checks[] = {
	{"library", look_at_library},
	{"sockets", look_at_sockets},
	{"shared memory", look_at_shared_memory},
	{"call filter", look_at_filters},
	{"recording", look_at_recording},
	{"clock", look_at_clock},
	{"left-CPU mark", look_at_left_cpu},
	{"scheduler", look_at_scheduler},
	{"throttling", look_at_throttling},
	{"descriptors", look_at_descriptors},
	{"debug files", look_at_debug_files},
	{"perf events", look_at_perf_events},
	{"ptrace", look_at_ptrace},
	{0},
};
