package dev.freshet.gateway;

import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Asks the server what proves a user (`auth-query`), once for all who log in at the same time, and
/// remembers the answer for a few seconds.
final class UserLookup {
  private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int MAX_KNOWN = 1_000;
  private static final int MAX_WAITING = 10_000;

  private final Gateway gateway;
  private final Map<String, Known> known = new LinkedHashMap<>();
  private final Map<String, List<Answer>> waiting = new HashMap<>();
  private @Nullable ServerAsk server;
  private boolean connecting;
  private int waiters;

  private record Known(@Nullable Secret secret, long atNanos) {}

  /// Told once.
  interface Answer {
    /// @param secret null when there is no such user, or it has no password
    void secret(@Nullable Secret secret);

    void failed(ErrorReport why);
  }

  UserLookup(Gateway gateway) {
    this.gateway = gateway;
  }

  void find(String user, Answer answer) {
    Known recent = known.get(user);
    if (recent != null && gateway.time().nanos() - recent.atNanos() < KEEP_NANOS) {
      answer.secret(recent.secret());
      return;
    }
    if (waiters >= MAX_WAITING) {
      answer.failed(ErrorReport.fatal("53300", "too many users are being looked up", null));
      return;
    }
    waiters++;
    List<Answer> others = waiting.get(user);
    if (others != null) {
      others.add(answer);
      return;
    }
    List<Answer> all = new ArrayList<>();
    all.add(answer);
    waiting.put(user, all);
    ServerAsk open = server;
    if (open != null && open.isOpen()) {
      ask(open, user);
    } else if (!connecting) {
      connect();
    }
  }

  private void connect() {
    connecting = true;
    ServerAsk.open(
        gateway,
        null,
        made -> {
          connecting = false;
          server = made;
          List.copyOf(waiting.keySet()).forEach(user -> ask(made, user));
        },
        why -> {
          connecting = false;
          List.copyOf(waiting.keySet()).forEach(user -> refuse(user, why));
        });
  }

  private void ask(ServerAsk open, String user) {
    gateway.later(
        gateway.config().limits().login().toMillis(),
        () -> {
          if (waiting.containsKey(user) && !open.isIdle()) {
            open.close();
          }
        });
    open.ask(
        gateway.config().login().query(),
        user,
        new ServerAsk.Answer() {
          @Override
          public void rows(List<List<@Nullable String>> rows) {
            answered(user, rows);
          }

          @Override
          public void failed(ErrorReport why) {
            refuse(user, why);
          }
        });
  }

  /// The first row's last column, as PgBouncer's `auth_query` has it: name, then secret.
  private void answered(String user, List<List<@Nullable String>> rows) {
    String text = rows.isEmpty() || rows.getFirst().isEmpty() ? null : rows.getFirst().getLast();
    Secret secret;
    try {
      secret = text == null || text.isEmpty() ? null : gateway.provable(Secret.parse(text));
    } catch (IllegalArgumentException e) {
      secret = null;
    }
    if (known.size() >= MAX_KNOWN) {
      known.remove(known.keySet().iterator().next());
    }
    known.put(user, new Known(secret, gateway.time().nanos()));
    Secret found = secret;
    taken(user).forEach(answer -> answer.secret(found));
  }

  private void refuse(String user, ErrorReport why) {
    ErrorReport fatal =
        ErrorReport.fatal(
            why.sqlState(),
            "the user can't be looked up: " + why.message(),
            "see that gateway.auth-query works for the user of the database URL");
    taken(user).forEach(answer -> answer.failed(fatal));
  }

  private List<Answer> taken(String user) {
    List<Answer> out = waiting.remove(user);
    if (out == null) {
      return List.of();
    }
    waiters -= out.size();
    return out;
  }

  /// What was known may have changed.
  void forget() {
    known.clear();
    if (server != null && server.isIdle()) {
      server.close();
    }
  }

  void close() {
    if (server != null) {
      server.close();
    }
  }
}
