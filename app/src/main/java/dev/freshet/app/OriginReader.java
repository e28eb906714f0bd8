package dev.freshet.app;

import dev.freshet.base.Trouble;
import dev.freshet.edge.OriginConfig;
import dev.freshet.edge.OriginUrl;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads `origin`: one URL, a list of URLs, or a group with `urls` and everything else about them.
final class OriginReader {
  private OriginReader() {}

  static @Nullable OriginConfig read(
      Section root, List<String> flags, String file, List<Trouble> troubles) {
    boolean isGroup = root.isGroup("origin");
    Section group = isGroup ? root.section("origin") : Section.of(file, "origin", null, troubles);
    List<String> told = isGroup ? group.texts("urls") : root.texts("origin");
    List<String> urls = flags.isEmpty() ? told : flags;
    String place = flags.isEmpty() ? file + " origin" : "--origin";
    if (urls.isEmpty()) {
      troubles.add(
          new Trouble(
              "origin",
              "the app's address is missing",
              "say it with --origin http://127.0.0.1:3000 or `origin:` in freshet.yaml"));
      return null;
    }
    List<OriginUrl> origins = SettingsReader.urls(urls, place, troubles);
    if (origins.isEmpty()) {
      return null;
    }
    OriginConfig d = OriginConfig.defaults(origins);
    try {
      OriginConfig out =
          new OriginConfig(
              origins,
              group.read(
                  "protocol",
                  d.protocol(),
                  v -> SettingsReader.choice(v, OriginConfig.Protocol.class)),
              group.read(
                  "host-header",
                  d.hostHeader(),
                  v -> SettingsReader.choice(v, OriginConfig.HostHeader.class)),
              pool(group, d.pool()),
              waits(group, d.waits()),
              tries(group, d.tries()),
              health(group, d.health()),
              tls(group, d.tls()));
      group.end();
      return out;
    } catch (IllegalArgumentException e) {
      root.wrong("origin", String.valueOf(e.getMessage()), "correct it");
      return null;
    }
  }

  private static OriginConfig.Pool pool(Section group, OriginConfig.Pool d) {
    return new OriginConfig.Pool(
        group.number("connections", d.connectionsMax()),
        group.number("waiting", d.waitingMax()),
        group.duration("idle-timeout", d.idle()),
        group.duration("max-age", d.age()),
        d.http2ConnectionsMax());
  }

  private static OriginConfig.Waits waits(Section group, OriginConfig.Waits d) {
    return new OriginConfig.Waits(
        group.duration("connect-timeout", d.connect()),
        group.duration("connection-wait", d.connection()),
        group.duration("response-timeout", d.response()),
        group.duration("content-timeout", d.idle()),
        group.duration("tunnel-timeout", d.tunnel()));
  }

  private static OriginConfig.Tries tries(Section group, OriginConfig.Tries d) {
    return new OriginConfig.Tries(
        group.number("tries", d.max()), d.heldContent(), d.headMax(), d.fieldsMax());
  }

  private static OriginConfig.Health health(Section group, OriginConfig.Health d) {
    Section check = group.section("check");
    String path = check.text("path", "");
    OriginConfig.Check active = null;
    if (!path.isEmpty()) {
      OriginConfig.Check of = OriginConfig.Check.of(path);
      active =
          new OriginConfig.Check(
              path,
              check.duration("every", of.every()),
              check.duration("within", of.within()),
              check.number("status", of.status()));
    }
    check.end();
    return new OriginConfig.Health(
        group.number("failures", d.failuresMax()),
        d.ejection(),
        d.ejectionMax(),
        group.read(
            "all-down", d.allDown(), v -> SettingsReader.choice(v, OriginConfig.AllDown.class)),
        active);
  }

  private static OriginConfig.Tls tls(Section group, OriginConfig.Tls d) {
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
