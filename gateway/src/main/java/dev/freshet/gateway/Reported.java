package dev.freshet.gateway;

import dev.freshet.pgwire.BackendMessages;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;

/// The server's parameters as one client has been told of them. The settings of a client are made
/// on each server connection it gets, and others' undone there: of that it is told only what is not
/// as it knows it.
final class Reported {
  /// Of all who logged in to the same.
  private final Map<String, String> server;

  private final Map<String, String> since = new HashMap<>(4);

  /// @param server not to be changed any more
  /// @param told to this client, of each
  Reported(Map<String, String> server, Map<String, String> told) {
    this.server = server;
    told.forEach(this::tell);
  }

  /// It is told that.
  void tell(String name, String value) {
    if (value.equals(server.get(name))) {
      since.remove(name);
    } else {
      since.put(name, value);
    }
  }

  private boolean isNew(String name, String value) {
    return !value.equals(since.getOrDefault(name, server.get(name)));
  }

  /// Appends what of these it does not know, and takes it for told.
  void catchUp(Map<String, String> now, ByteBuf out) {
    now.forEach((name, value) -> {
      if (isNew(name, value)) {
        BackendMessages.parameterStatus(out, name, value);
        tell(name, value);
      }
    });
  }

  /// Whether it knows them all.
  boolean isUpTo(Map<String, String> now) {
    return now.entrySet().stream().noneMatch(each -> isNew(each.getKey(), each.getValue()));
  }
}
