package dev.freshet.app;

import dev.freshet.assets.Assets;
import dev.freshet.assets.Inserted;
import dev.freshet.assets.PageRewriter;
import dev.freshet.assets.PictureHead;
import dev.freshet.assets.Refiner;
import dev.freshet.assets.RewrittenPage;
import dev.freshet.assets.ServiceWorker;
import dev.freshet.assets.ShownPictures;
import dev.freshet.assets.WorkerConfig;
import dev.freshet.base.Meters;
import dev.freshet.edge.Polish;
import dev.freshet.edge.Refinery;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the edge asks for, done by `assets`, at the levels that the configuration names.
final class PagePolish implements Polish, AutoCloseable {
  private final Assets assets;
  private final ServiceWorker worker;
  private final PageRefinery refinery;
  private final AtomicLong era = new AtomicLong();
  private volatile OptimizeConfig config;
  private volatile Consumer<String> better = key -> {};

  /// @param memory octets for what was made of style sheets, scripts and pictures, to be used again
  PagePolish(OptimizeConfig config, WorkerConfig worker, long memory, Meters meters) {
    this.config = config;
    this.assets = new Assets(meters, key -> better.accept(key));
    this.worker = new ServiceWorker(worker, assets::isOn);
    assets.registers(this.worker::isOn);
    this.refinery = new PageRefinery(assets.refiner(Programs.refiner(memory), meters), assets);
    assets.measures(() -> assets.isOn() && refinery.refiner().mayHavePictures());
  }

  /// Goes by another configuration from now on.
  void reload(OptimizeConfig told, WorkerConfig browsers) {
    era.incrementAndGet();
    config = told;
    worker.reload(browsers);
    era.incrementAndGet();
  }

  /// What pages tell of their pictures.
  ShownPictures shown() {
    return assets.shown();
  }

  /// From now on pictures that nobody has loaded are asked for so.
  void reads(BiFunction<RequestHead, Integer, CompletableFuture<PictureHead>> how) {
    assets.reads(how);
  }

  ServiceWorker worker() {
    return worker;
  }

  /// Turns everything on or off for all pages, until the next time or a restart.
  Map<String, Object> turn(boolean on) {
    // Before and after: what is begun in between is of neither.
    era.incrementAndGet();
    assets.turn(on);
    era.incrementAndGet();
    return describe();
  }

  /// For `/status`.
  Map<String, Object> describe() {
    Map<String, Object> out = new LinkedHashMap<>(assets.describe());
    out.put("level", word(config.everywhere()));
    out.put("serviceWorker", Map.of("on", worker.isOn(), "assets", worker.known()));
    out.put("forms", refinery.refiner().describe());
    return out;
  }

  private static String word(Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Level level(String match) {
    return assets.isOn() ? config.on(match) : Level.OFF;
  }

  /// What the edge says of a page's URLs, for `assets`.
  private record Given(Polish.Names names) implements dev.freshet.assets.Names {
    @Override
    public @Nullable String behind(String url, boolean isScript) {
      return names.behind(url, isScript);
    }

    @Override
    public byte @Nullable [][] content(String url) {
      return names.content(url);
    }

    @Override
    public void policy() {
      names.policy();
    }
  }

  /// A page on its way, for the edge.
  private record Way(Assets assets, String url, PageRewriter rewriter) implements Passing {
    @Override
    public byte[] feed(byte[] piece) {
      return rewriter.feed(piece);
    }

    @Override
    public byte[] end() {
      byte[] rest = rewriter.end();
      assets.passed(url, rewriter);
      return rest;
    }
  }

  @Override
  public @Nullable Passing passing(String url, Fields response, Level level, Names names) {
    PageRewriter rewriter = assets.passing(url, response, level == Level.FULL, new Given(names));
    return rewriter == null ? null : new Way(assets, url, rewriter);
  }

  /// A whole page, for the edge.
  private record Whole(Level level, RewrittenPage page) implements Polished {
    @Override
    public byte[][] content() {
      return page.content();
    }

    @Override
    public String note() {
      Inserted inserted = page.inserted();
      return word(level) + ";" + inserted.text();
    }

    @Override
    public boolean changed() {
      return !page.inserted().isNothing();
    }
  }

  @Override
  public @Nullable Polished stored(
      String key, String url, Fields response, Level level, Names names, byte[][] content) {
    RewrittenPage page =
        assets.stored(key, url, response, level == Level.FULL, new Given(names), content);
    return page == null ? null : new Whole(level, page);
  }

  @Override
  public Fields beside() {
    return assets.beside();
  }

  @Override
  public void seen(String url, Fields response, byte[][] content) {
    if (assets.isOn() && config.isUsed()) {
      assets.seen(url, response, content);
    }
    worker.seen(url, response, content);
  }

  @Override
  public @Nullable String why(String url) {
    return assets.why(url);
  }

  /// The worker keeps files by their URLs, and pages for as long as their rows stay as they are.
  @Override
  public boolean mayName() {
    return !worker.isOn();
  }

  @Override
  public long era() {
    return era.get();
  }

  @Override
  public Refinery refinery() {
    return refinery;
  }

  Refiner refiner() {
    return refinery.refiner();
  }

  /// Makes nothing more.
  @Override
  public void close() {
    assets.close();
    refinery.refiner().close();
  }

  @Override
  public void tell(Consumer<String> told) {
    better = told;
  }
}
