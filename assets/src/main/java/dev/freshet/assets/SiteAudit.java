package dev.freshet.assets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Walks through a site, one page after the other, as a first visitor of each; says what its pages
/// weigh and what to do about it. It only reads (GET) and never leaves the site's origin for a
/// page; of links that speak of leaving or deleting it keeps away.
public final class SiteAudit {
  private static final Pattern ACTS =
      Pattern.compile("(?i).*\\b(log-?out|sign-?out|delete|remove|unsubscribe)\\b.*");
  private static final Pattern NO_PAGE =
      Pattern.compile(
          "(?i).*\\.(pdf|zip|gz|png|jpe?g|gif|webp|avif|svg|mp4|mp3|xml|json|txt|css|js)$");
  private static final int MAX_KNOWN = 100_000;

  /// Views of each page through Freshet, at most; so many in which nothing changes end it.
  private static final int MAX_ROUNDS = 12;

  private static final int STEADY_ROUNDS = 2;

  /// Less than that is no change.
  private static final double LIGHTER = 0.99;

  private SiteAudit() {}

  /// What was found.
  ///
  /// @param through the same pages by way of a Freshet; none without one
  /// @param failures pages that couldn't be seen
  public record Report(
      String site,
      boolean hasBrowser,
      List<PageSight> pages,
      List<PageSight> through,
      List<Advice> advice,
      List<Trouble> failures) {

    /// Pretty-printed, without pictures.
    public String json() {
      try {
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a report is plain records", e);
      }
    }

    /// For a terminal: each page, what to do, and what it comes to.
    public String text() {
      return AuditText.of(this);
    }

    /// A page that needs nothing else.
    public String html() {
      return AuditPage.of(this);
    }
  }

  /// @param site where it begins
  /// @param through an address where the same site is reached by way of a Freshet
  /// @param browser a Chromium; without one, scripts don't run and nothing is seen of what is used
  /// @param lighter tries what Freshet would make of files; null leaves that out
  /// @param progress hears what is looked at
  public static Report run(
      URI site,
      @Nullable URI through,
      int maxPages,
      @Nullable Path browser,
      @Nullable Lighter lighter,
      Consumer<String> progress)
      throws IOException, InterruptedException {
    if (browser == null) {
      try (PlainVisit plain = new PlainVisit(PlainVisit.LIMIT)) {
        return run(site, through, maxPages, false, plain::see, lighter, progress);
      }
    }
    try (Browser started = Browser.start(browser)) {
      return run(
          site,
          through,
          maxPages,
          true,
          url -> BrowserVisit.of(started.tools(), url),
          lighter,
          progress);
    }
  }

  private interface Visit {
    PageSight see(String url) throws IOException, InterruptedException;
  }

  private static Report run(
      URI site,
      @Nullable URI through,
      int maxPages,
      boolean hasBrowser,
      Visit visit,
      @Nullable Lighter lighter,
      Consumer<String> progress)
      throws InterruptedException {
    List<Trouble> failures = new ArrayList<>();
    List<PageSight> pages = new ArrayList<>();
    Set<String> known = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(site.toString()));
    known.add(plain(site.toString()));
    int tried = 0;
    while (!open.isEmpty() && tried++ < maxPages) {
      String url = open.poll();
      progress.accept("page " + tried + ": " + url);
      PageSight page = see(url, site, visit, failures);
      // What leads to a page that was seen is no other page.
      boolean isNew = page != null && (page.url().equals(url) || known.add(plain(page.url())));
      if (page == null || !isNew) {
        continue;
      }
      pages.add(page);
      for (String link : page.links()) {
        String next = plain(link);
        if (isPage(next, site) && known.size() < MAX_KNOWN && known.add(next)) {
          open.add(next);
        }
      }
    }
    List<PageSight> after =
        through == null ? List.of() : through(pages, through, visit, progress, failures);
    progress.accept("what Freshet would make of the largest files");
    List<Savings> savings = lighter == null ? List.of() : Savings.of(pages, lighter);
    List<Advice> advice = Advice.of(pages, savings);
    return new Report(site.toString(), hasBrowser, pages, after, advice, failures);
  }

  /// Pages by way of a Freshet, once it has made of them what it will: smaller files are made
  /// behind the first views, so pages are seen again until none becomes lighter.
  private static List<PageSight> through(
      List<PageSight> pages,
      URI through,
      Visit visit,
      Consumer<String> progress,
      List<Trouble> failures)
      throws InterruptedException {
    Map<String, PageSight> last = new LinkedHashMap<>();
    List<String> urls = pages.stream().map(page -> moved(page.url(), through)).toList();
    int steady = 0;
    for (int round = 1; round <= MAX_ROUNDS && steady < STEADY_ROUNDS; round++) {
      boolean isLighter = false;
      for (String url : urls) {
        progress.accept("through Freshet, view " + round + ": " + url);
        PageSight before = last.get(url);
        PageSight now = round > 1 && before == null ? null : see(url, through, visit, failures);
        if (now != null) {
          last.put(url, now);
          isLighter |= before == null || now.wire() < before.wire() * LIGHTER;
        }
      }
      steady = isLighter ? 0 : steady + 1;
    }
    return List.copyOf(last.values());
  }

  /// @return null, and a failure more, for what can't be seen or is of another site
  private static @Nullable PageSight see(String url, URI site, Visit visit, List<Trouble> failures)
      throws InterruptedException {
    try {
      PageSight page = visit.see(url);
      if (isOf(page.url(), site)) {
        return page;
      }
      note(
          new Trouble(
              url, "leads to another site, " + page.url(), "audit that one by its own address"),
          failures);
      return null;
    } catch (IOException e) {
      note(
          new Trouble(
              url,
              "couldn't be seen (" + e.getMessage() + ")",
              "see whether it answers in a browser"),
          failures);
      return null;
    }
  }

  /// Once, however often a page is looked at.
  private static void note(Trouble trouble, List<Trouble> failures) {
    if (!failures.contains(trouble)) {
      failures.add(trouble);
    }
  }

  private static String plain(String url) {
    int fragment = url.indexOf('#');
    return fragment < 0 ? url : url.substring(0, fragment);
  }

  private static boolean isPage(String url, URI site) {
    return isOf(url, site)
        && !ACTS.matcher(url).matches()
        && !NO_PAGE.matcher(url.split("\\?", 2)[0]).matches();
  }

  private static boolean isOf(String url, URI site) {
    try {
      URI uri = new URI(url);
      return site.getScheme().equals(uri.getScheme()) && authority(site).equals(authority(uri));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static String authority(URI uri) {
    String authority = uri.getRawAuthority();
    return authority == null ? "" : authority.toLowerCase(Locale.ROOT);
  }

  /// The same page at another address.
  private static String moved(String url, URI to) {
    URI page = URI.create(url);
    String query = page.getRawQuery();
    return to.getScheme()
        + "://"
        + to.getRawAuthority()
        + page.getRawPath()
        + (query == null ? "" : "?" + query);
  }
}
