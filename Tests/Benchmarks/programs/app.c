// An app with the two things that a plain nginx lacks: an answer that takes 100 ms, and a place that takes a whole body before it answers.
// It reads heads with Content-Length or chunked bodies, on trust: it is spoken to by proxies only. Usage: app PORT
//   GET /slow    200 after 100 ms
//   POST /sink   200 with the number of body bytes, once all have arrived
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 16 * 1024, CHUNK = 256 * 1024, EVENTS = 256, DELAY = 100 };

struct connection {
  int fd, queued, gone;
  enum { IN_HEAD, IN_BODY, IN_CHUNK_SIZE, IN_CHUNK, IN_TRAILER, ANSWERING } phase;
  long long left, body, due;
  size_t count;
  struct connection *next;
  char head[HEAD];
};

// All delays are alike, so the queue is in the order of its times.
static struct connection *first, *last;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void answer(struct connection *one) {
  char text[32], message[256];
  int length = snprintf(text, sizeof text, "%lld", one->body);
  int count = snprintf(message, sizeof message, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", length, text);
  if (!one->gone && send(one->fd, message, count, MSG_NOSIGNAL) != count) one->gone = 1;
  one->phase = IN_HEAD;
  one->count = 0;
  one->body = 0;
}

static const char *field(const char *head, const char *name) {
  for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
    if (!strncasecmp(line + 2, name, strlen(name))) return line + 2 + strlen(name);
  }
  return NULL;
}

static void end_of_request(struct connection *one) {
  if (strstr(one->head, " /slow") && strstr(one->head, " /slow") < strstr(one->head, "\r\n")) {
    one->phase = ANSWERING;
    one->due = now() + DELAY;
    one->next = NULL;
    one->queued = 1;
    if (last) last->next = one; else first = one;
    last = one;
  } else {
    answer(one);
  }
}

static void head_is_complete(struct connection *one) {
  const char *length = field(one->head, "Content-Length:"), *coding = field(one->head, "Transfer-Encoding:"), *expect = field(one->head, "Expect:");
  if (expect && send(one->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL) != 25) one->gone = 1;
  one->body = 0;
  one->left = length ? atoll(length) : 0;
  if (coding) {
    one->phase = IN_CHUNK_SIZE;
    one->left = 0;
  } else if (one->left) {
    one->phase = IN_BODY;
  } else {
    end_of_request(one);
  }
}

// `left` holds the size so far while a chunk's size is read, and its bytes with their CRLF after that.
static void take(struct connection *one, const char *bytes, size_t count) {
  while (count && one->phase != ANSWERING) {
    if (one->phase == IN_HEAD) {
      one->head[one->count++] = *bytes++;
      count--;
      one->head[one->count] = 0;
      if (one->count >= 4 && !memcmp(one->head + one->count - 4, "\r\n\r\n", 4)) head_is_complete(one);
      else if (one->count == HEAD - 1) one->gone = 1, count = 0;
    } else if (one->phase == IN_CHUNK_SIZE) {
      char next = *bytes++ | 32;
      count--;
      if (next >= '0' && next <= '9') one->left = one->left * 16 + next - '0';
      else if (next >= 'a' && next <= 'f') one->left = one->left * 16 + next - 'a' + 10;
      else if (next == ('\n' | 32)) {
        one->phase = one->left ? IN_CHUNK : IN_TRAILER;
        if (one->left) one->body += one->left, one->left += 2;
        else one->left = 2;
      }
    } else {
      long long some = (long long)count < one->left ? (long long)count : one->left;
      if (one->phase == IN_BODY) one->body += some;
      bytes += some;
      count -= some;
      one->left -= some;
      if (one->left) continue;
      if (one->phase == IN_CHUNK) one->phase = IN_CHUNK_SIZE;
      else end_of_request(one);
    }
  }
}

static void read_all(struct connection *one, char *buffer) {
  for (;;) {
    ssize_t got = recv(one->fd, buffer, CHUNK, 0);
    if (got > 0) take(one, buffer, got);
    if (got == 0 || (got < 0 && errno != EAGAIN)) one->gone = 1;
    if (one->gone || got < CHUNK) return;
  }
}

static void forget(struct connection *one) {
  if (one->fd >= 0) close(one->fd);
  one->fd = -1;
  if (!one->queued) free(one);
}

int main(int count, char **arguments) {
  if (count != 2) return 64;
  signal(SIGPIPE, SIG_IGN);
  int one = 1, epoll = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address)) fail("bind");
  if (listen(listener, 4096)) fail("listen");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) fail("epoll_ctl");
  char *buffer = malloc(CHUNK);
  for (;;) {
    long long wait = first ? first->due - now() : -1;
    int ready = epoll_wait(epoll, events, EVENTS, first && wait < 0 ? 0 : (int)wait);
    for (int i = 0; i < ready; i++) {
      struct connection *entry = events[i].data.ptr;
      if (entry) {
        // Level-triggered: each descriptor is named once a round, and gone from the next when it is closed.
        read_all(entry, buffer);
        if (entry->gone) forget(entry);
        continue;
      }
      int fd;
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct connection *added = calloc(1, sizeof *added);
        if (!added) fail("calloc");
        added->fd = fd;
        event = (struct epoll_event){.events = EPOLLIN | EPOLLRDHUP, .data.ptr = added};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
      }
    }
    while (first && first->due <= now()) {
      struct connection *due = first;
      first = due->next;
      if (!first) last = NULL;
      due->queued = 0;
      answer(due);
      if (due->gone && due->fd >= 0) forget(due);
      else if (due->fd < 0) free(due);
    }
  }
}
