package dev.freshet.assets;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The folder that results go to. A build is made aside and then moved in file by file, in an order
/// in which every page finds what it refers to at each moment: files with hashed names first, then
/// those that keep their names, and what is no longer needed is removed last. So there is nothing
/// to mend when a build fails, and only little when the machine does. Hashed files of the build
/// before stay for one build more, for pages that are open in browsers.
final class OutFolder implements AutoCloseable {
  static final String OWN = ".freshet";
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Path folder;
  private final Path own;
  private final FileChannel channel;
  private final FileLock lock;
  private final Path stage;

  /// @param now files of the last build
  /// @param before hashed files of the one before that
  /// @param plain files of the last build whose names don't change with their contents
  record Ledger(Set<String> now, Set<String> before, Set<String> plain) {
    static final Ledger EMPTY = new Ledger(Set.of(), Set.of(), Set.of());
  }

  private OutFolder(Path folder, FileChannel channel, FileLock lock) throws IOException {
    this.folder = folder;
    this.own = folder.resolve(OWN);
    this.channel = channel;
    this.lock = lock;
    this.stage = own.resolve("stage");
    // Of a build that was killed.
    remove(stage);
    Files.createDirectory(stage);
  }

  /// @throws Trouble.Found when another build is at work in there
  static OutFolder open(Path folder) throws IOException {
    Path own = ownFolder(folder);
    FileChannel channel =
        FileChannel.open(own.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw new Trouble.Found(
            new Trouble(
                folder.toString(), "another build is at work here", "wait for it, or end it"));
      }
      return new OutFolder(folder, channel, lock);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Path ownFolder(Path folder) {
    try {
      return Files.createDirectories(folder.resolve(OWN));
    } catch (IOException e) {
      boolean isOther = Files.exists(folder) && !Files.isDirectory(folder);
      throw new Trouble.Found(
          new Trouble(
              "-o " + folder,
              isOther ? "is not a folder" : "can't be made (" + e + ")",
              "name a folder of its own, for example dist"));
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /// Where a build is made; what is in it when [#publish] is called becomes the result.
  Path stage() {
    return stage;
  }

  /// A file of the last build, null where it made none of this name.
  @Nullable Path made(String name) throws IOException {
    Path file = folder.resolve(name);
    return ledger().now().contains(name) && Files.isRegularFile(file) ? file : null;
  }

  /// What the last build noted under a name; empty without.
  String note(String name) throws IOException {
    Path file = own.resolve(name);
    return Files.isRegularFile(file) ? Files.readString(file) : "";
  }

  Path report() {
    return own.resolve("report.json");
  }

  /// Moves in what is staged.
  ///
  /// @param hashed those whose names change with their contents
  /// @param reports by name, texts that are kept aside
  void publish(Set<String> hashed, Map<String, String> reports) throws IOException {
    Ledger old = ledger();
    Set<String> fresh = new TreeSet<>();
    try (Stream<Path> files = Files.walk(stage)) {
      files
          .filter(Files::isRegularFile)
          .forEach(f -> fresh.add(stage.relativize(f).toString().replace('\\', '/')));
    }
    Set<String> plain = new TreeSet<>(fresh);
    plain.removeAll(hashed);
    refuseToOverwrite(fresh, old);
    Set<String> ours = new TreeSet<>(fresh);
    ours.addAll(old.now());
    Set<String> before = new TreeSet<>(old.now());
    before.removeAll(old.plain());
    if (fresh.containsAll(before)) {
      // The same once more: what is open in browsers is still of the one before.
      before.addAll(old.before());
    }
    Set<String> kept = new TreeSet<>(old.before());
    kept.addAll(before);
    // Should the machine stop halfway, the next build knows which files are its own.
    write(new Ledger(ours, kept, plainOf(old, plain)));
    // A coded form must never outlive the file it was made of.
    for (String name : old.plain()) {
      if (!fresh.contains(name) && isCodedForm(name)) {
        Files.deleteIfExists(folder.resolve(name));
      }
    }
    for (boolean isPlain : new boolean[] {false, true}) {
      for (String name : fresh) {
        if (plain.contains(name) == isPlain) {
          move(stage.resolve(name), folder.resolve(name));
        }
      }
    }
    for (var report : reports.entrySet()) {
      write(report.getKey(), report.getValue().getBytes(StandardCharsets.UTF_8));
    }
    for (String name : Stream.concat(ours.stream(), old.before().stream()).toList()) {
      if (!fresh.contains(name) && !before.contains(name)) {
        Files.deleteIfExists(folder.resolve(name));
      }
    }
    write(new Ledger(fresh, before, plain));
  }

  private static Set<String> plainOf(Ledger old, Set<String> plain) {
    Set<String> all = new TreeSet<>(old.plain());
    all.addAll(plain);
    return all;
  }

  private static boolean isCodedForm(String name) {
    return name.endsWith(".br") || name.endsWith(".zst") || name.endsWith(".gz");
  }

  private void refuseToOverwrite(Set<String> fresh, Ledger old) {
    List<Trouble> troubles = new ArrayList<>();
    for (String name : fresh) {
      boolean isOurs = old.now().contains(name) || old.before().contains(name);
      if (!isOurs && Files.exists(folder.resolve(name))) {
        troubles.add(
            new Trouble(
                folder.resolve(name).toString(),
                "is in the way and was not made by a build",
                "name another folder by -o, or remove it"));
      }
    }
    if (!troubles.isEmpty()) {
      throw new Trouble.Found(troubles);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Path parent = to.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Ledger ledger() throws IOException {
    Path file = own.resolve("made.json");
    if (!Files.isRegularFile(file)) {
      return Ledger.EMPTY;
    }
    Ledger said = JSON.readValue(Files.readAllBytes(file), new TypeReference<Ledger>() {});
    return new Ledger(below(said.now()), below(said.before()), below(said.plain()));
  }

  /// Whoever can write into a repository can write the notes of a build: what leads out of the
  /// folder, or to what is kept in it aside, is none of ours.
  private Set<String> below(@Nullable Set<String> names) {
    Set<String> out = new TreeSet<>();
    for (String name : names == null ? Set.<String>of() : names) {
      if (isBelow(name)) {
        out.add(name);
      }
    }
    return out;
  }

  private boolean isBelow(String name) {
    try {
      Path here = folder.toAbsolutePath().normalize();
      Path file = here.resolve(name).normalize();
      return file.startsWith(here) && !file.equals(here) && !file.startsWith(here.resolve(OWN));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private void write(Ledger ledger) throws IOException {
    write("made.json", JSON.writeValueAsBytes(ledger));
  }

  private void write(String name, byte[] octets) throws IOException {
    Path fresh = own.resolve(name + ".part");
    Files.write(fresh, octets);
    move(fresh, own.resolve(name));
  }

  private static void remove(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (Stream<Path> files = Files.walk(tree)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      remove(stage);
    } finally {
      lock.release();
      channel.close();
    }
  }
}
