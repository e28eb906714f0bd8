package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides for a request whether and how far its page is made better, and does it.
final class Finishing {
  private final Polish polish;
  private final Compression compression;
  private final Dictionaries dictionaries;
  private final Naming naming;
  private final EarlyHints early;
  private final Set<String> sessionCookies;

  Finishing(
      Polish polish,
      Compression compression,
      Dictionaries dictionaries,
      Naming naming,
      EarlyHints early,
      Set<String> sessionCookies) {
    this.polish = polish;
    this.compression = compression;
    this.dictionaries = dictionaries;
    this.naming = naming;
    this.early = early;
    this.sessionCookies = sessionCookies;
  }

  Polish.Level level(Routes.Route route, RequestHead head) {
    return Finish.isUnwanted(head.fields()) ? Polish.Level.OFF : polish.level(route.rule().match());
  }

  /// Whether anything of that route's is made better, for those who don't refuse it.
  boolean isOn(Routes.Route route) {
    return polish.level(route.rule().match()) != Polish.Level.OFF;
  }

  /// Whether a coded form is what this request should get.
  PageNames.Fit fit(@Nullable Finish finish, Routes.Route route, RequestHead head) {
    if (finish == null) {
      return PageNames.Fit.FULL;
    }
    naming.page(head);
    boolean isWrong =
        finish.level() != level(route, head)
            || finish.era() != polish.era()
            || (finish.isChanged() && polish.why(url(head)) != null);
    return isWrong ? PageNames.Fit.NONE : finish.names().fit(naming);
  }

  /// Whether a page that was made so is what anybody should get.
  PageNames.Fit fit(Finish finish) {
    return finish.era() == polish.era() ? finish.names().fit(naming) : PageNames.Fit.NONE;
  }

  /// The tags that a client has, as the app knows them; those of better pages stay as they are
  /// where this request wants none.
  String originTag(String ifNoneMatch, Routes.Route route, RequestHead head) {
    String uncoded = CodedVariants.originTag(ifNoneMatch);
    boolean isOff = level(route, head) == Polish.Level.OFF || polish.why(url(head)) != null;
    return isOff ? uncoded : Finish.originTag(uncoded, naming::isRight);
  }

  /// Whether the app is asked for a page, style sheet or script without a coding of its own, which
  /// would have to be undone first.
  boolean wantsUncoded(Routes.Route route, RequestHead head) {
    String accept = head.fields().first(FieldName.ACCEPT);
    boolean isPage = accept != null && accept.toLowerCase(Locale.ROOT).contains("text/html");
    return head.method().equals("GET")
        && (isPage || isText(head.path()))
        && compression.choose(head.fields()) != null
        && route.rule().compress()
        && level(route, head) != Polish.Level.OFF;
  }

  private static boolean isText(String path) {
    return path.endsWith(".css") || path.endsWith(".js") || path.endsWith(".mjs");
  }

  /// What codes a response on its way.
  ///
  /// @param finish null for what is no page
  record Outfit(StreamCoder coder, @Nullable Finish finish) {}

  /// For a response that may be coded.
  Outfit outfit(Routes.Route route, RequestHead head, Fields response, Coding coding) {
    if (!Finish.isPage(response)) {
      return new Outfit(new StreamCoder(coding, null), null);
    }
    long era = polish.era();
    Polish.Level level = level(route, head);
    String url = url(head);
    String why = level == Polish.Level.OFF ? null : polish.why(url);
    if (why != null) {
      return new Outfit(new StreamCoder(coding, null), Finish.off(level, why, era));
    }
    naming.page(head);
    PageNames names = naming.passing(head, response);
    Polish.Passing passing =
        level == Polish.Level.OFF
            ? null
            : polish.passing(
                url, response, level, early.learn(head, response, isKnown(head), names));
    Finish finish =
        passing == null
            ? Finish.plain(level, era)
            : Finish.passing(level, names, era).with(polish.beside());
    return new Outfit(new StreamCoder(coding, passing), finish);
  }

  private boolean isKnown(RequestHead head) {
    return head.fields().has(FieldName.AUTHORIZATION)
        || Cookies.hasSession(head.fields(), sessionCookies);
  }

  /// Whether pages for that request may be changed at all.
  boolean mayTouch(Routes.Route route, RequestHead head) {
    return level(route, head) != Polish.Level.OFF && polish.why(url(head)) == null;
  }

  /// A page and how it was made; both as the app said where nothing was to be done.
  ///
  /// @param page null where it is the app's own, octet for octet
  record Made(Finish finish, Polish.@Nullable Polished page) {}

  /// Null for what is no page.
  @Nullable Made whole(String key, StoredResponse stored, Polish.Level level, byte[][] content) {
    Fields response = stored.head().fields();
    if (!Finish.isPage(response)) {
      return null;
    }
    long era = polish.era();
    String why = level == Polish.Level.OFF ? null : polish.why(url(key));
    if (why != null) {
      return new Made(Finish.off(level, why, era), null);
    }
    PageNames names = naming.stored(key, stored);
    Polish.Polished done =
        level == Polish.Level.OFF
            ? null
            : polish.stored(key, url(key), response, level, names, content);
    return done == null || !done.changed()
        ? new Made(new Finish(level, "", true, Hints.NONE, names, era), null)
        : new Made(new Finish(level, done.note(), true, polish.beside(), names, era), done);
  }

  /// Somebody is given what was made of a stored response: he may hold it against the next.
  ///
  /// @param fields as he gets them
  void given(String key, StoredResponse stored, Fields fields, byte[][] content) {
    if (fields.has(DictionaryFields.USE) && stored.isForEverybody(key)) {
      dictionaries.keep(content, naming.now());
    }
  }

  /// Something was stored under that key.
  void stored(String key, StoredResponse stored, byte[][] content) {
    boolean isForAll = key.indexOf(Cache.SEPARATOR) < 0;
    if (isForAll && stored.head().status() == 200 && stored.isWhole()) {
      polish.seen(key, BrowserFields.own(stored.head().fields()), content);
    }
    given(key, stored, stored.head().fields(), content);
  }

  private static String url(RequestHead head) {
    return head.scheme() + "://" + head.authority() + head.target();
  }

  private static String url(String key) {
    int user = key.indexOf(Cache.SEPARATOR);
    return user < 0 ? key : key.substring(0, user);
  }
}
