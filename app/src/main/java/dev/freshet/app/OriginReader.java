package dev.freshet.app;

import dev.freshet.base.Trouble;
import dev.freshet.edge.OriginConfig;
import dev.freshet.edge.OriginUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads `origin`: one URL, a list of URLs, or a group with `urls` and everything else about them.
final class OriginReader {
  private OriginReader() {}

  static @Nullable OriginConfig read(
      Section root, List<String> flags, String file, List<Trouble> troubles) {
    boolean isGroup = root.isGroup("origin");
    Section group = isGroup ? root.section("origin") : Section.of(file, "origin", null, troubles);
    int before = troubles.size();
    List<OriginUrl> urls =
        isGroup ? group.list("urls", OriginUrl::parse) : root.list("origin", OriginUrl::parse);
    if (!flags.isEmpty()) {
      urls = flagged(flags, troubles);
    }
    // Named, and empty for want of a variable: that has been said.
    boolean isExplained = root.has("origin") && !troubles.isEmpty();
    if (urls.isEmpty() && troubles.size() == before && !isExplained) {
      troubles.add(
          new Trouble(
              "origin",
              "the app's address is missing",
              "say it with --origin http://127.0.0.1:3000 or `origin:` in freshet.yaml"));
    }
    var protocol =
        group.read("protocol", OriginConfig.Protocol.AUTO, choice(OriginConfig.Protocol.class));
    var host =
        group.read(
            "host-header", OriginConfig.HostHeader.CLIENT, choice(OriginConfig.HostHeader.class));
    OriginConfig.Pool pool = pool(group);
    OriginConfig.Waits waits = waits(group);
    OriginConfig.Tries tries = tries(group);
    OriginConfig.Admission admission = admission(group, pool.waitingMax());
    OriginConfig.Health health = health(group);
    OriginConfig.Tls tls = tls(group);
    group.end();
    return urls.isEmpty()
        ? null
        : new OriginConfig(urls, protocol, host, pool, waits, tries, admission, health, tls);
  }

  private static List<OriginUrl> flagged(List<String> texts, List<Trouble> troubles) {
    List<OriginUrl> out = new ArrayList<>();
    for (String text : texts) {
      try {
        out.add(OriginUrl.parse(text));
      } catch (IllegalArgumentException e) {
        troubles.add(
            new Trouble("--origin", String.valueOf(e.getMessage()), "correct the address"));
      }
    }
    return out;
  }

  private static <E extends Enum<E>> Function<String, E> choice(Class<E> of) {
    return value -> SettingsReader.choice(value, of);
  }

  private static OriginConfig.Pool pool(Section group) {
    OriginConfig.Pool d = OriginConfig.Pool.defaults();
    int connections = group.number("connections", d.connectionsMax(), 1);
    int waiting = group.number("waiting", d.waitingMax(), 1);
    Duration idle = group.timeout("idle-timeout", d.idle());
    Duration age = group.timeout("max-age", d.age());
    if (idle.compareTo(age) > 0) {
      group.wrong("idle-timeout", "is longer than max-age", "shorten it, or raise max-age");
      return d;
    }
    return new OriginConfig.Pool(connections, waiting, idle, age, d.http2ConnectionsMax());
  }

  private static OriginConfig.Waits waits(Section group) {
    OriginConfig.Waits d = OriginConfig.Waits.defaults();
    return new OriginConfig.Waits(
        group.timeout("connect-timeout", d.connect()),
        group.timeout("connection-wait", d.connection()),
        group.timeout("response-timeout", d.response()),
        group.timeout("content-timeout", d.idle()),
        group.timeout("tunnel-timeout", d.tunnel()));
  }

  private static OriginConfig.Tries tries(Section group) {
    OriginConfig.Tries d = OriginConfig.Tries.defaults();
    return new OriginConfig.Tries(
        group.number("tries", d.max(), 1), d.heldContent(), d.headMax(), d.fieldsMax());
  }

  private static OriginConfig.Admission admission(Section group, int waiting) {
    OriginConfig.Admission d = OriginConfig.Admission.defaults();
    Duration patience = group.timeout("queue-wait", d.patience());
    int most = group.read("concurrency", d.most(), OriginReader::concurrency);
    List<String> ahead = group.list("queue-ahead", OriginReader::pattern);
    return new OriginConfig.Admission(
        most > 0, most > 0 ? most : d.most(), patience, waiting, ahead);
  }

  private static String pattern(String value) {
    if (!value.startsWith("/")) {
      throw new IllegalArgumentException("'" + value + "' does not begin with a slash");
    }
    return value;
  }

  /// 0 for off.
  private static int concurrency(String value) {
    if (value.equals("off") || value.equals("false")) {
      return 0;
    }
    if (!value.matches("[1-9][0-9]{0,6}")) {
      throw new IllegalArgumentException("'" + value + "' is not off or a number from 1");
    }
    return Integer.parseInt(value);
  }

  private static OriginConfig.Health health(Section group) {
    OriginConfig.Health d = OriginConfig.Health.defaults();
    int failures = group.number("failures", d.failuresMax(), 1);
    var allDown = group.read("all-down", d.allDown(), choice(OriginConfig.AllDown.class));
    return new OriginConfig.Health(failures, d.ejection(), d.ejectionMax(), allDown, check(group));
  }

  private static OriginConfig.@Nullable Check check(Section group) {
    OriginConfig.Check d = OriginConfig.Check.of("/");
    Section check = group.section("check");
    String path = check.text("path", "");
    Duration every = check.timeout("every", d.every());
    Duration within = check.timeout("within", d.within());
    int status = check.number("status", d.status(), 0);
    check.end();
    if (path.isEmpty()) {
      if (group.isGroup("check")) {
        check.wrong("path", "is missing", "say what to ask for, like `path: /health`");
      }
      return null;
    }
    if (!path.startsWith("/")) {
      check.wrong("path", "'" + path + "' is not a path", "begin it with a slash");
      return null;
    }
    return new OriginConfig.Check(path, every, within, status);
  }

  private static OriginConfig.Tls tls(Section group) {
    OriginConfig.Tls d = OriginConfig.Tls.defaults();
    Section tls = group.section("tls");
    String authorities = tls.text("authorities", "");
    OriginConfig.Tls out =
        new OriginConfig.Tls(
            authorities.isEmpty() ? d.authorities() : Path.of(authorities),
            tls.flag("verify", d.verify()));
    tls.end();
    return out;
  }
}
