package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Version;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Tells a browser which style sheets and scripts a page will need while the app still makes the
/// page (103, RFC 8297), by what the last answer for that URL had at its top.
///
/// Nobody learns by it what is not for him: only pages made without credentials are learned from,
/// and only files that are in memory for everybody are named. Over HTTP/2 only, where what is in
/// between can be trusted to know such an answer.
final class EarlyHints {
  private static final int EARLY = 103;
  private static final int MAX_PAGES = 5_000;
  private static final int MAX_SITES = 10_000;
  private static final int MAX_LINKS = 6;
  private static final FieldName MODE = FieldName.of("Sec-Fetch-Mode");
  private static final FieldName DEST = FieldName.of("Sec-Fetch-Dest");

  /// The last page under each URL, the least used leave first.
  private final Map<String, Top> pages = new LinkedHashMap<>(16, 0.75f, true);

  /// Sites whose app does it itself: browsers heed the first such answer only.
  private final Set<String> own = ConcurrentHashMap.newKeySet();

  private final Meters.Counter sent;

  EarlyHints(Meters meters) {
    sent =
        meters.counter(
            "freshet_early_hints_total",
            "Pages whose files were named before the app had answered");
  }

  /// Pages whose files were named early.
  long sent() {
    return sent.sum();
  }

  /// What one page loads first, and the names that it gives it.
  static final class Top implements Polish.Names {
    private final PageNames names;
    private final long keptMillis;
    private final List<File> files = new ArrayList<>();
    private boolean isSilent = true;

    private record File(String url, boolean isScript) {}

    private Top(PageNames names, long keptMillis) {
      this.names = names;
      this.keptMillis = keptMillis;
    }

    @Override
    public @Nullable String behind(String url, boolean isScript) {
      synchronized (files) {
        File file = new File(url, isScript);
        if (isSilent && files.size() < MAX_LINKS && !files.contains(file)) {
          files.add(file);
        }
      }
      return names.behind(url, isScript);
    }

    @Override
    public void policy() {
      synchronized (files) {
        files.clear();
        isSilent = false;
      }
    }

    /// A `Link` for each that is at hand.
    private Fields links(Naming naming) {
      Fields out = new Fields(MAX_LINKS);
      long now = naming.now();
      synchronized (files) {
        for (File file : files) {
          Naming.Candidate candidate = naming.candidate(file.url(), file.isScript());
          if (candidate != null && naming.isAtHand(candidate, now)) {
            String name =
                names.isOpen(naming) ? naming.name(candidate, now + keptMillis, now) : null;
            String url = name == null ? file.url() : ContentName.in(file.url(), name);
            String as = file.isScript() ? "script" : "style";
            out.add(FieldName.LINK, "<" + target(url) + ">; rel=preload; as=" + as);
          }
        }
      }
      return out;
    }

    private static String target(String url) {
      return url.substring(url.indexOf('/', url.indexOf("://") + 3));
    }
  }

  /// A page is on its way: the names that it is given, looked at by who is told ahead next time.
  Polish.Names learn(RequestHead head, Fields response, boolean isKnown, PageNames names) {
    if (isKnown || !head.method().equals("GET")) {
      return names;
    }
    String place = place(head);
    if (Hints.isSilent(response) && !response.has(FieldName.LINK)) {
      Top top = new Top(names, PageNames.keptMillis(response));
      keep(place, top);
      return top;
    }
    // It says itself what may be loaded, or what is needed.
    synchronized (pages) {
      pages.remove(place);
    }
    return names;
  }

  private void keep(String place, Top top) {
    synchronized (pages) {
      pages.put(place, top);
      if (pages.size() > MAX_PAGES) {
        Iterator<Top> eldest = pages.values().iterator();
        eldest.next();
        eldest.remove();
      }
    }
  }

  /// The app has sent such an answer.
  void passed(RequestHead head, ResponseHead interim) {
    if (interim.status() == EARLY && own.size() < MAX_SITES) {
      own.add(head.authority());
    }
  }

  /// What to send before the app is asked; null for nothing.
  @Nullable ResponseHead of(Site site, Routes.Route route, RequestHead head) {
    Fields fields = head.fields();
    boolean isOpened =
        head.version() == Version.HTTP_2
            && head.method().equals("GET")
            && "navigate".equals(fields.first(MODE))
            && "document".equals(fields.first(DEST));
    if (!isOpened || own.contains(head.authority())) {
      return null;
    }
    Top top;
    synchronized (pages) {
      top = pages.get(place(head));
    }
    if (top == null
        || route.rule().share() == Share.BY_USER
        || !site.finishing().mayTouch(route, head)) {
      return null;
    }
    Fields links = top.links(site.naming());
    if (links.isEmpty()) {
      return null;
    }
    sent.increment();
    return new ResponseHead(EARLY, links);
  }

  /// Its query tells one page of a template from another.
  private static String place(RequestHead head) {
    return head.scheme() + "://" + head.authority() + head.path();
  }
}
