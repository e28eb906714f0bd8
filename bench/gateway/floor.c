/* The least that a server can do for a point read: says the same row to every question, without looking at it. What a client gets from this is what it can get from any server on this machine.
 *
 *   floor PORT
 *
 * PostgreSQL's protocol, epoll, one thread, one read and one write for what came in one piece; lets everybody in. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4096, ROOM = 1 << 16 };
static char greeted[MOST];
static char in[ROOM], out[1 << 20];

static char *say(char *to, char tag, const void *body, int size) {
  uint32_t n = htonl(size + 4);
  *to = tag;
  memcpy(to + 1, &n, 4);
  memcpy(to + 5, body, size);
  return to + 5 + size;
}

static char *row(char *to) {
  to = say(to, 'D', "\0\1\0\0\0\1" "0", 7);
  return say(to, 'C', "SELECT 1", 9);
}

static const char COLUMN[] = "\0\1abalance\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\0";

/* Every message is there as a whole: clients send them so, one piece a question. */
static char *answer(int fd, int size, char *to) {
  int at = 0;
  if (!greeted[fd]) {
    if (size == 8) { /* TLS, or GSSAPI? */
      *to = 'N';
      return to + 1;
    }
    greeted[fd] = 1;
    to = say(to, 'R', "\0\0\0\0", 4);
    to = say(to, 'S', "client_encoding\0UTF8", 21);
    to = say(to, 'S', "server_version\00018.0", 20);
    to = say(to, 'S', "standard_conforming_strings\0on", 31);
    return say(to, 'Z', "I", 1);
  }
  while (at + 5 <= size) {
    uint32_t n;
    memcpy(&n, in + at + 1, 4);
    switch (in[at]) {
      case 'Q': to = row(say(to, 'T', COLUMN, sizeof COLUMN - 1)); to = say(to, 'Z', "I", 1); break;
      case 'P': to = say(to, '1', "", 0); break;
      case 'B': to = say(to, '2', "", 0); break;
      case 'D': to = say(to, 'T', COLUMN, sizeof COLUMN - 1); break;
      case 'E': to = row(to); break;
      case 'S': to = say(to, 'Z', "I", 1); break;
      default: break;
    }
    at += 1 + ntohl(n);
  }
  return to;
}

int main(int argc, char **argv) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, all = epoll_create1(0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct epoll_event got[256], want = {.events = EPOLLIN};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 1024)) return 1;
  want.data.fd = listener;
  epoll_ctl(all, EPOLL_CTL_ADD, listener, &want);
  for (;;) {
    int n = epoll_wait(all, got, 256, -1);
    for (int i = 0; i < n; i++) {
      int fd = got[i].data.fd;
      if (fd == listener) {
        int client = accept(listener, 0, 0);
        if (client < 0 || client >= MOST) { close(client); continue; }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        want.data.fd = client;
        greeted[client] = 0;
        epoll_ctl(all, EPOLL_CTL_ADD, client, &want);
        continue;
      }
      int size = read(fd, in, ROOM);
      if (size <= 0) { close(fd); continue; }
      char *end = answer(fd, size, out);
      if (end > out && write(fd, out, end - out) < 0) close(fd);
    }
  }
}
