package dev.freshet.assets;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Has the URLs of one page's style sheets and classic scripts name their content.
///
/// Left alone: modules, since one imported by two URLs runs twice; what demands a digest or is
/// fetched in a mode of its own; what is watched for changes of its address; what the page has
/// fetched ahead under its URL, which would then be fetched twice; and style sheets that a script
/// may look for.
final class NamedUrls {
  private static final byte[] SRC = Ascii.octets("src");
  private static final byte[] HREF = Ascii.octets("href");
  private static final byte[] REL = Ascii.octets("rel");
  private static final byte[] TYPE = Ascii.octets("type");
  private static final byte[] INTEGRITY = Ascii.octets("integrity");
  private static final byte[] CROSSORIGIN = Ascii.octets("crossorigin");
  private static final byte[] WATCHED = Ascii.octets("data-turbo");
  private static final Pattern LINKED = Pattern.compile("<([^>]*)>");

  /// As in HTML, section 4.12.1.1.
  private static final Set<String> CLASSIC =
      Set.of("", "text/javascript", "application/javascript", "application/x-javascript");

  private final PageAddress address;
  private final Names names;
  private final SheetLookups lookups;
  private final Set<String> ahead = new HashSet<>();

  NamedUrls(PageAddress address, Names names, SheetLookups lookups, Fields response) {
    this.address = address;
    this.names = names;
    this.lookups = lookups;
    for (String line : response.all(FieldName.LINK)) {
      Matcher linked = LINKED.matcher(line);
      while (linked.find()) {
        ahead(address.resolve(linked.group(1)));
      }
    }
  }

  private void ahead(@Nullable String url) {
    if (url != null) {
      ahead.add(url);
    }
  }

  /// A tag of a page without `<base>`; gives what was put behind its URL, null for nothing.
  @Nullable String tag(Tag tag) {
    boolean isScript = tag.element() == Element.SCRIPT;
    byte[] attribute = isScript ? SRC : HREF;
    String target = tag.value(attribute);
    if (target == null || !tag.isWhole() || !isPlain(target)) {
      return null;
    }
    String url = address.resolve(target);
    if (url == null) {
      return null;
    }
    String rel = isScript ? "" : lower(tag.value(REL));
    if (rel.contains("preload")) {
      ahead(url);
    }
    boolean isLoaded =
        isScript
            ? CLASSIC.contains(lower(tag.value(TYPE)))
            : isSheet(rel) && !lookups.areOn(address);
    boolean isOwn =
        tag.has(INTEGRITY) || tag.has(CROSSORIGIN) || tag.hasAny(WATCHED) || ahead.contains(url);
    String behind = isLoaded && !isOwn ? names.behind(url, isScript) : null;
    if (behind != null) {
      tag.append(attribute, Ascii.octets(behind));
    }
    return behind;
  }

  /// The page says itself what may be loaded.
  void policy() {
    names.policy();
  }

  private static boolean isSheet(String rel) {
    return rel.equals("stylesheet");
  }

  private static String lower(@Nullable String value) {
    return value == null ? "" : value.strip().toLowerCase(Locale.ROOT);
  }

  /// Whether something put behind it stands in its query.
  private static boolean isPlain(String target) {
    return !target.isEmpty() && target.indexOf('#') < 0 && target.strip().equals(target);
  }
}
