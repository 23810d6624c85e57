/* SPDX-License-Identifier: Apache-2.0 */
/* table.h — every function of libc that the guest stands in front of. There is no other list.
 *
 *	TIMED(name, result, parameters, arguments, event, object)        a call that is likely to block: always timed
 *	DESCRIPTOR(name, result, parameters, arguments, fd, event, how, call)    on a descriptor: timed unless hinted (descriptor.h);
 *	                                                                         event 0: told by what the descriptor is
 *	POLL(name, result, parameters, arguments, fd, is_instant, how, call)     waits for descriptors; not timed when it asks not
 *	                                                                         to wait; fd may look at the caller's memory
 *	EPOLL(name, result, parameters, arguments, fd, is_instant, how, call)    the same for an epoll
 *	WRITTEN(name, result, parameters, arguments)                     written out in a file of this folder
 *	COLLECTED(name)                                                  the same; its arguments are a list of any length, and it
 *	                                                                 calls what takes them as one
 *	ALIAS(alias, name)                                               another exported name of the same function
 *
 * how:  DIRECT  libc's function is a system call and nothing else (direct.h): the system call
 *       LIBC    it does more; call is 0
 *
 * Whoever includes this page defines those of the macros that it wants; the others are nothing.
 */
#ifndef TIMED
#define TIMED(...)
#endif
#ifndef DESCRIPTOR
#define DESCRIPTOR(...)
#endif
#ifndef POLL
#define POLL(...)
#endif
#ifndef EPOLL
#define EPOLL(...)
#endif
#ifndef WRITTEN
#define WRITTEN(...)
#endif
#ifndef COLLECTED
#define COLLECTED(...)
#endif
#ifndef ALIAS
#define ALIAS(...)
#endif
/* clang-format off */

/* Locks and conditions: locks.c */
WRITTEN(pthread_mutex_lock, int, (pthread_mutex_t *mutex), (mutex))
WRITTEN(pthread_mutex_timedlock, int, (pthread_mutex_t *mutex, const struct timespec *until), (mutex, until))
WRITTEN(pthread_mutex_clocklock, int, (pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until), (mutex, clock, until))
WRITTEN(pthread_mutex_unlock, int, (pthread_mutex_t *mutex), (mutex))
WRITTEN(pthread_cond_wait, int, (pthread_cond_t *condition, pthread_mutex_t *mutex), (condition, mutex))
WRITTEN(pthread_cond_timedwait, int, (pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until), (condition, mutex, until))
WRITTEN(pthread_cond_clockwait, int, (pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until), (condition, mutex, clock, until))
WRITTEN(pthread_cond_signal, int, (pthread_cond_t *condition), (condition))
WRITTEN(pthread_cond_broadcast, int, (pthread_cond_t *condition), (condition))

/* Unloading: unload.c */
WRITTEN(dlclose, int, (void *handle), (handle))
WRITTEN(iconv_close, int, (iconv_t converter), (converter))

/* Threads: threads.c */
WRITTEN(pthread_create, int, (pthread_t *out_thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument), (out_thread, attributes, start, argument))
TIMED(pthread_join, int, (pthread_t thread_, void **out_result), (thread_, out_result), EVENT_JOIN_WAIT, thread_)

/* Sleeps */
TIMED(sleep, unsigned, (unsigned seconds), (seconds), EVENT_SLEEP_WAIT, 0)
TIMED(usleep, int, (useconds_t microseconds), (microseconds), EVENT_SLEEP_WAIT, 0)
TIMED(nanosleep, int, (const struct timespec *wanted, struct timespec *out_rest), (wanted, out_rest), EVENT_SLEEP_WAIT, 0)
ALIAS(__nanosleep, nanosleep)
TIMED(clock_nanosleep, int, (clockid_t clock, int flags, const struct timespec *wanted, struct timespec *out_rest), (clock, flags, wanted, out_rest), EVENT_SLEEP_WAIT, 0)

