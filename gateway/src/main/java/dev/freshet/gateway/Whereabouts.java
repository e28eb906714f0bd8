package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.ErrorReport;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks one server again and again how far its log goes, on a connection of its own, one question
/// at a time. On the gateway's loop.
final class Whereabouts {
  /// Who does not answer within this time is not asked anything by clients.
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /// After an attempt that failed.
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Gateway gateway;

  /// Null for the primary.
  private final @Nullable HostPort host;

  private final String sql;
  private @Nullable ServerAsk open;
  private boolean isConnecting;
  private boolean isAsking;

  /// On this connection: what was said on the one before may be of another server.
  private boolean hasAnswered;

  private int attempts;
  private long sinceNanos;
  private long refusedNanos;

  /// @param position in the log, unsigned
  record Place(long position, long timeline) {}

  Whereabouts(Gateway gateway, @Nullable HostPort host, String sql) {
    this.gateway = gateway;
    this.host = host;
    this.sql = sql;
    this.refusedNanos = gateway.time().nanos() - AGAIN_NANOS;
  }

  /// Whether it can't be told how far it is.
  boolean isSilent() {
    return open == null || !hasAnswered || isStuck();
  }

  /// Gives up a question, or an attempt to connect, that takes too long; true when it did.
  boolean givesUp() {
    boolean isStuck = isStuck();
    if (isStuck) {
      close();
      refusedNanos = gateway.time().nanos();
    }
    return isStuck;
  }

  private boolean isStuck() {
    boolean isWaiting = isConnecting || isAsking;
    return isWaiting && gateway.time().nanos() - sinceNanos > PATIENCE_NANOS;
  }

  /// @param told where it is, null when it says that it is nowhere; not at all when it can't be
  ///   asked, or is being asked
  void ask(Consumer<@Nullable Place> told) {
    long now = gateway.time().nanos();
    if (isConnecting || isAsking) {
      return;
    }
    sinceNanos = now;
    ServerAsk server = open;
    if (server != null && server.isOpen()) {
      isAsking = true;
      server.ask(sql, "x", answer(server, told));
      return;
    }
    open = null;
    if (now - refusedNanos >= AGAIN_NANOS) {
      connect();
    }
  }

  private ServerAsk.Answer answer(ServerAsk server, Consumer<@Nullable Place> told) {
    return new ServerAsk.Answer() {
      @Override
      public void rows(List<List<@Nullable String>> rows) {
        if (server.equals(open)) {
          isAsking = false;
          hasAnswered = true;
          told.accept(rows.isEmpty() ? null : place(rows.getFirst()));
        }
      }

      @Override
      public void failed(ErrorReport why) {
        if (server.equals(open)) {
          close();
          refusedNanos = gateway.time().nanos();
        }
      }
    };
  }

  private static @Nullable Place place(List<@Nullable String> row) {
    String position = row.get(0);
    String timeline = row.get(1);
    return position == null || timeline == null
        ? null
        : new Place(Long.parseUnsignedLong(position), Long.parseLong(timeline));
  }

  private void connect() {
    isConnecting = true;
    hasAnswered = false;
    int attempt = ++attempts;
    ServerAsk.open(
        gateway,
        host,
        made -> {
          if (attempt == attempts) {
            isConnecting = false;
            open = made;
          } else {
            made.close();
          }
        },
        why -> {
          if (attempt == attempts) {
            isConnecting = false;
            refusedNanos = gateway.time().nanos();
          }
        });
  }

  /// It is asked anew next time.
  void close() {
    ServerAsk server = open;
    open = null;
    isAsking = false;
    isConnecting = false;
    hasAnswered = false;
    attempts++;
    if (server != null) {
      server.close();
    }
  }
}
