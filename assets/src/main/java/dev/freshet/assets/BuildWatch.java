package dev.freshet.assets;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Builds again whenever a source changes, until its thread is interrupted.
public final class BuildWatch {
  /// Editors write a file in several steps, and a checkout writes many files.
  private static final long QUIET_MILLIS = 50;

  private static final int MAX_NAMED = 3;

  private final AssetBuild build;
  private final BuildConfig config;
  private final Listener listener;
  private final Time time;
  private final Set<String> changed = new TreeSet<>();
  private final Map<WatchKey, Path> watched = new HashMap<>();
  private @Nullable BundleReport last;

  /// One time that was built.
  ///
  /// @param changed paths in the source folder that made it necessary, some of them; none the first
  ///   time
  public record Turn(List<String> changed, long millis) {
    /// For a terminal: `src/a.ts, src/b.ts and more`.
    public String why() {
      String named = String.join(", ", changed.subList(0, Math.min(MAX_NAMED, changed.size())));
      return changed.size() > MAX_NAMED ? named + " and more" : named;
    }
  }

  /// Hears how each build went.
  public interface Listener {
    void built(AssetBuild.Result result, Turn turn) throws IOException;

    void failed(BuildFailed failure);

    void troubled(Trouble.Found trouble);
  }

  public BuildWatch(AssetBuild build, BuildConfig config, Listener listener, Time time) {
    this.build = build;
    this.config = config;
    this.listener = listener;
    this.time = time;
  }

  /// Ends only by an exception; a build under way is ended by it and leaves nothing behind.
  public void run() throws IOException, InterruptedException {
    try (WatchService service = config.source().getFileSystem().newWatchService()) {
      while (true) {
        // Before building: what changes meanwhile is seen afterwards.
        watch(service);
        build();
        watch(service);
        await(service);
      }
    }
  }

  private void build() throws IOException, InterruptedException {
    try {
      List<String> why = List.copyOf(changed);
      changed.clear();
      long start = time.nanos();
      AssetBuild.Result result = build.run(config);
      last = result.report();
      listener.built(
          result, new Turn(why, TimeUnit.NANOSECONDS.toMillis(time.nanos() - start)));
    } catch (BuildFailed failure) {
      listener.failed(failure);
    } catch (Trouble.Found trouble) {
      listener.troubled(trouble);
    } catch (IOException e) {
      // A folder that goes while it is read, a full disk: the next change tries again.
      listener.troubled(
          new Trouble.Found(
              new Trouble(
                  config.source().toString(),
                  "can't be built (" + e + ")",
                  "mend it; the next change is built again")));
    }
  }

  private void watch(WatchService service) throws IOException {
    Set<Path> known = new HashSet<>(watched.values());
    for (Path folder : AssetBuild.folders(config, last).toList()) {
      if (!known.contains(folder)) {
        watch(folder, service);
      }
    }
  }

  private void watch(Path folder, WatchService service) throws IOException {
    try {
      WatchKey key =
          folder.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE);
      watched.put(key, folder);
    } catch (NoSuchFileException | NotDirectoryException e) {
      // Removed since it was found: the folder around it says so.
    }
  }

  /// Until something changed and nothing more does.
  private void await(WatchService service) throws InterruptedException {
    boolean isChanged = false;
    while (!isChanged) {
      isChanged = isOfSource(service.take());
    }
    WatchKey more = service.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
    while (more != null) {
      isOfSource(more);
      more = service.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private boolean isOfSource(WatchKey key) {
    Path folder = watched.get(key);
    boolean isOfSource = false;
    for (WatchEvent<?> event : key.pollEvents()) {
      // Without a name, too many things happened at once to be told.
      if (!(event.context() instanceof Path name) || folder == null) {
        isOfSource = true;
      } else if (!isOther(folder.resolve(name), name)) {
        isOfSource = true;
        note(folder.resolve(name));
      }
    }
    if (!key.reset()) {
      watched.remove(key);
    }
    return isOfSource;
  }

  /// One more than are named, to know that there are more.
  private void note(Path file) {
    if (changed.size() <= MAX_NAMED) {
      changed.add(config.name(file));
    }
  }

  /// What is written beside sources: the result, and what editors hide.
  private boolean isOther(Path file, Path name) {
    return file.equals(config.out()) || name.toString().startsWith(".");
  }
}
