import dev.freshet.assets.Assets;
import dev.freshet.assets.Names;
import dev.freshet.assets.PageRewriter;
import dev.freshet.base.Meters;
import dev.freshet.http.Fields;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/// What rewriting a page takes, in processor time of one thread for each 100 kB; beside it jsoup, which parses, changes and serialises.
/// Pages: files named on the command line, else three made here: a shop's list, an article, and one that is mostly script.
class Pages {
  private static final int ROUNDS = 400;
  private static final double BAR = 0.6;

  void main(String[] files) throws Exception {
    List<String> names = new ArrayList<>();
    List<byte[]> pages = new ArrayList<>();
    for (String file : files) {
      names.add(Path.of(file).getFileName().toString());
      pages.add(Files.readAllBytes(Path.of(file)));
    }
    if (pages.isEmpty()) {
      SplittableRandom chance = new SplittableRandom(7);
      names.addAll(List.of("list", "article", "script"));
      pages.addAll(List.of(list(chance), article(chance), script(chance)));
    }
    boolean isMet = true;
    for (int round = 0; round < 2; round++) {
      isMet = true;
      for (int i = 0; i < pages.size(); i++) {
        byte[] page = pages.get(i);
      List<byte[]> pieces = pieces(page);
        double ours = time(() -> rewrite(pieces), page.length);
        double theirs = time(() -> jsoup(page), page.length);
        isMet &= ours < BAR;
        if (round == 1) {
          IO.println(
              "%-20s %7d octets  rewritten %.3f ms per 100 kB, by jsoup %.3f".formatted(names.get(i), page.length, ours, theirs));
        }
      }
    }
    IO.println("bar: < " + BAR + " ms per 100 kB on every page: " + (isMet ? "met" : "missed"));
  }

  private static final Assets ASSETS = new Assets(new Meters(), page -> {});
  private static final Fields HTML = Fields.of("Content-Type", "text/html; charset=utf-8");

  /// As they come from a socket.
  private static List<byte[]> pieces(byte[] page) {
    List<byte[]> out = new ArrayList<>();
    for (int at = 0; at < page.length; at += 16_384) {
      out.add(Arrays.copyOfRange(page, at, Math.min(page.length, at + 16_384)));
    }
    return out;
  }

  private static int rewrite(List<byte[]> pieces) {
    PageRewriter rewriter = ASSETS.passing("https://shop.test/", HTML, true, Names.NONE);
    int out = 0;
    for (byte[] piece : pieces) {
      out += rewriter.feed(piece).length;
    }
    return out + rewriter.end().length;
  }

  private static int jsoup(byte[] page) {
    Document document = Jsoup.parse(new String(page, StandardCharsets.UTF_8));
    document.outputSettings().prettyPrint(false);
    document.select("img").stream().skip(4).forEach(image -> image.attr("loading", "lazy").attr("decoding", "async"));
    return document.outerHtml().getBytes(StandardCharsets.UTF_8).length;
  }

  private interface Work {
    int run();
  }

  /// The median in milliseconds per 100 kB.
  private static double time(Work work, int octets) {
    long[] nanos = new long[ROUNDS];
    long sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
      long before = System.nanoTime();
      sum += work.run();
      nanos[i] = System.nanoTime() - before;
    }
    if (sum < octets) {
      throw new IllegalStateException("pages came out shorter");
    }
    Arrays.sort(nanos);
    return nanos[ROUNDS / 2] / 1e6 * 100_000 / octets;
  }

  private static String words(SplittableRandom chance, int count) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < count; i++) {
      out.append("harbour pine lantern walks slow evening tide".split(" ")[chance.nextInt(7)]).append(' ');
    }
    return out.toString();
  }

  private static byte[] list(SplittableRandom chance) {
    StringBuilder page = new StringBuilder("<!doctype html><html><head><title>list</title></head><body>\n");
    for (int i = 0; i < 400; i++) {
      page.append("<article class=\"card p-4 shadow-sm rounded\" data-id=\"").append(i).append("\"><a href=\"/product/").append(i)
          .append("\" class=\"link\">\n<img src=\"/img/").append(i).append(".jpg\" width=\"400\" height=\"300\" alt=\"").append(words(chance, 4))
          .append("\">\n<h3>").append(words(chance, 5)).append("</h3></a>\n<p class=\"by\">").append(words(chance, 6))
          .append("</p>\n<p class=\"price\"><span>$12.50</span> <s>$14.00</s></p></article>\n");
    }
    return page.append("</body></html>").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] article(SplittableRandom chance) {
    StringBuilder page = new StringBuilder("<!doctype html><html><head><title>article</title></head><body>\n");
    for (int i = 0; i < 300; i++) {
      page.append("<p>").append(words(chance, 60)).append("<a href=\"#").append(i).append("\">").append(words(chance, 2)).append("</a></p>\n");
    }
    return page.append("</body></html>").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] script(SplittableRandom chance) {
    StringBuilder page = new StringBuilder("<!doctype html><html><head></head><body><div id=root></div>\n<script>var state = [\n");
    for (int i = 0; i < 3_000; i++) {
      page.append("{\"id\":").append(i).append(",\"html\":\"<b>").append(words(chance, 8)).append("<\\/b>\"},\n");
    }
    return page.append("];</script></body></html>").toString().getBytes(StandardCharsets.UTF_8);
  }
}
