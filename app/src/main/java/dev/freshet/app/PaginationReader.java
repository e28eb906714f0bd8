package dev.freshet.app;

import dev.freshet.base.ByteSize;
import dev.freshet.edge.Pagination;
import org.jspecify.annotations.Nullable;

/// Reads `paginate` of a route.
final class PaginationReader {
  private PaginationReader() {}

  /// @return null where answers leave whole
  static @Nullable Pagination read(Section route) {
    boolean isGroup = route.isGroup("paginate");
    if (!isGroup && !route.flag("paginate", false)) {
      return null;
    }
    Section section = isGroup ? route.section("paginate") : Section.none();
    int size = section.number("size", Pagination.SIZE, 1);
    int maxSize = section.number("max-size", Math.max(size, Pagination.MAX_SIZE), 1);
    ByteSize maxPage = section.size("max-page", Pagination.MAX_PAGE);
    ByteSize maxList = section.size("max-list", Pagination.MAX_LIST);
    String path = section.text("path", "");
    String key = section.text("key", "/id");
    String limit = section.text("limit", Pagination.Names.USUAL.limit());
    String cursor = section.text("cursor", Pagination.Names.USUAL.cursor());
    String fields = section.text("fields", Pagination.Names.USUAL.fields());
    section.end();
    try {
      return new Pagination(
          size, maxSize, maxPage, maxList, path, key, new Pagination.Names(limit, cursor, fields));
    } catch (IllegalArgumentException e) {
      route.wrong("paginate", String.valueOf(e.getMessage()), "correct the value");
      return null;
    }
  }
}
