package dev.freshet.assets;

import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The library libwebp that comes along, called as it is (Java's Foreign Function API); for many
/// threads.
@SuppressWarnings("restricted")
final class Webp {
  private static final MemoryLayout POINTER = ValueLayout.ADDRESS;
  private static final MemoryLayout INT = ValueLayout.JAVA_INT;
  private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;

  /// As libwebp states it of its decoder; what differs in the first octet is another one.
  private static final int DECODER_ABI = 0x0209;

  /// Width, height, transparency, motion, format, and room for more, each of four octets.
  private static final int FEATURES = 10;

  private final Linker linker = Linker.nativeLinker();
  private final SymbolLookup symbols;
  private final MethodHandle encode;
  private final MethodHandle encodeLossless;
  private final MethodHandle encodeLosslessAlpha;
  private final MethodHandle features;
  private final MethodHandle decode;
  private final MethodHandle decodeAlpha;
  private final MethodHandle free;
  private final String version;

  private Webp(SymbolLookup symbols) throws Throwable {
    this.symbols = symbols;
    encode = of("WebPEncodeRGB", LONG, POINTER, INT, INT, INT, ValueLayout.JAVA_FLOAT, POINTER);
    encodeLossless = of("WebPEncodeLosslessRGB", LONG, POINTER, INT, INT, INT, POINTER);
    encodeLosslessAlpha = of("WebPEncodeLosslessRGBA", LONG, POINTER, INT, INT, INT, POINTER);
    features = of("WebPGetFeaturesInternal", INT, POINTER, LONG, POINTER, INT);
    decode = of("WebPDecodeRGB", POINTER, POINTER, LONG, POINTER, POINTER);
    decodeAlpha = of("WebPDecodeRGBA", POINTER, POINTER, LONG, POINTER, POINTER);
    free =
        linker.downcallHandle(symbols.findOrThrow("WebPFree"), FunctionDescriptor.ofVoid(POINTER));
    int number = (int) of("WebPGetEncoderVersion", INT).invoke();
    version = (number >> 16) + "." + (number >> 8 & 0xff) + "." + (number & 0xff);
  }

  private MethodHandle of(String name, MemoryLayout result, MemoryLayout... arguments) {
    return linker.downcallHandle(
        symbols.findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }

  /// Null where none comes along for this machine, or it can't be loaded.
  ///
  /// @param cache a folder where it is unpacked
  static @Nullable Webp find(Path cache) {
    String name = System.mapLibraryName("webp-imageio");
    String resource = "native/" + place() + "/" + name;
    try (InputStream in = Webp.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        return null;
      }
      Path library = Unpacked.file(cache, "webp", name, in.readAllBytes());
      return new Webp(SymbolLookup.libraryLookup(library, Arena.global()));
    } catch (Throwable e) {
      System.getLogger("freshet.assets")
          .log(System.Logger.Level.WARNING, "no WebP is made: " + e.getMessage());
      return null;
    }
  }

  /// As folders are called in the jar that it is in.
  private static String place() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String os = system.contains("mac") ? "Mac" : system.contains("win") ? "Windows" : "Linux";
    String processor = System.getProperty("os.arch");
    return os
        + "/"
        + switch (processor) {
          case "amd64" -> "x86_64";
          case "arm64" -> "aarch64";
          default -> processor;
        };
  }

  String version() {
    return version;
  }

  /// @param octets of red, green and blue
  byte[] write(byte[] octets, Size size, int quality) throws PictureLibrary.Failed {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(POINTER);
      MemorySegment pixels = arena.allocateFrom(ValueLayout.JAVA_BYTE, octets);
      long length =
          (long)
              encode.invoke(
                  pixels, size.width(), size.height(), 3 * size.width(), (float) quality, out);
      return taken(out.get(ValueLayout.ADDRESS, 0), length);
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  /// @param bands 3, or 4 with opacity
  byte[] writeLossless(byte[] octets, Size size, int bands) throws PictureLibrary.Failed {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(POINTER);
      MemorySegment pixels = arena.allocateFrom(ValueLayout.JAVA_BYTE, octets);
      MethodHandle how = bands == 4 ? encodeLosslessAlpha : encodeLossless;
      long length =
          (long) how.invoke(pixels, size.width(), size.height(), bands * size.width(), out);
      return taken(out.get(ValueLayout.ADDRESS, 0), length);
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  Bitmap read(byte[] webp) throws PictureLibrary.Failed {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment octets = arena.allocateFrom(ValueLayout.JAVA_BYTE, webp);
      MemorySegment told = arena.allocate(INT, FEATURES);
      if ((int) features.invoke(octets, (long) webp.length, told, DECODER_ABI) != 0) {
        throw new PictureLibrary.Failed("no WebP");
      }
      int width = told.getAtIndex(ValueLayout.JAVA_INT, 0);
      int height = told.getAtIndex(ValueLayout.JAVA_INT, 1);
      int bands = told.getAtIndex(ValueLayout.JAVA_INT, 2) == 0 ? 3 : 4;
      MethodHandle how = bands == 4 ? decodeAlpha : decode;
      MemorySegment made =
          (MemorySegment)
              how.invoke(octets, (long) webp.length, MemorySegment.NULL, MemorySegment.NULL);
      return new Bitmap(width, height, bands, taken(made, (long) width * height * bands));
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  private byte[] taken(MemorySegment made, long length) throws Throwable {
    if (length == 0 || made.equals(MemorySegment.NULL)) {
      throw new PictureLibrary.Failed("libwebp failed");
    }
    try {
      return made.reinterpret(length).toArray(ValueLayout.JAVA_BYTE);
    } finally {
      free.invoke(made);
    }
  }

  private static PictureLibrary.Failed passed(Throwable e) {
    return switch (e) {
      case PictureLibrary.Failed failed -> failed;
      case Error error -> throw error;
      case RuntimeException fault -> throw fault;
      default -> new PictureLibrary.Failed(String.valueOf(e.getMessage()));
    };
  }
}
