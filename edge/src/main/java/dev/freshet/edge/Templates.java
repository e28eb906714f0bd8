package dev.freshet.edge;

import dev.freshet.base.Time;
import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds pages that seem to be made from one template, by the folder that they are in, and lets
/// browsers fetch one of them as the dictionary for the others (RFC 9842, section 3).
///
/// A page itself is no dictionary: it has to be asked for each time, and a dictionary counts only
/// while it is fresh. So a copy of one is a resource of its own, which a browser fetches when it
/// has nothing else to do. It may be as old as it likes: what is coded against it is new.
final class Templates {
  static final String PATH = "/.freshet/dictionary/";

  /// Shorter pages are small by themselves.
  private static final int MIN_LENGTH = 4_000;

  /// Folders of which anything is known.
  private static final int MAX_FOLDERS = 64;

  private static final long MAX_AGE_MILLIS = TimeUnit.DAYS.toMillis(1);

  private final Dictionaries dictionaries;
  private final Compression compression;
  private final Time time;
  private final Map<String, Folder> folders = new LinkedHashMap<>(16, 0.75f, true);

  /// @param first a page in it, until there is a copy of another
  private record Folder(String first, @Nullable Copy copy) {}

  /// One page of the folder, as it once was.
  @SuppressWarnings("ArrayRecordComponent")
  private record Copy(Dictionary dictionary, byte[][] coded, String match, long madeMillis) {}

  Templates(Dictionaries dictionaries, Compression compression, Time time) {
    this.dictionaries = dictionaries;
    this.compression = compression;
    this.time = time;
  }

  /// Where the browser finds the dictionary for pages like that; empty when there is none (yet).
  ///
  /// @param url absolute, of a page that everybody may have
  /// @param content as it is sent, not coded
  /// @param better told of a page that has one from now on
  String dictionary(String url, byte[][] content, Consumer<String> better) {
    String folder = folder(url);
    long length = Form.length(content);
    boolean fits = length >= MIN_LENGTH && length <= Dictionaries.MAX_LENGTH;
    if (folder == null || !fits) {
      return "";
    }
    Folder known;
    synchronized (folders) {
      known = folders.get(folder);
      if (known == null) {
        folders.put(folder, new Folder(url, null));
        if (folders.size() > MAX_FOLDERS) {
          var eldest = folders.keySet().iterator();
          eldest.next();
          eldest.remove();
        }
        return "";
      }
    }
    Copy copy = known.copy();
    boolean isOld = copy != null && time.millis() - copy.madeMillis() > MAX_AGE_MILLIS;
    if (copy == null ? !known.first().equals(url) : isOld) {
      copy = copied(folder, content);
      Folder made = new Folder(known.first(), copy);
      synchronized (folders) {
        folders.put(folder, made);
      }
      better.accept(known.first());
    }
    return copy == null ? "" : PATH + copy.dictionary().urlName();
  }

  private Copy copied(String folder, byte[][] content) {
    Dictionary made = Dictionary.of(content);
    dictionaries.keep(made);
    byte[][] coded = compression.encode(content, Coding.GZIP, true);
    String match = folder.substring(folder.indexOf('/', folder.indexOf("://") + 3)) + "*";
    return new Copy(made, coded, match, time.millis());
  }

  /// Everything up to the last slash of the path; null where a pattern for it can't be written
  /// without doubt.
  static @Nullable String folder(String url) {
    int query = url.indexOf('?');
    String bare = query < 0 ? url : url.substring(0, query);
    int root = bare.indexOf('/', bare.indexOf("://") + 3);
    int slash = bare.lastIndexOf('/');
    if (root < 0 || DictionaryFields.match(bare.substring(root)) == null) {
      return null;
    }
    return bare.substring(0, slash + 1);
  }

  /// Answers a request for one.
  Talk begin(RequestHead head, Caller caller) {
    String name = head.path().substring(PATH.length());
    String site = head.scheme() + "://" + head.authority().toLowerCase(Locale.ROOT) + "/";
    Copy found = null;
    synchronized (folders) {
      for (Map.Entry<String, Folder> one : folders.entrySet()) {
        Copy copy = one.getValue().copy();
        boolean isThere = one.getKey().startsWith(site);
        if (isThere && copy != null && copy.dictionary().urlName().equals(name)) {
          found = copy;
        }
      }
    }
    answer(found, head, caller);
    return new Talk() {};
  }

  private static void answer(@Nullable Copy found, RequestHead head, Caller caller) {
    if (found == null) {
      Fields fields = Fields.of("Cache-Control", "no-store");
      caller.head(new ResponseHead(404, fields), 0);
      caller.end();
      return;
    }
    String accepted = head.fields().combined(FieldName.ACCEPT_ENCODING);
    boolean isCoded = accepted != null && accepted.toLowerCase(Locale.ROOT).contains("gzip");
    byte[][] content = isCoded ? found.coded() : found.dictionary().content();
    Fields fields =
        Fields.of(
            "Content-Type",
            "text/plain; charset=utf-8",
            "X-Content-Type-Options",
            "nosniff",
            "Cache-Control",
            "max-age=86400",
            "Vary",
            "Accept-Encoding");
    fields.set(
        DictionaryFields.USE,
        "match=\"" + found.match() + "\", match-dest=(\"document\" \"iframe\")");
    if (isCoded) {
      fields.set(FieldName.CONTENT_ENCODING, "gzip");
    }
    caller.head(new ResponseHead(200, fields), Form.length(content));
    if (head.method().equals("GET")) {
      for (byte[] piece : content) {
        caller.write(piece);
      }
    }
    caller.end();
  }
}
