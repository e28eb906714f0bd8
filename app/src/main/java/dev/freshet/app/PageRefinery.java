package dev.freshet.app;

import dev.freshet.assets.Assets;
import dev.freshet.assets.Refinement;
import dev.freshet.assets.Refiner;
import dev.freshet.edge.Refinery;
import dev.freshet.edge.Shape;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/// What the edge asks for of contents that are no pages, done by `assets`.
///
/// @param refiner that does it
/// @param assets knows what pages show
record PageRefinery(Refiner refiner, Assets assets) implements Refinery {
  /// One of them, for the edge.
  private record Made(Refinement made) implements Refined {
    @Override
    public Shape shape() {
      return PageRefinery.shape(made.kind());
    }

    @Override
    public byte[][] content() {
      return made.content();
    }

    @Override
    public boolean isFor(RequestHead request, boolean isNamed) {
      return made.isFor(request.fields(), isNamed);
    }
  }

  private static Shape shape(Refinement.Kind kind) {
    return switch (kind) {
      case AVIF -> Shape.AVIF;
      case WEBP -> Shape.WEBP;
      case LEAN -> Shape.LEAN;
      case FITTED -> Shape.FITTED;
      case MINIFIED -> Shape.MINIFIED;
    };
  }

  @Override
  public Set<Shape> shapes(Fields response) {
    Set<Refinement.Kind> kinds = refiner.kinds(response);
    if (kinds.isEmpty()) {
      return Set.of();
    }
    Set<Shape> out = EnumSet.noneOf(Shape.class);
    kinds.forEach(kind -> out.add(shape(kind)));
    return out;
  }

  @Override
  public boolean refine(
      String url, Fields response, byte[][] content, Consumer<Refined> each, Runnable over) {
    return refiner.refine(url, response, content, made -> each.accept(new Made(made)), over);
  }

  @Override
  public boolean isUnfinished(String url) {
    return refiner.isUnfinished(url);
  }

  @Override
  public int width(String url, Fields request) {
    return assets.width(url, request);
  }

  @Override
  public boolean fit(byte[][] content, int width, Consumer<Refined> each) {
    return refiner.fit(content, width, made -> each.accept(new Made(made)));
  }
}
