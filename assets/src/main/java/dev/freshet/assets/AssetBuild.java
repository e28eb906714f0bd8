package dev.freshet.assets;

import dev.freshet.assets.BuildFailed.Complaint;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Builds a team's own front-end: bundles, minifies, splits by dynamic imports, names by contents,
/// codes, reports, holds against budgets, and only then replaces what was built before.
public final class AssetBuild {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final byte[] NOTHING = {};

  /// What style sheets and modules may refer to and is copied under a hashed name.
  private static final List<String> COPIED =
      List.of(
          "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "woff", "woff2", "ttf", "otf",
          "eot", "mp4", "webm", "mp3", "wasm", "pdf");

  private final Esbuild esbuild;
  private final @Nullable Lighter lighter;
  private final Consumer<String> progress;

  /// @param lighter makes pictures smaller, null leaves them as they are
  /// @param progress hears what is worked on when that takes long
  public AssetBuild(Esbuild esbuild, @Nullable Lighter lighter, Consumer<String> progress) {
    this.esbuild = esbuild;
    this.lighter = lighter;
    this.progress = progress;
  }

  /// What came of it.
  ///
  /// @param breaches budgets that don't hold: then nothing was replaced
  public record Result(
      BundleReport report,
      StagedPictures pictures,
      List<Budget.Breach> breaches,
      List<Complaint> warnings) {
    public boolean isPublished() {
      return breaches.isEmpty();
    }
  }

  /// @throws BuildFailed when the sources are wrong: then nothing was replaced
  /// @throws Trouble.Found when the folders are
  public Result run(BuildConfig config) throws IOException, InterruptedException {
    check(config);
    Entries entries = Entries.find(config);
    Path given = config.baseline();
    try (OutFolder out = OutFolder.open(config.out())) {
      if (given != null && !Files.isRegularFile(given)) {
        progress.accept("--baseline " + given + ": is not there, so no growth is told");
      }
      BundleReport before = BundleReport.read(given == null ? out.report() : given);
      List<Complaint> warnings = new ArrayList<>();
      List<String> splitting = bundling(config, "--splitting", "--format=esm");
      // A worker may be started as a module or not: it has nothing to import.
      List<String> alone = bundling(config, "--format=iife");
      Metafile bundle =
          ModuleUrls.resolved(
                  ran(entries.bundled(), splitting, config, out.stage(), warnings),
                  config,
                  out.stage(),
                  warnings,
                  scripts -> ran(scripts, alone, config, out.stage(), warnings))
              .and(
                  ran(entries.classic(), List.of(), config, out.stage(), warnings)
                      .named(entries::nameOfClassic));
      Staging staging = new Staging(config, out, bundle, entries);
      StagedPictures pictures = staging.run(lighter, progress);
      BundleReport report = new Reporting(config, bundle, staging).report();
      List<Budget.Breach> breaches = new ArrayList<>();
      config.budgets().forEach(budget -> breaches.addAll(budget.breaches(report, before)));
      if (breaches.isEmpty()) {
        Map<String, String> reports = new LinkedHashMap<>();
        reports.put("report.json", report.json());
        reports.put("report.html", ReportPage.of(report));
        reports.put(StagedPictures.MARK, lighter == null ? "" : lighter.pictureMark());
        out.publish(staging.hashed(), reports);
      }
      return new Result(report, pictures, breaches, warnings);
    }
  }

  private static void check(BuildConfig config) {
    if (!Files.isDirectory(config.source())) {
      throw new Trouble.Found(
          new Trouble(
              config.source().toString(), "is not a folder", "name the one with your sources"));
    }
    if (config.source().startsWith(config.out())) {
      throw new Trouble.Found(
          new Trouble(
              "-o " + config.out(),
              "is the folder of the sources, or one around it",
              "name a folder of its own, for example dist"));
    }
    if (!config.base().endsWith("/")) {
      throw new Trouble.Found(
          new Trouble(
              "--base " + config.base(),
              "has no slash at its end",
              "write it like /static/ or https://cdn.example/"));
    }
  }

  /// What `public/` has is there under its own name, so its URLs stay.
  private static List<String> open(BuildConfig config) throws IOException {
    Path folder = config.source().resolve("public");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> "--external:/" + file.getFileName() + (Files.isDirectory(file) ? "/*" : ""))
          .sorted()
          .toList();
    }
  }

  private static List<String> bundling(BuildConfig config, String... how) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(how));
    arguments.add("--bundle");
    arguments.addAll(Conventions.arguments(config));
    arguments.add("--public-path=" + config.base());
    arguments.addAll(open(config));
    COPIED.forEach(ending -> arguments.add("--loader:." + ending + "=file"));
    return arguments;
  }

  /// Runs esbuild over the entries, to files in `stage`.
  private Metafile ran(
      Collection<String> entries,
      List<String> how,
      BuildConfig config,
      Path stage,
      List<Complaint> warnings)
      throws IOException, InterruptedException {
    if (entries.isEmpty()) {
      return Metafile.empty();
    }
    Path meta = stage.resolve("meta.json");
    List<String> arguments = new ArrayList<>();
    entries.forEach(entry -> arguments.add("./" + entry));
    arguments.addAll(how);
    arguments.addAll(
        List.of(
            "--minify",
            "--loader:.js=jsx",
            "--legal-comments=linked",
            "--log-level=warning",
            "--log-limit=50",
            "--color=false",
            "--outbase=.",
            "--outdir=" + stage,
            "--metafile=" + meta,
            "--entry-names=[dir]/[name]-[hash]",
            "--chunk-names=chunks/[name]-[hash]",
            "--asset-names=media/[name]-[hash]"));
    if (config.hasMaps()) {
      arguments.add("--sourcemap=linked");
    }
    arguments.addAll(config.more());
    Esbuild.Ran ran = esbuild.run(arguments, config.source(), NOTHING, LIMIT);
    if (!ran.isGood()) {
      List<Complaint> complaints = Complaints.read(ran.err(), "ERROR");
      throw complaints.isEmpty()
          ? new BuildFailed(new Trouble("esbuild", ran.err().strip(), "see what it says"))
          : new BuildFailed(complaints);
    }
    warnings.addAll(Complaints.read(ran.err(), "WARNING"));
    Metafile said = Metafile.read(meta, config.source(), stage);
    Files.delete(meta);
    return said;
  }

  /// The page about a report, also of a build that was refused.
  public static String page(BundleReport report) {
    return ReportPage.of(report);
  }

  /// Folders whose changes may change the result.
  static Stream<Path> folders(BuildConfig config, @Nullable BundleReport last) throws IOException {
    List<Path> all = new ArrayList<>();
    Entries.each(config, file -> {}, all::add);
    if (last != null) {
      last.files().stream()
          .flatMap(product -> product.modules().stream())
          .filter(module -> !Packages.isPackaged(module.path()))
          .map(module -> config.source().resolve(module.path()).normalize().getParent())
          .filter(folder -> folder != null && Files.isDirectory(folder))
          .forEach(all::add);
    }
    return all.stream().distinct();
  }
}
