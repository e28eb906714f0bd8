package dev.freshet.assets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;

/// Programs and libraries that come along inside the program, as files of their own.
final class Unpacked {
  private Unpacked() {}

  /// The file with that content, which may be run; written only where it isn't there.
  ///
  /// @param cache a folder of this user's, made when it isn't there
  /// @param kind what the folder's name in there begins with
  static Path file(Path cache, String kind, String name, byte[] octets) throws IOException {
    byte[] hash = sha256(octets);
    Path folder = cache.resolve(kind + "-" + HexFormat.of().formatHex(hash, 0, 8));
    Path file = folder.resolve(name);
    boolean isThere =
        Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            && Files.isExecutable(file)
            && Arrays.equals(sha256(Files.readAllBytes(file)), hash);
    if (!isThere) {
      Files.createDirectories(folder);
      // Written beside and renamed: who comes at the same time sees all of it or nothing.
      Path fresh = Files.createTempFile(folder, kind, ".part");
      try {
        Files.write(fresh, octets);
        allowRunning(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
    }
    return file.toAbsolutePath();
  }

  private static void allowRunning(Path file) throws IOException {
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(
          file,
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));
    } else if (!file.toFile().setExecutable(true)) {
      throw new IOException("can't be made executable: " + file);
    }
  }

  private static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
