package dev.freshet.shop;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// The vocabulary and the categories that the seeding draws from, read from two resources.
final class Words {

  /// One line of `categories.tsv`; prices in whole currency units.
  record Category(
      int id,
      String department,
      String slug,
      String name,
      Silhouette silhouette,
      int low,
      int high,
      List<String> nouns) {}

  private final Map<String, List<String>> lists = new HashMap<>();
  private final List<Category> categories;

  Words() {
    resource("words.txt")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> {
          int colon = line.indexOf(':');
          lists.put(line.substring(0, colon), split(line.substring(colon + 1), "\\|"));
        });
    List<String> lines =
        resource("categories.tsv").lines().filter(line -> !line.startsWith("#")).toList();
    Category[] all = new Category[lines.size()];
    for (int i = 0; i < all.length; i++) {
      List<String> cells = split(lines.get(i), "\t");
      all[i] =
          new Category(
              i + 1,
              cells.get(0),
              cells.get(1),
              cells.get(2),
              Silhouette.named(cells.get(3)),
              Integer.parseInt(cells.get(4)),
              Integer.parseInt(cells.get(5)),
              split(cells.get(6), ","));
    }
    categories = List.of(all);
  }

  List<Category> categories() {
    return categories;
  }

  /// The whole list of that name.
  List<String> list(String name) {
    List<String> list = lists.get(name);
    if (list == null) {
      throw new IllegalArgumentException("words.txt has no list " + name);
    }
    return list;
  }

  /// One word of that list.
  String any(String name, SplittableRandom chance) {
    return any(list(name), chance);
  }

  static <T> T any(List<T> list, SplittableRandom chance) {
    return list.get(chance.nextInt(list.size()));
  }

  static String resource(String name) {
    try (InputStream in = Words.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the shop was built without its resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> split(String text, String regex) {
    return Arrays.asList(text.split(regex, -1));
  }
}