/* Waiting for descriptors */
POLL(poll, int, (struct pollfd *fds, nfds_t count, int timeout), (fds, count, timeout), count == 1 ? fds[0].fd : -1, timeout == 0, DIRECT, SYSTEM_CALL_3(SYS_poll, fds, count, timeout))
ALIAS(__poll, poll)
POLL(__poll_chk, int, (struct pollfd *fds, nfds_t count, int timeout, size_t size), (fds, count, timeout, size), count == 1 ? fds[0].fd : -1, timeout == 0, LIBC, 0)
POLL(ppoll, int, (struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask), (fds, count, timeout, mask), count == 1 ? fds[0].fd : -1, 0, LIBC, 0)
POLL(__ppoll_chk, int, (struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t size), (fds, count, timeout, mask, size), count == 1 ? fds[0].fd : -1, 0, LIBC, 0)
POLL(select, int, (int count, fd_set *read_, fd_set *write_, fd_set *except, struct timeval *timeout), (count, read_, write_, except, timeout), -1, 0, LIBC, 0)
ALIAS(__select, select)
POLL(pselect, int, (int count, fd_set *read_, fd_set *write_, fd_set *except, const struct timespec *timeout, const sigset_t *mask), (count, read_, write_, except, timeout, mask), -1, 0, LIBC, 0)
EPOLL(epoll_wait, int, (int epoll, struct epoll_event *events, int most, int timeout), (epoll, events, most, timeout), epoll, timeout == 0, DIRECT, SYSTEM_CALL_4(SYS_epoll_wait, epoll, events, most, timeout))
EPOLL(epoll_pwait, int, (int epoll, struct epoll_event *events, int most, int timeout, const sigset_t *mask), (epoll, events, most, timeout, mask), epoll, timeout == 0, LIBC, 0)
EPOLL(epoll_pwait2, int, (int epoll, struct epoll_event *events, int most, const struct timespec *timeout, const sigset_t *mask), (epoll, events, most, timeout, mask), epoll, 0, LIBC, 0)

/* Reading */
DESCRIPTOR(read, ssize_t, (int fd, void *bytes, size_t size), (fd, bytes, size), fd, 0, DIRECT, SYSTEM_CALL_3(SYS_read, fd, bytes, size))
ALIAS(__read, read)
DESCRIPTOR(__read_chk, ssize_t, (int fd, void *bytes, size_t size, size_t room), (fd, bytes, size, room), fd, 0, LIBC, 0)
DESCRIPTOR(readv, ssize_t, (int fd, const struct iovec *parts, int count), (fd, parts, count), fd, 0, DIRECT, SYSTEM_CALL_3(SYS_readv, fd, parts, count))
DESCRIPTOR(pread, ssize_t, (int fd, void *bytes, size_t size, off_t offset), (fd, bytes, size, offset), fd, 0, DIRECT, SYSTEM_CALL_4(SYS_pread64, fd, bytes, size, offset))
ALIAS(pread64, pread)
ALIAS(__pread64, pread)
DESCRIPTOR(__pread_chk, ssize_t, (int fd, void *bytes, size_t size, off_t offset, size_t room), (fd, bytes, size, offset, room), fd, 0, LIBC, 0)
ALIAS(__pread64_chk, __pread_chk)
DESCRIPTOR(recv, ssize_t, (int fd, void *bytes, size_t size, int flags), (fd, bytes, size, flags), fd, 0, DIRECT, SYSTEM_CALL_6(SYS_recvfrom, fd, bytes, size, flags, 0, 0))
DESCRIPTOR(__recv_chk, ssize_t, (int fd, void *bytes, size_t size, size_t room, int flags), (fd, bytes, size, room, flags), fd, 0, LIBC, 0)
DESCRIPTOR(recvfrom, ssize_t, (int fd, void *__restrict bytes, size_t size, int flags, __SOCKADDR_ARG peer, socklen_t *__restrict peer_size), (fd, bytes, size, flags, peer, peer_size), fd, 0, DIRECT, SYSTEM_CALL_6(SYS_recvfrom, fd, bytes, size, flags, peer.__sockaddr__, peer_size))
DESCRIPTOR(__recvfrom_chk, ssize_t, (int fd, void *__restrict bytes, size_t size, size_t room, int flags, __SOCKADDR_ARG peer, socklen_t *__restrict peer_size), (fd, bytes, size, room, flags, peer, peer_size), fd, 0, LIBC, 0)
DESCRIPTOR(recvmsg, ssize_t, (int fd, struct msghdr *message, int flags), (fd, message, flags), fd, 0, DIRECT, SYSTEM_CALL_3(SYS_recvmsg, fd, message, flags))

