// Makes TLS connections one after another, in several threads, each with one small request and its answer.
// Usage: handshakes PORT SECONDS THREADS full|resumed FIELDS_FILE TARGET
// Prints: connections, and how many of them took up an earlier session.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int port, resumes;
static double ends;
static char request[65536];
static SSL_CTX *context;

struct result {
  long count, resumed, wrong;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int once(struct result *result, SSL_SESSION **session) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, fine = 0;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  SSL *ssl = SSL_new(context);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  SSL_set_fd(ssl, fd);
  SSL_set_tlsext_host_name(ssl, "app.test");
  if (resumes && *session) SSL_set_session(ssl, *session);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 && SSL_connect(ssl) == 1 &&
      SSL_write(ssl, request, strlen(request)) > 0) {
    char answer[65536];
    int count = 0, got;
    while (count < (int)sizeof answer && (got = SSL_read(ssl, answer + count, sizeof answer - count)) > 0) count += got;
    fine = count > 12 && !memcmp(answer, "HTTP/1.1 200", 12);
    result->resumed += SSL_session_reused(ssl);
    if (resumes && fine) {
      SSL_SESSION *next = SSL_get1_session(ssl);
      if (next) {
        SSL_SESSION_free(*session);
        *session = next;
      }
    }
    SSL_shutdown(ssl);
  }
  SSL_free(ssl);
  close(fd);
  return fine;
}

static void *run(void *argument) {
  struct result *result = argument;
  SSL_SESSION *session = NULL;
  while (now() < ends) {
    if (once(result, &session)) result->count++;
    else result->wrong++;
  }
  SSL_SESSION_free(session);
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 7) return 64;
  port = atoi(arguments[1]);
  int threads = atoi(arguments[3]);
  resumes = !strcmp(arguments[4], "resumed");
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n", arguments[6]);
  FILE *fields = fopen(arguments[5], "r");
  if (!fields || threads < 1 || threads > 64) return 64;
  length += fread(request + length, 1, sizeof request - length - 64, fields);
  fclose(fields);
  strcpy(request + length, "Connection: close\r\n\r\n");
  signal(SIGPIPE, SIG_IGN);
  context = SSL_CTX_new(TLS_client_method());
  // What is measured is the server.
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
  ends = now() + atof(arguments[2]);
  struct result results[64] = {0}, all = {0};
  pthread_t ids[64];
  for (int i = 0; i < threads; i++) pthread_create(&ids[i], NULL, run, &results[i]);
  for (int i = 0; i < threads; i++) {
    pthread_join(ids[i], NULL);
    all.count += results[i].count;
    all.resumed += results[i].resumed;
    all.wrong += results[i].wrong;
  }
  printf("%ld %ld %ld\n", all.count, all.resumed, all.wrong);
  return 0;
}
