package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Takes everything and gives back what the test says, when it says so.
final class HeldRefinery implements Polish, Refinery {
  final List<Consumer<Refined>> waiting = new CopyOnWriteArrayList<>();
  volatile Level level = Level.SAFE;
  volatile boolean isBusy;
  volatile boolean isUnfinished;
  volatile boolean isQuick;
  volatile @Nullable String atOnce;
  final List<Runnable> overs = new CopyOnWriteArrayList<>();
  volatile int width;
  final AtomicInteger widths = new AtomicInteger();
  final Map<Integer, Consumer<Refined>> fitting = new ConcurrentHashMap<>();

  record Made(Shape shape, String text) implements Refined {
    @Override
    public byte[][] content() {
      return new byte[][] {text.getBytes(StandardCharsets.ISO_8859_1)};
    }

    @Override
    public boolean isFor(RequestHead request, boolean isNamed) {
      return true;
    }
  }

  /// Gives it for the last that was taken.
  void minified(String text) {
    waiting.getLast().accept(new Made(Shape.MINIFIED, text));
  }

  void give(Shape... shapes) {
    for (Shape shape : shapes) {
      waiting.forEach(each -> each.accept(new Made(shape, shape.token())));
    }
  }

  @Override
  public Set<Shape> shapes(Fields response) {
    String type = String.valueOf(response.first(FieldName.CONTENT_TYPE));
    return switch (type) {
      case "image/jpeg" -> EnumSet.of(Shape.AVIF, Shape.WEBP, Shape.LEAN, Shape.FITTED);
      case "text/css" -> EnumSet.of(Shape.MINIFIED);
      default -> Set.of();
    };
  }

  @Override
  public boolean refine(
      String url, Fields response, byte[][] content, Consumer<Refined> each, Runnable over) {
    String made = atOnce;
    if (made != null) {
      each.accept(new Made(Shape.MINIFIED, made));
    }
    if (isQuick && made == null) {
      overs.add(over);
    } else {
      over.run();
    }
    return !isBusy && waiting.add(each);
  }

  @Override
  public boolean isUnfinished(String url) {
    return isUnfinished;
  }

  @Override
  public int width(String url, Fields request) {
    widths.incrementAndGet();
    return width;
  }

  @Override
  public boolean fit(byte[][] content, int width, Consumer<Refined> each) {
    return !isBusy && fitting.put(width, each) == null;
  }

  void fit(int width, String text) {
    Objects.requireNonNull(fitting.get(width)).accept(new Made(Shape.FITTED, text));
  }

  @Override
  public Fields beside() {
    return Fields.of("Accept-CH", "Sec-CH-DPR");
  }

  @Override
  public Refinery refinery() {
    return this;
  }

  @Override
  public Level level(String match) {
    return level;
  }
}
