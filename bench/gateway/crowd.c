/* Many clients that cost little: pgbench looks at the sockets of all its clients in turn whenever one of them has an answer, which with 2,000 of them is a millisecond each time. This one is told by epoll who has.
 *
 *   crowd PORT DATABASE CLIENTS SECONDS FILE
 *
 * Each client runs the statements of FILE, one a line, again and again, each when the one before is answered, in the extended protocol; :aid is a number from 1 to 5,000,000, a new one for each round.
 * Says rounds a second, errors, how many times as much the luckiest client got as the least lucky, its own microseconds of processor time for a round, and how long half of the rounds and 99 of 100 took, in ms.
 * User and password are libpq's, from PGUSER and PGPASSWORD. What is done in the first two seconds is not counted. */
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

enum { STATEMENTS = 32, BUCKETS = 100000 };
static struct client { PGconn *to; int at; long rounds; double began; char aid[12]; } *clients;
static char *script[STATEMENTS];
static int has_aid[STATEMENTS], statements, counting;
static long errors, took[BUCKETS + 1]; /* by tenths of a millisecond */

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double spent(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "crowd: %s: %s\n", what, why);
  exit(1);
}

static void ask(struct client *c) {
  const char *values[] = {c->aid};
  if (c->at == 0) {
    c->began = now();
    snprintf(c->aid, sizeof c->aid, "%ld", random() % 5000000 + 1);
  }
  if (!PQsendQueryParams(c->to, script[c->at], has_aid[c->at], NULL, values, NULL, NULL, 0)) fail("sending", PQerrorMessage(c->to));
}

static void hear(struct client *c) {
  PGresult *result;
  if (!PQconsumeInput(c->to)) fail("a connection broke", PQerrorMessage(c->to));
  while (!PQisBusy(c->to)) {
    if ((result = PQgetResult(c->to))) {
      if (PQresultStatus(result) == PGRES_FATAL_ERROR && !errors++) fprintf(stderr, "crowd: %s", PQresultErrorMessage(result));
      PQclear(result);
      continue;
    }
    if (++c->at == statements) {
      long tenths = (now() - c->began) * 1e4;
      c->at = 0;
      c->rounds += counting;
      if (counting) took[tenths < BUCKETS ? tenths : BUCKETS]++;
    }
    ask(c);
    return;
  }
}

static void serve(int poll, double until) {
  struct epoll_event events[256];
  while (now() < until) {
    int n = epoll_wait(poll, events, 256, 100);
    for (int i = 0; i < n; i++) hear(events[i].data.ptr);
  }
}

static double within(long of, double share) {
  long before = 0;
  int at = 0;
  while (at < BUCKETS && (before += took[at]) < of * share) at++;
  return at / 10.0;
}

int main(int argc, char **argv) {
  char conninfo[256], line[1024];
  int n = argc > 3 ? atoi(argv[3]) : 0, poll = epoll_create1(0);
  FILE *file = argc > 5 ? fopen(argv[5], "r") : NULL;
  if (!file || n < 1) fail("usage", "crowd PORT DATABASE CLIENTS SECONDS FILE");
  while (statements < STATEMENTS && fgets(line, sizeof line, file)) {
    char *aid = strstr(line, ":aid");
    line[strcspn(line, "\n")] = 0;
    if (!*line || *line == '\\') continue;
    if (aid) { memcpy(aid, "$1", 2); memmove(aid + 2, aid + 4, strlen(aid + 4) + 1); }
    has_aid[statements] = aid != NULL;
    script[statements++] = strdup(line);
  }
  snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%s dbname=%s sslmode=disable gssencmode=disable", argv[1], argv[2]);
  clients = calloc(n, sizeof *clients);
  for (int i = 0; i < n; i++) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &clients[i]};
    clients[i].to = PQconnectdb(conninfo);
    if (PQstatus(clients[i].to) != CONNECTION_OK) fail("logging in", PQerrorMessage(clients[i].to));
    epoll_ctl(poll, EPOLL_CTL_ADD, PQsocket(clients[i].to), &e);
  }
  for (int i = 0; i < n; i++) ask(&clients[i]);
  serve(poll, now() + 2);
  printf("counting\n"); /* who takes the time of others may begin now */
  fflush(stdout);
  counting = 1;
  double from = now(), before = spent();
  serve(poll, from + atoi(argv[4]));
  double cpu = spent() - before, seconds = now() - from;
  long rounds = 0, most = 0, least = -1;
  for (int i = 0; i < n; i++) {
    rounds += clients[i].rounds;
    if (clients[i].rounds > most) most = clients[i].rounds;
    if (least < 0 || clients[i].rounds < least) least = clients[i].rounds;
  }
  printf("%.0f %ld %.2f %.1f %.1f %.1f\n", rounds / seconds, errors, least ? (double)most / least : 999, cpu / (rounds ? rounds : 1) * 1e6, within(rounds, 0.5), within(rounds, 0.99));
  return 0;
}
