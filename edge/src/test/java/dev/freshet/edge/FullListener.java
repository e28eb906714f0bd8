package dev.freshet.edge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/// A listener that accepts nobody and whose queue is full, so that connecting to it takes for ever.
final class FullListener implements AutoCloseable {
  private final ServerSocketChannel listener;
  private final List<SocketChannel> queued = new ArrayList<>();

  FullListener() {
    try {
      listener = ServerSocketChannel.open();
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      for (int i = 0; i < 4; i++) {
        SocketChannel socket = SocketChannel.open();
        socket.configureBlocking(false);
        socket.connect(listener.getLocalAddress());
        queued.add(socket);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listener.socket().getLocalPort();
  }

  @Override
  public void close() {
    try {
      for (SocketChannel socket : queued) {
        socket.close();
      }
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
