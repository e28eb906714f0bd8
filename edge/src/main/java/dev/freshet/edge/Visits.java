package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
  private static final FieldName WORKER = FieldName.of("Service-Worker");
  private static final FieldName BY_SCRIPT = FieldName.of("X-Requested-With");

  /// How many pages are to be opened yet.
  private final Map<String, Integer> missing = new ConcurrentHashMap<>();

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

  /// A request goes to the app: that for a worker does each time, whatever browsers keep.
  void asked(RequestHead head) {
    if (head.fields().has(WORKER)) {
      atLeast(head.authority(), OPENED_AFTER_WORKER);
    }
  }

  private void opened(String site) {
    if (missing.size() < MAX_SITES || missing.containsKey(site)) {
      missing.merge(site, OPENED - 1, (before, first) -> Math.max(0, before - 1));
    }
  }

  private void atLeast(String site, int pages) {
    if (missing.size() < MAX_SITES || missing.containsKey(site)) {
      missing.merge(site, pages, Math::max);
    }
  }

  /// Whether pages of that site are opened, and nothing else.
  boolean isOpenedOnly(String site) {
    Integer left = missing.get(site);
    return left != null && left == 0;
  }
}
