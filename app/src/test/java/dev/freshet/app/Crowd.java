package dev.freshet.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.freshet.base.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Many subscribers on one thread, each following one item: what a script in a page would be told,
/// read off the socket. It looks for the number behind a mark in whatever comes, so it hears a
/// WebSocket, an event stream and any other server that sends the item in the same way.
final class Crowd implements AutoCloseable {
  private static final int CONNECTING_AT_ONCE = 64;

  /// What they follow, and how.
  ///
  /// @param path of the items, without the number at the end
  /// @param items that they follow in turn, numbered from 1
  /// @param mark what stands before the number of a state
  /// @param isStream event streams instead of WebSockets
  record Interest(String path, int items, String mark, boolean isStream) {}

  /// Told of each state that a subscriber hears of.
  interface Ear {
    void heard(int item, long seq, long nanos);
  }

  private static final class Member {
    private final int item;
    private int matched;
    private boolean isNumber;
    private long number;
    private long last = -1;

    private Member(int item) {
      this.item = item;
    }
  }

  private final Selector selector;
  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<Member> members = new ArrayList<>();
  private final CountDownLatch greeted;
  private final Interest interest;
  private final byte[] mark;
  private final Ear ear;
  private final Time time;
  private final Thread thread;
  private volatile boolean isOver;

  /// Connects them all and waits until each has heard of its first state.
  Crowd(int port, int size, Interest interest, Ear ear, Time time)
      throws IOException, InterruptedException {
    this.interest = interest;
    this.mark = interest.mark().getBytes(ISO_8859_1);
    this.ear = ear;
    this.time = time;
    greeted = new CountDownLatch(size);
    selector = Selector.open();
    thread = Thread.ofPlatform().name("crowd").start(this::listen);
    for (int i = 0; i < size; i++) {
      join(port, 1 + i % interest.items());
      // A backlog is short; whoever overruns it measures the kernel's retries.
      while (size - greeted.getCount() + CONNECTING_AT_ONCE < i) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }
    if (!greeted.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException(greeted.getCount() + " subscribers were told nothing");
    }
  }

  private void join(int port, int item) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    String url = interest.path() + item;
    String host = " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n";
    if (interest.isStream()) {
      say(channel, ("GET /.freshet/live?as=body&url=" + url + host + "\r\n").getBytes(ISO_8859_1));
    } else {
      say(
          channel,
          ("GET /.freshet/live"
                  + host
                  + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
              .getBytes(ISO_8859_1));
      skipHead(channel);
      say(channel, frame("{\"subscribe\":[\"" + url + "\"],\"as\":\"body\"}"));
    }
    Member member = new Member(item);
    channels.add(channel);
    members.add(member);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, member);
    selector.wakeup();
  }

  private static void say(SocketChannel channel, byte[] octets) throws IOException {
    ByteBuffer out = ByteBuffer.wrap(octets);
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  private static void skipHead(SocketChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    int ends = 0;
    while (ends < 4) {
      one.clear();
      if (channel.read(one) < 0) {
        throw new IOException("the server closed during the handshake");
      }
      ends = one.get(0) == '\r' || one.get(0) == '\n' ? ends + 1 : 0;
    }
  }

  /// A short text message, masked with zeros.
  private static byte[] frame(String text) {
    byte[] octets = text.getBytes(ISO_8859_1);
    ByteBuffer out = ByteBuffer.allocate(octets.length + 6);
    out.put((byte) 0x81).put((byte) (0x80 | octets.length)).putInt(0).put(octets);
    return out.array();
  }

  private void listen() {
    ByteBuffer in = ByteBuffer.allocateDirect(1 << 16);
    byte[] octets = new byte[1 << 16];
    try {
      while (!isOver) {
        selector.select(key -> read(key, in, octets), 100);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(SelectionKey key, ByteBuffer in, byte[] octets) {
    in.clear();
    try {
      int count = ((SocketChannel) key.channel()).read(in);
      if (count < 0) {
        key.cancel();
        return;
      }
      in.flip().get(octets, 0, count);
      hear((Member) key.attachment(), octets, count);
    } catch (IOException e) {
      key.cancel();
    }
  }

  private void hear(Member member, byte[] octets, int count) {
    for (int i = 0; i < count; i++) {
      byte octet = octets[i];
      if (member.isNumber && octet >= '0' && octet <= '9') {
        member.number = member.number * 10 + octet - '0';
      } else if (member.isNumber) {
        member.isNumber = false;
        if (member.last < 0) {
          greeted.countDown();
        }
        member.last = member.number;
        ear.heard(member.item, member.number, time.nanos());
      } else if (octet != mark[member.matched]) {
        member.matched = octet == mark[0] ? 1 : 0;
      } else if (++member.matched == mark.length) {
        member.matched = 0;
        member.isNumber = true;
        member.number = 0;
      }
    }
  }

  /// How many hold another state than this of their item; after the last write only.
  int behind(long[] truth) {
    int out = 0;
    for (Member each : members) {
      out += each.last == truth[each.item] ? 0 : 1;
    }
    return out;
  }

  @Override
  public void close() throws IOException {
    isOver = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (SocketChannel each : channels) {
      each.close();
    }
    selector.close();
  }
}