/* Writing */
DESCRIPTOR(write, ssize_t, (int fd, const void *bytes, size_t size), (fd, bytes, size), fd, 0, DIRECT, SYSTEM_CALL_3(SYS_write, fd, bytes, size))
ALIAS(__write, write)
DESCRIPTOR(writev, ssize_t, (int fd, const struct iovec *parts, int count), (fd, parts, count), fd, 0, DIRECT, SYSTEM_CALL_3(SYS_writev, fd, parts, count))
DESCRIPTOR(pwrite, ssize_t, (int fd, const void *bytes, size_t size, off_t offset), (fd, bytes, size, offset), fd, 0, DIRECT, SYSTEM_CALL_4(SYS_pwrite64, fd, bytes, size, offset))
ALIAS(pwrite64, pwrite)
ALIAS(__pwrite64, pwrite)
DESCRIPTOR(send, ssize_t, (int fd, const void *bytes, size_t size, int flags), (fd, bytes, size, flags), fd, 0, DIRECT, SYSTEM_CALL_6(SYS_sendto, fd, bytes, size, flags, 0, 0))
ALIAS(__send, send)
DESCRIPTOR(sendto, ssize_t, (int fd, const void *bytes, size_t size, int flags, __CONST_SOCKADDR_ARG peer, socklen_t peer_size), (fd, bytes, size, flags, peer, peer_size), fd, 0, DIRECT, SYSTEM_CALL_6(SYS_sendto, fd, bytes, size, flags, peer.__sockaddr__, peer_size))
DESCRIPTOR(sendmsg, ssize_t, (int fd, const struct msghdr *message, int flags), (fd, message, flags), fd, 0, DIRECT, SYSTEM_CALL_3(SYS_sendmsg, fd, message, flags))
DESCRIPTOR(sendfile, ssize_t, (int out, int in, off_t *offset, size_t size), (out, in, offset, size), out, 0, DIRECT, SYSTEM_CALL_4(SYS_sendfile, out, in, offset, size))
ALIAS(sendfile64, sendfile)
DESCRIPTOR(fsync, int, (int fd), (fd), fd, EVENT_DISK_WAIT, LIBC, 0)
DESCRIPTOR(fdatasync, int, (int fd), (fd), fd, EVENT_DISK_WAIT, LIBC, 0)

/* Connections */
DESCRIPTOR(accept, int, (int fd, __SOCKADDR_ARG peer, socklen_t *__restrict peer_size), (fd, peer, peer_size), fd, 0, LIBC, 0)
DESCRIPTOR(accept4, int, (int fd, __SOCKADDR_ARG peer, socklen_t *__restrict peer_size, int flags), (fd, peer, peer_size, flags), fd, 0, LIBC, 0)
DESCRIPTOR(connect, int, (int fd, __CONST_SOCKADDR_ARG peer, socklen_t peer_size), (fd, peer, peer_size), fd, 0, LIBC, 0)
ALIAS(__connect, connect)

/* Children */
TIMED(wait, pid_t, (int *out_status), (out_status), EVENT_CHILD_WAIT, -1)
TIMED(waitpid, pid_t, (pid_t pid, int *out_status, int options), (pid, out_status, options), EVENT_CHILD_WAIT, pid)
ALIAS(__waitpid, waitpid)
TIMED(wait3, pid_t, (int *out_status, int options, struct rusage *out_usage), (out_status, options, out_usage), EVENT_CHILD_WAIT, -1)
TIMED(wait4, pid_t, (pid_t pid, int *out_status, int options, struct rusage *out_usage), (pid, out_status, options, out_usage), EVENT_CHILD_WAIT, pid)
TIMED(waitid, int, (idtype_t type, id_t id, siginfo_t *out_status, int options), (type, id, out_status, options), EVENT_CHILD_WAIT, (int)id)

/* Running programs: exec.c */
WRITTEN(execve, int, (const char *path, char *const arguments[], char *const environment[]), (path, arguments, environment))
WRITTEN(execv, int, (const char *path, char *const arguments[]), (path, arguments))
WRITTEN(execvpe, int, (const char *name, char *const arguments[], char *const environment[]), (name, arguments, environment))
WRITTEN(execvp, int, (const char *name, char *const arguments[]), (name, arguments))
COLLECTED(execl)
COLLECTED(execlp)
COLLECTED(execle)
WRITTEN(fexecve, int, (int fd, char *const arguments[], char *const environment[]), (fd, arguments, environment))
WRITTEN(execveat, int, (int directory, const char *path, char *const arguments[], char *const environment[], int flags), (directory, path, arguments, environment, flags))
WRITTEN(posix_spawn, int, (pid_t *out_pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]), (out_pid, path, actions, attributes, arguments, environment))
WRITTEN(posix_spawnp, int, (pid_t *out_pid, const char *name, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]), (out_pid, name, actions, attributes, arguments, environment))
WRITTEN(chroot, int, (const char *path), (path))

/* How processes come to be: processes.c. vfork has nothing behind it: it is the system call itself. */
WRITTEN(fork, pid_t, (void), ())
WRITTEN(_Fork, pid_t, (void), ())
WRITTEN(clone, int, (int (*start)(void *), void *stack, int flags, void *argument, pid_t *parent_tid, void *tls, pid_t *child_tid), (start, stack, flags, argument, parent_tid, tls, child_tid))

/* Rights that a program gives up: confinement.c */
WRITTEN(prctl, int, (int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d), (option, a, b, c, d))
WRITTEN(syscall, long, (long number, long a, long b, long c, long d, long e, long f), (number, a, b, c, d, e, f))

/* clang-format on */
#undef TIMED
#undef DESCRIPTOR
#undef POLL
#undef EPOLL
#undef WRITTEN
#undef COLLECTED
#undef ALIAS
