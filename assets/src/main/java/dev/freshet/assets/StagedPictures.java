package dev.freshet.assets;

import dev.freshet.assets.Refinement.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// Makes the JPEG and PNG pictures of a build smaller, in their own format. Their names say what
/// the source was: what the build before made of it is used again.
///
/// @param count pictures that are smaller now
/// @param before their octets as they were
/// @param after their octets now
public record StagedPictures(int count, long before, long after) {
  static final StagedPictures NONE = new StagedPictures(0, 0, 0);

  /// The name under which a result says by what its pictures were made.
  static final String MARK = "pictures.txt";

  /// For people.
  public String line() {
    return (count == 1 ? "1 picture: " : count + " pictures: ")
        + Sizes.kilobytes(after)
        + " instead of "
        + Sizes.kilobytes(before);
  }

  /// @param names in `out`'s stage, each with a hash of its source in it
  /// @param progress hears which of how many is worked on
  static StagedPictures make(
      OutFolder out, List<String> names, Lighter lighter, Consumer<String> progress)
      throws IOException {
    boolean isSame = lighter.pictureMark().equals(out.note(MARK));
    int count = 0;
    long before = 0;
    long after = 0;
    int at = 0;
    for (String name : names) {
      at++;
      Path file = out.stage().resolve(name);
      byte[] source = Files.readAllBytes(file);
      Path known = out.made(name);
      byte[] made;
      if (isSame && known != null) {
        made = Files.readAllBytes(known);
      } else {
        progress.accept("picture " + at + " of " + names.size() + ": " + name);
        made = lighter.picture(source).getOrDefault(Kind.LEAN, source);
      }
      if (made.length < source.length) {
        Files.write(file, made);
        count++;
        before += source.length;
        after += made.length;
      }
    }
    return new StagedPictures(count, before, after);
  }
}
