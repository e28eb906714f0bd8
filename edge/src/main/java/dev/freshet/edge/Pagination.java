package dev.freshet.edge;

import dev.freshet.base.ByteSize;
import java.util.List;

/// How the answers of a route that are lists leave in pages.
///
/// @param size elements on a page, where the request names no number
/// @param maxSize elements on a page at most
/// @param maxPage octets of a page where the request names no number of elements, unless one
///   element alone has more
/// @param maxList octets of the largest list that is held to be cut, where that is more than
///   anything else is held
/// @param path where the list stands in the answer (RFC 6901, members of objects only): `/items`;
///   empty when the answer is the list
/// @param key where in an element stands what it is known by
/// @param names of the parameters
public record Pagination(
    int size,
    int maxSize,
    ByteSize maxPage,
    ByteSize maxList,
    String path,
    String key,
    Names names) {
  public static final int SIZE = 50;
  public static final int MAX_SIZE = 1_000;
  public static final ByteSize MAX_PAGE = new ByteSize(100_000);
  public static final ByteSize MAX_LIST = new ByteSize(64L << 20);

  /// Query parameters that are Freshet's own on such a route: the app never sees them.
  public record Names(String limit, String cursor, String fields) {
    public static final Names USUAL = new Names("limit", "cursor", "fields");

    public Names {
      List<String> all = List.of(limit, cursor, fields);
      if (all.stream().distinct().count() < all.size()) {
        throw new IllegalArgumentException("limit, cursor and fields need names of their own");
      }
      for (String name : all) {
        if (!name.matches("[A-Za-z0-9_.~-]+")) {
          throw new IllegalArgumentException(
              "'" + name + "' can't be a parameter: letters, digits, and - . _ ~");
        }
      }
    }
  }

  public Pagination {
    if (size < 1 || maxSize < size) {
      throw new IllegalArgumentException(
          "size is " + size + " and max-size " + maxSize + ": at least 1, and size the smaller");
    }
    JsonPointer _ = JsonPointer.parse(path);
    JsonPointer _ = JsonPointer.parse(key);
  }
}
