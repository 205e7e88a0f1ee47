// The parts of Linux that `import Glibc` does not show. Declarations only; the wrappers of calls that want _GNU_SOURCE are in CLinux.c, since
// that macro changes structures that Swift has already seen without it.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <stdint.h>
#include <sys/types.h>

int anteroom_errno(void);
// accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC.
int anteroom_accept4(int fd, void *address, socklen_t *length);
// A TCP socket, non-blocking and closed on exec.
int anteroom_socket(int family);
int anteroom_connect(int fd, const void *address, socklen_t length);
int anteroom_bind(int fd, const void *address, socklen_t length);
int anteroom_getsockname(int fd, void *address, socklen_t *length);
int anteroom_set_option(int fd, int level, int name, int value);
// What an inherited socket is: its family, or -1 for no socket; whether it listens for connections, whether it leaves IPv4 to others, and whether
// it is an end of anteroom_message_pair.
int anteroom_family(int fd);
int anteroom_listens(int fd);
int anteroom_is_ipv6_only(int fd);
int anteroom_carries_messages(int fd);
// Makes a descriptor that was inherited non-blocking, and closed on exec; 0, or -1 if it is none.
int anteroom_adopt(int fd);
int anteroom_set_nodelay(int fd);
int anteroom_set_ipv6_only(int fd);
int anteroom_reset_on_close(int fd);
// send with MSG_NOSIGNAL, of one piece and of two.
ssize_t anteroom_send(int fd, const void *bytes, size_t count);
ssize_t anteroom_send_two(int fd, const void *first, size_t first_count, const void *second, size_t second_count);
// A pipe that holds about `capacity` bytes, non-blocking and closed on exec; the answer is what it really holds, or -1.
int anteroom_pipe(int ends[2], int capacity);
// Moves bytes between a pipe and a socket inside the kernel.
ssize_t anteroom_splice(int from, int to, size_t count);
int anteroom_shutdown_write(int fd);
// Whether something can be read, or accepted, at this moment.
int anteroom_is_readable(int fd);
// Waits until something can be read, or written, for at most so many milliseconds; -1: without end.
int anteroom_wait(int fd, int for_writing, int milliseconds);
// Waits without end until one of two can be read.
void anteroom_wait_for_either(int one, int other);
// A Unix stream socket, non-blocking and closed on exec; its addresses are paths of at most 107 bytes.
int anteroom_unix_socket(void);
int anteroom_unix_bind(int fd, const char *path);
int anteroom_unix_connect(int fd, const char *path);
// Sends a datagram to a Unix socket: a path, or a name of the abstract kind that is written with an `@` first. 0, or -1.
int anteroom_unix_datagram(const char *address, const void *bytes, size_t count);
// A pair of Unix sockets that carry whole messages, non-blocking and closed on exec; 0, or -1.
int anteroom_message_pair(int ends[2]);
// Starts a program, found as a shell finds it, with the descriptors in `kept` under the same numbers, no signal blocked and none ignored. 0, or
// the error's number.
int anteroom_spawn(pid_t *child, const char *program, char *const *arguments, char *const *environment, const int *kept, size_t count);
// The user id of the process that made the other end of a Unix socket; -1 if that cannot be told.
int64_t anteroom_peer_user(int fd);
// Bytes that were sent and that the peer has not acknowledged.
int anteroom_unsent(int fd);
int anteroom_usable_cpus(void);
int anteroom_raise_descriptor_limit(void);
int anteroom_epoll_create(void);
// Names the calling thread (15 characters at most).
int anteroom_name_thread(const char *name);
int anteroom_eventfd(int is_semaphore);
// Event masks as plain numbers: epoll.h's enum and macros arrive in Swift as several types.
extern const uint32_t anteroom_epoll_in, anteroom_epoll_out, anteroom_epoll_hangup, anteroom_epoll_read_hangup, anteroom_epoll_error,
    anteroom_epoll_edge, anteroom_epoll_exclusive;
