package dev.freshet.assets;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The library libvips, called as it is (Java's Foreign Function API); one for the program, for
/// many threads.
@SuppressWarnings("restricted")
final class Vips implements PictureLibrary {
  /// How the segment of a JPEG begins that has its profile (ICC.1:2022, annex B.4).
  private static final byte[] PROFILE = "ICC_PROFILE".getBytes(StandardCharsets.US_ASCII);

  /// Where such a segment is looked for.
  private static final int MAX_HEAD = 1 << 20;

  private static final System.Logger LOG = System.getLogger("freshet.assets");

  /// By the names of the systems' own packages.
  private static final List<String> INSTALLED =
      List.of("libvips.so.42", "libvips.42.dylib", "libvips-42.dll");

  private static final MemoryLayout POINTER = ValueLayout.ADDRESS;
  private static final MemoryLayout INT = ValueLayout.JAVA_INT;
  private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;

  /// Wider than any picture: turned and coloured, but not made smaller.
  private static final int AS_IT_IS = 10_000_000;

  private static final int ONLY_DOWN = 2;
  private static final int FAIL_ON_WARNING = 3;

  /// GLib's levels of warnings and messages.
  private static final int LOGGED = 1 << 4 | 1 << 5 | 1 << 6;

  private static final int BLACK_AND_WHITE = 1;

  private final Linker linker = Linker.nativeLinker();
  private final SymbolLookup symbols;
  private final MethodHandle thumbnail;
  private final MethodHandle shrink;
  private final MethodHandle copyMemory;
  private final MethodHandle read;
  private final MethodHandle write;
  private final MethodHandle toMemory;
  private final MethodHandle toGrey;
  private final MethodHandle width;
  private final MethodHandle height;
  private final MethodHandle bands;
  private final MethodHandle free;
  private final MethodHandle release;
  private final MethodHandle error;
  private final MethodHandle clearError;
  private final String version;
  private final boolean hasAvif;

  private Vips(SymbolLookup symbols) throws Throwable {
    this.symbols = symbols;
    thumbnail =
        of(
            "vips_thumbnail_image",
            3,
            INT,
            POINTER,
            POINTER,
            INT,
            POINTER,
            INT,
            POINTER,
            INT,
            POINTER,
            POINTER,
            POINTER);
    shrink =
        of(
            "vips_thumbnail_buffer",
            4,
            INT,
            POINTER,
            LONG,
            POINTER,
            INT,
            POINTER,
            INT,
            POINTER,
            INT,
            POINTER,
            POINTER,
            POINTER,
            INT,
            POINTER);
    copyMemory = of("vips_image_copy_memory", -1, POINTER, POINTER);
    read = of("vips_image_new_from_buffer", 3, POINTER, POINTER, LONG, POINTER, POINTER);
    write = of("vips_image_write_to_buffer", 4, INT, POINTER, POINTER, POINTER, POINTER, POINTER);
    toMemory = of("vips_image_write_to_memory", -1, POINTER, POINTER, POINTER);
    toGrey = of("vips_colourspace", 3, INT, POINTER, POINTER, INT, POINTER);
    width = of("vips_image_get_width", -1, INT, POINTER);
    height = of("vips_image_get_height", -1, INT, POINTER);
    bands = of("vips_image_get_bands", -1, INT, POINTER);
    error = of("vips_error_buffer", -1, POINTER);
    free = nothing("g_free", POINTER);
    release = nothing("g_object_unref", POINTER);
    clearError = nothing("vips_error_clear");
    silence();
    try (Arena arena = Arena.ofConfined()) {
      int begun = (int) of("vips_init", -1, INT, POINTER).invoke(arena.allocateFrom("freshet"));
      if (begun != 0) {
        throw new Failed("it can't be initialised");
      }
    }
    // One picture at a time on one core, nothing kept between two, no decoder that isn't hardened.
    nothing("vips_concurrency_set", INT).invoke(1);
    nothing("vips_cache_set_max", INT).invoke(0);
    nothing("vips_block_untrusted_set", INT).invoke(1);
    MethodHandle asked = of("vips_version", -1, INT, INT);
    version = asked.invoke(0) + "." + asked.invoke(1) + "." + asked.invoke(2);
    hasAvif = canWriteAvif();
  }

  /// What it warns of on the program's own standard error comes as an error where it matters.
  private void silence() throws Throwable {
    FunctionDescriptor handler = FunctionDescriptor.ofVoid(POINTER, INT, POINTER, POINTER);
    MethodHandle ignore =
        MethodHandles.empty(
            MethodType.methodType(
                void.class,
                MemorySegment.class,
                int.class,
                MemorySegment.class,
                MemorySegment.class));
    MemorySegment stub = linker.upcallStub(ignore, handler, Arena.global());
    try (Arena arena = Arena.ofConfined()) {
      int _ =
          (int)
              of("g_log_set_handler", -1, INT, POINTER, INT, POINTER, POINTER)
                  .invoke(arena.allocateFrom("VIPS"), LOGGED, stub, MemorySegment.NULL);
    }
  }

  private MethodHandle of(
      String name, int variadic, MemoryLayout result, MemoryLayout... arguments) {
    FunctionDescriptor signature = FunctionDescriptor.of(result, arguments);
    MemorySegment place = symbols.findOrThrow(name);
    return variadic < 0
        ? linker.downcallHandle(place, signature)
        : linker.downcallHandle(place, signature, Linker.Option.firstVariadicArg(variadic));
  }

  private MethodHandle nothing(String name, MemoryLayout... arguments) {
    return linker.downcallHandle(symbols.findOrThrow(name), FunctionDescriptor.ofVoid(arguments));
  }

  /// The first that can be loaded: what is named, what lies in the folder, what the system has;
  /// null where there is none.
  ///
  /// @param named a file, or null
  /// @param beside a folder with the program's own libraries, or null
  static @Nullable Vips find(@Nullable Path named, @Nullable Path beside) {
    List<String> candidates = new ArrayList<>();
    if (named != null) {
      candidates.add(named.toAbsolutePath().toString());
    } else {
      bundled(beside).forEach(path -> candidates.add(path.toAbsolutePath().toString()));
      candidates.addAll(INSTALLED);
    }
    for (String candidate : candidates) {
      Vips vips = load(candidate, candidate.equals(String.valueOf(named)));
      if (vips != null) {
        return vips;
      }
    }
    return null;
  }

  private static List<Path> bundled(@Nullable Path folder) {
    List<Path> out = new ArrayList<>();
    if (folder != null && Files.isDirectory(folder)) {
      try (var files = Files.newDirectoryStream(folder, "libvips*.{so,so.*,dylib,dll}")) {
        files.forEach(out::add);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "can't look into " + folder, e);
      }
    }
    return out;
  }

  private static @Nullable Vips load(String library, boolean isNamed) {
    try {
      boolean isPath = library.contains("/") || library.contains("\\");
      SymbolLookup symbols =
          isPath
              ? SymbolLookup.libraryLookup(Path.of(library), Arena.global())
              : SymbolLookup.libraryLookup(library, Arena.global());
      return new Vips(symbols);
    } catch (Throwable e) {
      LOG.log(
          isNamed ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
          "no libvips in " + library + ": " + e.getMessage());
      return null;
    }
  }

  @Override
  public String name() {
    return "libvips " + version;
  }

  @Override
  public long maxPixels() {
    return Long.MAX_VALUE;
  }

  /// Some builds know AVIF but bring no encoder for it.
  @Override
  public boolean writes(Encoding how) {
    return how != Encoding.AVIF || hasAvif;
  }

  private boolean canWriteAvif() {
    try (Picture tiny = loaded(TinyPicture.png())) {
      return tiny.write(".avif[Q=50,effort=0]").length > 0;
    } catch (Failed e) {
      return false;
    }
  }

  private static String format(Encoding how, int quality) {
    return switch (how) {
      case JPEG -> ".jpg[Q=" + quality + ",optimize-coding,interlace,strip]";
      case FINE_JPEG ->
          ".jpg[Q=" + quality + ",optimize-coding,interlace,strip,subsample-mode=off]";
      case PNG -> ".png[compression=9,filter=all,strip]";
      case WEBP -> ".webp[Q=" + quality + ",effort=4,strip]";
      case LOSSLESS_WEBP -> ".webp[lossless,effort=4,strip]";
      case AVIF -> ".avif[Q=" + quality + ",effort=2,strip]";
    };
  }

  /// In libvips' memory.
  private final class Picture implements PictureLibrary.Picture {
    private final MemorySegment image;

    private Picture(MemorySegment image) {
      this.image = image;
    }

    @Override
    public byte[] write(Encoding how, int quality) throws Failed {
      byte[] made = write(format(how, quality));
      return how == Encoding.WEBP || how == Encoding.LOSSLESS_WEBP
          ? WebpFile.withoutMetadata(made)
          : made;
    }

    /// @param format with options, as libvips names them: `.webp[Q=80]`
    private byte[] write(String format) throws Failed {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(POINTER);
        MemorySegment size = arena.allocate(LONG);
        int done =
            (int) write.invoke(image, arena.allocateFrom(format), buffer, size, MemorySegment.NULL);
        if (done != 0) {
          throw failure();
        }
        return taken(buffer.get(ValueLayout.ADDRESS, 0), size.get(ValueLayout.JAVA_LONG, 0));
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    @Override
    public Luma luma() throws Failed {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(POINTER);
        if ((int) toGrey.invoke(image, out, BLACK_AND_WHITE, MemorySegment.NULL) != 0) {
          throw failure();
        }
        try (Picture grey = new Picture(out.get(ValueLayout.ADDRESS, 0))) {
          MemorySegment size = arena.allocate(LONG);
          MemorySegment buffer = (MemorySegment) toMemory.invoke(grey.image, size);
          if (buffer.equals(MemorySegment.NULL)) {
            throw failure();
          }
          byte[] octets = taken(buffer, size.get(ValueLayout.JAVA_LONG, 0));
          return new Luma(
              (int) width.invoke(grey.image),
              (int) height.invoke(grey.image),
              (int) bands.invoke(grey.image),
              octets);
        }
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    @Override
    public Hues hues() throws Failed {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment size = arena.allocate(LONG);
        MemorySegment buffer = (MemorySegment) toMemory.invoke(image, size);
        if (buffer.equals(MemorySegment.NULL)) {
          throw failure();
        }
        byte[] octets = taken(buffer, size.get(ValueLayout.JAVA_LONG, 0));
        return Hues.of(
            (int) width.invoke(image),
            (int) height.invoke(image),
            (int) bands.invoke(image),
            octets);
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    @Override
    public Size size() throws Failed {
      try {
        return new Size((int) width.invoke(image), (int) height.invoke(image));
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    @Override
    public boolean hasAlpha() throws Failed {
      try {
        int many = (int) bands.invoke(image);
        return many == 2 || many == 4;
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    @Override
    public void close() {
      try {
        release.invoke(image);
      } catch (Throwable e) {
        throw new IllegalStateException("g_object_unref failed", e);
      }
    }
  }

  @Override
  public PictureLibrary.Picture open(byte[] source) throws Failed {
    try (Picture picture = loaded(source);
        Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(POINTER);
      int done =
          (int)
              thumbnail.invoke(
                  picture.image,
                  out,
                  AS_IT_IS,
                  arena.allocateFrom("height"),
                  AS_IT_IS,
                  arena.allocateFrom("size"),
                  ONLY_DOWN,
                  arena.allocateFrom("export_profile"),
                  colours(source, arena),
                  MemorySegment.NULL);
      return decoded(done, out);
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  /// Decoded at a fraction of its size where its format allows.
  @Override
  public PictureLibrary.Picture openWithin(byte[] source, int width) throws Failed {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(POINTER);
      int done =
          (int)
              shrink.invoke(
                  arena.allocateFrom(ValueLayout.JAVA_BYTE, source),
                  (long) source.length,
                  out,
                  width,
                  arena.allocateFrom("height"),
                  AS_IT_IS,
                  arena.allocateFrom("size"),
                  ONLY_DOWN,
                  arena.allocateFrom("export_profile"),
                  colours(source, arena),
                  arena.allocateFrom("fail_on"),
                  FAIL_ON_WARNING,
                  MemorySegment.NULL);
      return decoded(done, out);
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  /// All pixels, where there is a picture.
  private Picture decoded(int done, MemorySegment out) throws Throwable {
    if (done != 0) {
      throw failure();
    }
    try (Picture lazy = new Picture(out.get(ValueLayout.ADDRESS, 0))) {
      return copied(lazy);
    }
  }

  /// The profile to bring colours to: none for a picture that has none, since sRGB is what it is
  /// taken for, and being brought there by way of another space changes it visibly.
  private static MemorySegment colours(byte[] source, Arena arena) {
    int most = Math.min(source.length, MAX_HEAD) - PROFILE.length;
    for (int at = 0; at < most; at++) {
      if (Arrays.equals(source, at, at + PROFILE.length, PROFILE, 0, PROFILE.length)) {
        return arena.allocateFrom("srgb");
      }
    }
    return MemorySegment.NULL;
  }

  @Override
  public PictureLibrary.Picture openAsIs(byte[] made) throws Failed {
    return loaded(made);
  }

  private Picture loaded(byte[] made) throws Failed {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment octets = arena.allocateFrom(ValueLayout.JAVA_BYTE, made);
      MemorySegment image =
          (MemorySegment)
              read.invoke(
                  octets,
                  (long) made.length,
                  arena.allocateFrom("[fail_on=warning]"),
                  MemorySegment.NULL);
      if (image.equals(MemorySegment.NULL)) {
        throw failure();
      }
      try (Picture lazy = new Picture(image)) {
        return copied(lazy);
      }
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  /// Decoded for good: what it was decoded from may go.
  private Picture copied(Picture lazy) throws Throwable {
    MemorySegment copy = (MemorySegment) copyMemory.invoke(lazy.image);
    if (copy.equals(MemorySegment.NULL)) {
      throw failure();
    }
    return new Picture(copy);
  }

  private byte[] taken(MemorySegment buffer, long size) throws Throwable {
    try {
      return buffer.reinterpret(size).toArray(ValueLayout.JAVA_BYTE);
    } finally {
      free.invoke(buffer);
    }
  }

  private Failed failure() throws Throwable {
    MemorySegment text = (MemorySegment) error.invoke();
    String why = text.reinterpret(Long.MAX_VALUE).getString(0).strip();
    clearError.invoke();
    return new Failed(why);
  }

  private static Failed passed(Throwable e) {
    if (e instanceof Failed failed) {
      return failed;
    }
    if (e instanceof Error error) {
      throw error;
    }
    if (e instanceof RuntimeException fault) {
      throw fault;
    }
    return new Failed(String.valueOf(e.getMessage()));
  }
}
