import dev.freshet.assets.Assets;
import dev.freshet.assets.Esbuild;
import dev.freshet.assets.Refinement;
import dev.freshet.assets.Refiner;
import dev.freshet.assets.RefinerConfig;
import dev.freshet.base.Meters;
import dev.freshet.http.Fields;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What style sheets, scripts and pictures become in the background, and how long that takes from the moment it is asked for; files are named
/// on the command line.
class Forms {
  private static final long GIVE_UP = 60;

  void main(String[] files) throws Exception {
    Path cache = Files.createTempDirectory("forms");
    RefinerConfig with = new RefinerConfig(() -> Esbuild.find(null, cache), null, null, cache, 1 << 28);
    try (Refiner refiner = new Assets(new Meters(), page -> {}).refiner(with, new Meters())) {
      IO.println(refiner.pictures());
      for (String file : files) {
        one(refiner, Path.of(file));
      }
      IO.println(refiner.describe());
    }
  }

  private static void one(Refiner refiner, Path file) throws Exception {
    byte[] content = Files.readAllBytes(file);
    String name = file.toString();
    String type =
        name.endsWith(".css") ? "text/css" : name.endsWith(".js") ? "text/javascript" : name.endsWith(".png") ? "image/png" : "image/jpeg";
    Map<Refinement.Kind, String> made = new EnumMap<>(Refinement.Kind.class);
    long begun = System.nanoTime();
    refiner.refine("http://shop.test/" + name, Fields.of("Content-Type", type), new byte[][] {content}, form -> {
      long length = form.content()[0].length;
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      synchronized (made) {
        made.put(form.kind(), "%s %d (%.0f %%) after %d ms".formatted(form.kind(), length, 100.0 * length / content.length, millis));
      }
    }, () -> {});
    while (!refiner.isIdle() && System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(GIVE_UP)) {
      Thread.sleep(5);
    }
    synchronized (made) {
      IO.println("%-28s %8d  %s".formatted(file.getFileName(), content.length, made.values()));
    }
  }
}
