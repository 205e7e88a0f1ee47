// The floor: forwards bytes between each client connection and an upstream connection of its own, and looks at none of them.
// What it costs is what the kernel alone costs. Usage: relay PORT UPSTREAM_PORT THREADS
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, EVENTS = 256 };

// One direction's end: what could not be written to it yet waits here, and its peer is not read meanwhile.
struct end {
  int fd;
  struct end *peer;
  char *waiting;
  size_t start, count;
  int readable, ended, dead;
  struct end *next_dead;
};

static int port, upstream_port;

static struct sockaddr_in loopback(int number) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(number), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void no_delay(int fd) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void watch(int epoll, struct end *end) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = end};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, end->fd, &event)) fail("epoll_ctl");
}

// Both ends close at once; their memory goes after this round's events, which may still name them.
static void end_both(struct end *end, struct end **dead) {
  struct end *first = end < end->peer ? end : end->peer;
  if (first->dead) return;
  for (int i = 0; i < 2; i++) {
    first[i].dead = 1;
    close(first[i].fd);
  }
  first->next_dead = *dead;
  *dead = first;
}

// Writes what waits for `to`. 0 when all is gone, 1 when the kernel takes no more, -1 when the connection is over.
static int flush(struct end *to) {
  while (to->count) {
    ssize_t sent = send(to->fd, to->waiting + to->start, to->count, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN ? 1 : -1;
    to->start += sent;
    to->count -= sent;
  }
  free(to->waiting);
  to->waiting = NULL;
  return 0;
}

static void forward(struct end *from, char *buffer, struct end **dead) {
  struct end *to = from->peer;
  while (from->readable && !to->count) {
    ssize_t got = recv(from->fd, buffer, CHUNK, 0);
    if (got < 0 && errno == EAGAIN) {
      from->readable = 0;
      return;
    }
    if (got <= 0) {
      end_both(from, dead);
      return;
    }
    ssize_t sent = send(to->fd, buffer, got, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      end_both(from, dead);
      return;
    }
    if (sent < 0) sent = 0;
    if (sent < got) {
      to->waiting = malloc(got - sent);
      if (!to->waiting) fail("malloc");
      memcpy(to->waiting, buffer + sent, got - sent);
      to->start = 0;
      to->count = got - sent;
    }
    // A short read emptied the socket; the edge tells of more, but not again of an end that it has told of.
    if (got < CHUNK && !from->ended) from->readable = 0;
  }
}

static void accept_all(int listener, int epoll) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    int up = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = loopback(upstream_port);
    if (up < 0 || (connect(up, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)) {
      if (up >= 0) close(up);
      close(fd);
      continue;
    }
    no_delay(fd);
    no_delay(up);
    struct end *pair = calloc(2, sizeof *pair);
    if (!pair) fail("calloc");
    pair[0] = (struct end){.fd = fd, .peer = &pair[1]};
    pair[1] = (struct end){.fd = up, .peer = &pair[0]};
    watch(epoll, &pair[0]);
    watch(epoll, &pair[1]);
  }
}

static void *work(void *unused) {
  (void)unused;
  int one = 1, epoll = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = loopback(port);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address)) fail("bind");
  if (listen(listener, 4096)) fail("listen");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) fail("epoll_ctl");
  char *buffer = malloc(CHUNK);
  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(epoll, events, EVENTS, -1);
    struct end *dead = NULL;
    for (int i = 0; i < count; i++) {
      struct end *end = events[i].data.ptr;
      if (!end) {
        accept_all(listener, epoll);
        continue;
      }
      if (end->dead) continue;
      unsigned what = events[i].events;
      if (what & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) end->readable = 1;
      if (what & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) end->ended = 1;
      if (what & EPOLLOUT && end->count && flush(end) < 0) {
        end_both(end, &dead);
        continue;
      }
      forward(end, buffer, &dead);
      if (!end->dead && what & EPOLLOUT) forward(end->peer, buffer, &dead);
    }
    while (dead) {
      struct end *pair = dead;
      dead = pair->next_dead;
      free(pair[0].waiting);
      free(pair[1].waiting);
      free(pair);
    }
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 4) return 64;
  port = atoi(arguments[1]);
  upstream_port = atoi(arguments[2]);
  signal(SIGPIPE, SIG_IGN);
  pthread_t thread;
  for (int i = 1; i < atoi(arguments[3]); i++) pthread_create(&thread, NULL, work, NULL);
  work(NULL);
}
