package dev.freshet.assets;

import dev.freshet.assets.PageSight.Loaded;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What an audit comes to: each page beside itself through Freshet, and sums over them.
///
/// @param origin of the site, without a slash at its end
/// @param spared octets that Freshet in front would spare by its own doing, each file counted once
record AuditSums(String origin, List<Pair> pairs, long spared) {

  /// A page, and the same through Freshet where it was seen there.
  record Pair(PageSight before, @Nullable PageSight after) {
    long afterWire() {
      return after == null ? 0 : after.wire();
    }
  }

  /// A file that some page has.
  ///
  /// @param pages how many have it
  /// @param unused percent that no page used, -1 where that was not seen
  record File(Loaded answer, int pages, int unused) {}

  static AuditSums of(SiteAudit.Report report) {
    Map<String, PageSight> through = new HashMap<>();
    report.through().forEach(page -> through.putIfAbsent(place(page), page));
    List<Pair> pairs =
        report.pages().stream().map(page -> new Pair(page, through.get(place(page)))).toList();
    long spared =
        report.advice().stream()
            .filter(advice -> advice.by() == Advice.By.FRESHET)
            .mapToLong(Advice::gain)
            .sum();
    String site = report.site();
    String origin = site.substring(0, site.indexOf('/', site.indexOf("://") + 3));
    return new AuditSums(origin, pairs, spared);
  }

  /// Path and query: the same wherever a site is reached.
  static String place(PageSight page) {
    int authority = page.url().indexOf("://") + 3;
    int path = page.url().indexOf('/', authority);
    return path < 0 ? "/" : page.url().substring(path).split("#", 2)[0];
  }

  /// A URL, or a text that begins with one, without the site's own origin.
  String within(String url) {
    return url.startsWith(origin + "/") ? url.substring(origin.length()) : url;
  }

  List<PageSight> before() {
    return pairs.stream().map(Pair::before).toList();
  }

  /// Those that were seen through Freshet too, as they are without.
  List<PageSight> compared() {
    return pairs.stream().filter(pair -> pair.after() != null).map(Pair::before).toList();
  }

  /// The same through Freshet.
  List<PageSight> after() {
    return pairs.stream().flatMap(pair -> Stream.ofNullable(pair.after())).toList();
  }

  /// What there is of, in the order of the alphabet.
  Set<String> kinds() {
    return Stream.concat(before().stream(), after().stream())
        .flatMap(page -> page.wireByKind().keySet().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// For somebody who reads nothing else.
  String sentence() {
    List<PageSight> both = compared();
    String seen =
        "%s, each as a first visitor sees it: %s in %s."
            .formatted(
                pairs.size() == 1 ? "One page" : pairs.size() + " pages",
                Sizes.kilobytes(wire(before())),
                counted(requests(before())));
    if (!both.isEmpty()) {
      String which = both.size() == pairs.size() ? "the same" : both.size() + " of them";
      return seen
          + " Through Freshet %s: %s (%s) in %s."
              .formatted(
                  which,
                  Sizes.kilobytes(wire(after())),
                  change(wire(both), wire(after())),
                  counted(requests(after())));
    }
    return spared == 0
        ? seen
        : seen
            + " Freshet in front would spare "
            + Sizes.kilobytes(spared)
            + " of what these pages' files have together, without a change of the site.";
  }

  private static long wire(Collection<PageSight> pages) {
    return pages.stream().mapToLong(PageSight::wire).sum();
  }

  private static long requests(Collection<PageSight> pages) {
    return pages.stream().mapToLong(page -> page.loaded().size()).sum();
  }

  static String counted(long requests) {
    return requests == 1 ? "1 request" : String.format(Locale.ROOT, "%,d requests", requests);
  }

  /// `-83 %`, of a positive number.
  static String change(long before, long after) {
    long percent = before == 0 ? 0 : Math.round(100.0 * (after - before) / before);
    return String.format(Locale.ROOT, "%+d %%", percent).replace("+0", "0");
  }

  /// Of those that were seen (not 0) and were no errors, unless there is nothing else; 0 where none
  /// was seen.
  static long median(List<PageSight> pages, ToLongFunction<PageSight> value) {
    boolean isAnyGood = pages.stream().anyMatch(AuditSums::isGood);
    long[] all =
        pages.stream()
            .filter(page -> isGood(page) || !isAnyGood)
            .mapToLong(value)
            .filter(one -> one > 0)
            .sorted()
            .toArray();
    return all.length == 0 ? 0 : (all[(all.length - 1) / 2] + all[all.length / 2]) / 2;
  }

  private static boolean isGood(PageSight page) {
    return page.status() < 400;
  }

  /// Largest first.
  static List<File> files(List<PageSight> pages, int most) {
    Map<String, Loaded> answers = new LinkedHashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    for (PageSight page : pages) {
      page.loaded().stream()
          .map(Loaded::url)
          .distinct()
          .forEach(url -> counts.merge(url, 1, Integer::sum));
      page.loaded().forEach(one -> answers.putIfAbsent(one.url(), one));
    }
    Map<String, Integer> unused = Advice.unused(pages);
    return answers.values().stream()
        .sorted(Comparator.comparingLong(Loaded::wire).reversed())
        .limit(most)
        .map(one ->
            new File(one, counts.getOrDefault(one.url(), 0), unused.getOrDefault(one.url(), -1)))
        .toList();
  }
}
