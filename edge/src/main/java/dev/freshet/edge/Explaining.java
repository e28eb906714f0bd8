package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Says what is known of a URL's stored responses.
final class Explaining {
  private static final int MAX_LINES = 100;
  private static final int MAX_DEPENDENCIES = 200;
  private final Site site;

  Explaining(Site site) {
    this.site = site;
  }

  /// @param url the key that everybody shares
  WhySnapshot why(String url) {
    List<WhySnapshot.Line> lines = new ArrayList<>();
    int more = 0;
    long now = site.time().millis();
    for (String key : site.cache().keys(url)) {
      Resource<StoredResponse> resource = site.cache().heap(key);
      for (int i = 0; resource != null && i < resource.size(); i++) {
        if (lines.size() < MAX_LINES) {
          lines.add(line(key, resource.get(i), now));
        } else {
          more++;
        }
      }
    }
    Whys.Why why = site.whys().of(url);
    return new WhySnapshot(
        url,
        lines,
        more,
        why == null
            ? null
            : new WhySnapshot.Refused(
                why.reason().word(), why.detail(), seconds(now - why.millis())));
  }

  private WhySnapshot.Line line(String key, Entry<StoredResponse> entry, long now) {
    StoredResponse stored = entry.meta();
    Evidence evidence = entry.evidence();
    StoredResponse.Times times = stored.times();
    return new WhySnapshot.Line(
        stored.head().status(),
        entry.bodyLength(),
        key.indexOf(Cache.SEPARATOR) >= 0,
        site.cache().standing(entry).name().toLowerCase(Locale.ROOT),
        seconds(times.ageMillis(now)),
        times.isBounded() ? Long.valueOf(seconds(times.leftMillis(now))) : null,
        evidence == null ? null : position(evidence.asOf()),
        dependencies(evidence));
  }

  private static long seconds(long millis) {
    return TimeUnit.MILLISECONDS.toSeconds(millis);
  }

  /// As PostgreSQL writes it.
  private static String position(long lsn) {
    return String.format(Locale.ROOT, "%X/%X", lsn >>> 32, lsn & 0xffff_ffffL);
  }

  private List<String> dependencies(@Nullable Evidence evidence) {
    List<String> out = new ArrayList<>();
    if (evidence == null) {
      return out;
    }
    List<Dependency> all = evidence.dependencies();
    for (Dependency dependency : all) {
      if (out.size() == MAX_DEPENDENCIES) {
        out.add("and " + (all.size() - MAX_DEPENDENCIES) + " more");
        break;
      }
      out.add(text(dependency));
    }
    return out;
  }

  private String text(Dependency dependency) {
    return switch (dependency) {
      case Dependency.Table(long relation) -> table(relation);
      case Dependency.Rows(long relation, int column, String value) ->
          site.database().column().apply(relation, column) + " = " + value;
      case Dependency.Columns(
              Dependency.Whole of,
              List<Integer> columns,
              List<Comparison> comparisons,
              boolean _) ->
          text(of) + ", " + columns(of.relation(), columns, comparisons);
    };
  }

  private String columns(long relation, List<Integer> numbers, List<Comparison> comparisons) {
    List<String> names = new ArrayList<>();
    for (int number : numbers) {
      names.add(column(relation, number));
    }
    for (Comparison each : comparisons) {
      String column = column(relation, each.column());
      names.add(
          switch (each.sign()) {
            case EQUAL -> column + " = " + each.value();
            case LESS -> column + " < " + each.value();
            case AT_MOST -> column + " <= " + each.value();
            case NULL -> column + " is null";
          });
    }
    return "by " + (names.isEmpty() ? "which rows there are" : String.join(", ", names));
  }

  private String column(long relation, int number) {
    String prefix = table(relation) + ".";
    String name = site.database().column().apply(relation, number);
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  private String table(long relation) {
    return site.database().name().apply(relation);
  }
}
