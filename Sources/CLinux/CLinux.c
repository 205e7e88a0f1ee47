#define _GNU_SOURCE 1
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

const uint32_t anteroom_epoll_in = EPOLLIN, anteroom_epoll_out = EPOLLOUT, anteroom_epoll_hangup = EPOLLHUP,
               anteroom_epoll_read_hangup = EPOLLRDHUP, anteroom_epoll_error = EPOLLERR, anteroom_epoll_edge = EPOLLET, anteroom_epoll_exclusive = EPOLLEXCLUSIVE;

int anteroom_errno(void) { return errno; }

int anteroom_accept4(int fd, void *address, socklen_t *length) { return accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int anteroom_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int anteroom_connect(int fd, const void *address, socklen_t length) { return connect(fd, address, length); }

int anteroom_bind(int fd, const void *address, socklen_t length) { return bind(fd, address, length); }

int anteroom_getsockname(int fd, void *address, socklen_t *length) { return getsockname(fd, address, length); }

int anteroom_set_option(int fd, int level, int name, int value) { return setsockopt(fd, level, name, &value, sizeof(value)); }

static int get_option(int fd, int level, int name) {
  int value = 0;
  socklen_t length = sizeof(value);
  return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

int anteroom_family(int fd) { return get_option(fd, SOL_SOCKET, SO_DOMAIN); }

int anteroom_listens(int fd) { return get_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM && get_option(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1; }

int anteroom_is_ipv6_only(int fd) { return get_option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 1; }

int anteroom_carries_messages(int fd) { return anteroom_family(fd) == AF_UNIX && get_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_SEQPACKET; }

int anteroom_adopt(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return -1;
  return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int anteroom_set_nodelay(int fd) { return anteroom_set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); }

int anteroom_set_ipv6_only(int fd) { return anteroom_set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1); }

int anteroom_reset_on_close(int fd) {
  struct linger option = {.l_onoff = 1, .l_linger = 0};
  return setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, sizeof(option));
}

ssize_t anteroom_send(int fd, const void *bytes, size_t count) { return send(fd, bytes, count, MSG_NOSIGNAL); }

ssize_t anteroom_send_two(int fd, const void *first, size_t first_count, const void *second, size_t second_count) {
  struct iovec parts[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

int anteroom_pipe(int ends[2], int capacity) {
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
  fcntl(ends[1], F_SETPIPE_SZ, capacity);
  return fcntl(ends[1], F_GETPIPE_SZ);
}

ssize_t anteroom_splice(int from, int to, size_t count) { return splice(from, 0, to, 0, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK); }

int anteroom_shutdown_write(int fd) { return shutdown(fd, SHUT_WR); }

int anteroom_is_readable(int fd) {
  struct pollfd entry = {.fd = fd, .events = POLLIN};
  return poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN) != 0;
}

int anteroom_wait(int fd, int for_writing, int milliseconds) {
  struct pollfd entry = {.fd = fd, .events = for_writing ? POLLOUT : POLLIN};
  return poll(&entry, 1, milliseconds);
}

void anteroom_wait_for_either(int one, int other) {
  struct pollfd entries[2] = {{.fd = one, .events = POLLIN}, {.fd = other, .events = POLLIN}};
  poll(entries, 2, -1);
}

int anteroom_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

static int unix_address(struct sockaddr_un *address, const char *path) {
  memset(address, 0, sizeof(*address));
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof(address->sun_path)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address->sun_path, path);
  return 0;
}

int anteroom_unix_bind(int fd, const char *path) {
  struct sockaddr_un address;
  return unix_address(&address, path) == 0 ? bind(fd, (struct sockaddr *)&address, sizeof(address)) : -1;
}

int anteroom_unix_connect(int fd, const char *path) {
  struct sockaddr_un address;
  return unix_address(&address, path) == 0 ? connect(fd, (struct sockaddr *)&address, sizeof(address)) : -1;
}

int anteroom_unix_datagram(const char *address, const void *bytes, size_t count) {
  struct sockaddr_un to;
  if (unix_address(&to, address) != 0) return -1;
  // The size of an abstract name is a part of it.
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(address) + (address[0] == '@' ? 0 : 1);
  if (address[0] == '@') to.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  ssize_t sent = sendto(fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&to, length);
  close(fd);
  return sent == (ssize_t)count ? 0 : -1;
}

int anteroom_message_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends); }

int anteroom_spawn(pid_t *child, const char *program, char *const *arguments, char *const *environment, const int *kept, size_t count) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return error;
  error = posix_spawnattr_init(&attributes);
  if (error != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  // Whatever this process was itself started with, or a library has opened, goes no further. Before Linux 5.11 that holds for our own alone.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  // The same number twice: then it is not closed on exec (glibc 2.29 and later, as the next POSIX wants it).
  for (size_t index = 0; error == 0 && index < count; index++) error = posix_spawn_file_actions_adddup2(&actions, kept[index], kept[index]);
  if (error == 0) error = posix_spawnattr_setsigmask(&attributes, &none);
  if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &all);
  if (error == 0) error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (error == 0) error = posix_spawnp(child, program, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int64_t anteroom_peer_user(int fd) {
  struct ucred peer;
  socklen_t length = sizeof(peer);
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? (int64_t)peer.uid : -1;
}

int anteroom_unsent(int fd) {
  int count = 0;
  return ioctl(fd, TIOCOUTQ, &count) == 0 ? count : 0;
}

int anteroom_usable_cpus(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return CPU_COUNT(&set);
}

int anteroom_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur > 0x7FFFFFFF ? 0x7FFFFFFF : (int)limit.rlim_cur;
}

int anteroom_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int anteroom_eventfd(int is_semaphore) {
  return is_semaphore ? eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC) : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

int anteroom_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }
