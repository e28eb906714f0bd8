package dev.freshet.shop;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The data folder with what is too large to ship: photos, the big scripts and styles. Made on the
/// first start by as many threads as there are processors, kept for later ones.
final class Warehouse {
  /// Part of the folder's name: raise it when a generator changes what it makes.
  private static final String GENERATION = "assets-1";

  private Warehouse() {}

  /// Makes what is missing.
  ///
  /// @param data the shop's data folder; a folder of this generation is made in it
  /// @return the folder for [StaticFiles]
  /// @throws IOException when a file can't be written, with its name
  static Path fill(Path data, PrintStream out) throws IOException, InterruptedException {
    Path folder = data.resolve(GENERATION);
    Map<String, Callable<byte[]>> wanted = new LinkedHashMap<>();
    for (int i = 1; i <= Photos.COUNT; i++) {
      int number = i;
      wanted.put("photos/" + i + ".jpg", () -> Photos.photo(number));
    }
    wanted.put("img/hero.png", Photos::hero);
    wanted.put("js/harbour.js", () -> text(ScriptPress.framework()));
    wanted.put("js/widgets.js", () -> text(ScriptPress.widgets()));
    wanted.put("css/utilities.css", () -> text(StylePress.utilities()));
    wanted.put("css/components.css", () -> text(StylePress.components()));
    wanted.keySet().removeIf(name -> Files.exists(folder.resolve(name)));
    if (wanted.isEmpty()) {
      return folder;
    }
    out.println("shop: making " + wanted.size() + " photos, scripts and styles in " + folder);
    for (String part : List.of("photos", "img", "js", "css")) {
      Files.createDirectories(folder.resolve(part));
    }
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
    try (ExecutorService makers = Executors.newFixedThreadPool(threads)) {
      List<Future<Path>> running = new ArrayList<>();
      wanted.forEach((name, maker) ->
          running.add(makers.submit(() -> write(folder.resolve(name), maker.call()))));
      for (Future<Path> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
    return folder;
  }

  private static Path write(Path file, byte[] bytes) throws IOException {
    Path half = Files.createTempFile(file.getParent(), "half", ".tmp");
    Files.write(half, bytes);
    return Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
