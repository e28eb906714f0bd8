package dev.freshet.gateway;

import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// What a client is told by the gateway itself, in place of a server: never out of turn.
final class Replies {
  private final ClientSession client;
  private final Forwarder forwarder;
  private final ClientInbox inbox;

  Replies(ClientSession client, Forwarder forwarder, ClientInbox inbox) {
    this.client = client;
    this.forwarder = forwarder;
    this.inbox = inbox;
  }

  /// Nothing is under way.
  void ready() {
    ByteBuf answer = client.alloc(8);
    BackendMessages.readyForQuery(answer, (byte) 'I');
    client.fromServer(answer);
    client.flush();
  }

  /// ParseComplete, and nothing is under way.
  void parsed() {
    ByteBuf answer = client.alloc(16);
    BackendMessages.bare(answer, Tag.PARSE_COMPLETE);
    BackendMessages.readyForQuery(answer, (byte) 'I');
    client.fromServer(answer);
    client.flush();
  }

  /// Answers a statement as the server would.
  void complete(String tag) {
    ByteBuf answer = client.alloc(32);
    BackendMessages.commandComplete(answer, tag);
    ServerLink to = client.link();
    BackendMessages.readyForQuery(answer, to == null ? (byte) 'I' : to.status());
    client.fromServer(answer);
    client.flush();
    if (to != null) {
      client.ready();
    }
  }

  /// An error, and what depends on it is skipped.
  void refuse(ErrorReport why) {
    ServerLink to = client.link();
    if (isInTheMiddle(to)) {
      // Of a pipeline or a transaction: only the server can keep the order.
      client.end(ErrorReport.fatal(why.sqlState(), why.message(), why.hint()));
      return;
    }
    ByteBuf answer = client.alloc(256);
    why.write(answer);
    client.fromServer(answer);
    if (inbox.isAtQuery()) {
      ready();
    } else {
      inbox.discardToSync();
      client.flush();
    }
    if (to != null) {
      client.ready();
    }
  }

  /// The same of a message that is too long to be passed on; the server may be asked to say so.
  void refuse(byte tag, ErrorReport why) {
    ServerLink to = client.link();
    if (to != null && isInTheMiddle(to)) {
      forwarder.refuse(tag, why, to);
    } else {
      refuse(why);
    }
  }

  private boolean isInTheMiddle(@Nullable ServerLink to) {
    return to != null && (to.isBusy() || forwarder.isUnsynced() || to.status() != 'I');
  }
}
