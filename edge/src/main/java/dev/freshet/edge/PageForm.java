package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Makes the answer that a page is: the list's own text with other elements left out, and the
/// list's own fields with what is the page's in their place.
final class PageForm {
  static final FieldName TOTAL = FieldName.of("X-Total-Count");
  private static final FieldName ALLOW_ORIGIN = FieldName.of("Access-Control-Allow-Origin");
  private static final FieldName EXPOSE = FieldName.of("Access-Control-Expose-Headers");

  private static final int PIECE = 65_536;

  private PageForm() {}

  /// @param list the stored list's head
  /// @param links value of `Link`, empty for none
  static Form of(
      Stored list, Pieces content, ListIndex index, Cut.Page page, PageAsk ask, String links) {
    byte[][] pieces =
        page.isRun() && ask.fields().isEmpty()
            ? run(content, index, page)
            : chosen(content, index, page, ask);
    Fields fields = list.fields().copy();
    CodedVariants.forgetOctets(fields);
    fields.remove(FieldName.LAST_MODIFIED);
    fields.set(TOTAL, Integer.toString(index.size()));
    if (!links.isEmpty()) {
      fields.add(FieldName.LINK, links);
    }
    if (fields.has(ALLOW_ORIGIN)) {
      // Without this a page of another origin may read the content only.
      fields.add(EXPOSE, "Link, X-Total-Count");
    }
    String tag = new Sha256().addAll(pieces).add(index.size() + links).endShort();
    fields.set(FieldName.ETAG, "\"page-" + tag + "\"");
    fields.set(FieldName.CONTENT_LENGTH, Long.toString(Form.length(pieces)));
    return new Form(new Stored(list.status(), fields), pieces);
  }

  /// Elements that stand one behind the other come with all that is between them.
  private static byte[][] run(Pieces content, ListIndex index, Cut.Page page) {
    List<byte[]> out = new ArrayList<>();
    long from = index.start(page.elements().getFirst());
    long to = index.end(page.elements().getLast());
    out.addAll(List.of(Slices.of(content.pieces(), 0, index.open())));
    out.addAll(List.of(Slices.of(content.pieces(), from, to - from)));
    long rest = content.length() - index.close();
    out.addAll(List.of(Slices.of(content.pieces(), index.close(), rest)));
    return out.toArray(new byte[0][]);
  }

  private static byte[][] chosen(Pieces content, ListIndex index, Cut.Page page, PageAsk ask) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(PIECE);
    content.copy(0, index.open(), out);
    boolean isFirst = true;
    for (int element : page.elements()) {
      if (!isFirst) {
        out.write(',');
      }
      isFirst = false;
      Selection.copy(content, index.start(element), index.end(element), ask.fields(), out);
    }
    content.copy(index.close(), content.length(), out);
    byte[] whole = out.toByteArray();
    int pieces = Math.max(1, (whole.length + PIECE - 1) / PIECE);
    byte[][] cut = new byte[pieces][];
    for (int i = 0; i < pieces; i++) {
      cut[i] = Arrays.copyOfRange(whole, i * PIECE, Math.min(whole.length, (i + 1) * PIECE));
    }
    return cut;
  }

  /// Whether an answer may be a list: JSON as it is, not coded by the app, and not a page already.
  static boolean mayBeList(int status, Fields fields) {
    if (status != 200 || fields.has(FieldName.CONTENT_ENCODING) || isPage(fields)) {
      return false;
    }
    String type = fields.first(FieldName.CONTENT_TYPE);
    if (type == null) {
      return false;
    }
    int end = type.indexOf(';');
    String bare = type.substring(0, end < 0 ? type.length() : end).strip().toLowerCase(Locale.ROOT);
    return bare.equals("application/json") || bare.equals("text/json") || bare.endsWith("+json");
  }

  /// An app that says where the next page is makes pages itself.
  private static boolean isPage(Fields fields) {
    String link = fields.combined(FieldName.LINK);
    if (link == null) {
      return false;
    }
    String lower = link.toLowerCase(Locale.ROOT).replace("\"", "").replace(" ", "");
    return lower.contains(";rel=next") || lower.contains(";rel=prev");
  }
}
