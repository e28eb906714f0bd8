package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// How the pages of each site are come by: opened by browsers, or read by scripts and workers of
/// the site's own.
///
/// A script that reads pages compares or keeps what it finds in them, and a worker keeps files by
/// their URLs: there a URL that changes may load a script twice, or miss what is kept. So URLs are
/// only changed on sites whose pages have been opened some times in a row, and nothing else.
final class Visits {
  /// So many pages are opened first.
  static final int OPENED = 8;

  private static final int OPENED_AFTER_SCRIPT = 200;
  private static final int OPENED_AFTER_WORKER = 10_000;
  private static final int MAX_SITES = 10_000;
  private static final FieldName MODE = FieldName.of("Sec-Fetch-Mode");
  private static final FieldName DEST = FieldName.of("Sec-Fetch-Dest");
  private static final FieldName WORKER = FieldName.of("Service-Worker");
  private static final FieldName BY_SCRIPT = FieldName.of("X-Requested-With");

  /// How many pages are to be opened yet; the site that was asked for least recently leaves first.
  private final SequencedMap<String, Integer> missing = new LinkedHashMap<>(16, 0.75f, true);

  /// Somebody is given a page.
  void page(RequestHead head) {
    Fields fields = head.fields();
    String mode = fields.first(MODE);
    String site = head.authority();
    if (fields.has(BY_SCRIPT) || (mode != null && !mode.equals("navigate"))) {
      atLeast(site, OPENED_AFTER_SCRIPT);
    } else if (mode != null && !isOpenedOnly(site)) {
      opened(site);
    }
  }

  /// Somebody is given what the app said. A worker counts where a browser says that it wants one,
  /// and there is one: else anybody could end it with a field.
  void given(RequestHead head, int status, Fields said) {
    Fields asked = head.fields();
    boolean isWorker =
        asked.has(WORKER)
            && "script".equals(asked.first(WORKER))
            && "serviceworker".equals(asked.first(DEST))
            && status == 200
            && ContentTerms.isScript(said.first(FieldName.CONTENT_TYPE));
    if (isWorker) {
      atLeast(head.authority(), OPENED_AFTER_WORKER);
    }
  }

  private synchronized void opened(String site) {
    missing.merge(site, OPENED - 1, (before, first) -> Math.max(0, before - 1));
    evict();
  }

  private synchronized void atLeast(String site, int pages) {
    missing.merge(site, pages, Math::max);
    evict();
  }

  private void evict() {
    if (missing.size() > MAX_SITES) {
      missing.pollFirstEntry();
    }
  }

  /// Whether pages of that site are opened, and nothing else.
  synchronized boolean isOpenedOnly(String site) {
    Integer left = missing.get(site);
    return left != null && left == 0;
  }
}
