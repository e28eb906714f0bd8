package dev.freshet.recording;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.base.Trouble;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// The file while it is written: lines of JSON, compressed as they come (gzip). What was flushed
/// can be read, whatever happens then.
final class RecordingFile implements AutoCloseable {
  static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFER = 65_536;
  private final Counting counting;
  private final OutputStream out;
  private long text;

  private RecordingFile(Counting counting) throws IOException {
    this.counting = counting;
    out = new BufferedOutputStream(new Quick(counting), BUFFER);
  }

  /// Makes a file that only its owner may read; throws [Trouble.Found] where that can't be.
  static RecordingFile create(Path path) {
    try {
      OutputStream file =
          Channels.newOutputStream(
              Files.newByteChannel(
                  path,
                  Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  PosixFilePermissions.asFileAttribute(
                      PosixFilePermissions.fromString("rw-------"))));
      return new RecordingFile(new Counting(file));
    } catch (FileAlreadyExistsException e) {
      throw new Trouble.Found(
          new Trouble(path.toString(), "it is there already", "name a file that is not there yet"));
    } catch (IOException | UnsupportedOperationException e) {
      throw new Trouble.Found(
          new Trouble(path.toString(), "it can't be made: " + e, "name another place"));
    }
  }

  static ObjectNode line() {
    return JSON.createObjectNode();
  }

  static byte[] octets(ObjectNode line) {
    try {
      return JSON.writeValueAsBytes(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a line is plain data", e);
    }
  }

  void write(ObjectNode line) throws IOException {
    byte[] octets = octets(line);
    write(octets, octets.length);
  }

  void write(Octets line) throws IOException {
    write(line.array(), line.length());
  }

  private void write(byte[] octets, int length) throws IOException {
    out.write(octets, 0, length);
    out.write('\n');
    text += length + 1;
  }

  /// What was written until now can be read.
  void flush() throws IOException {
    out.flush();
  }

  /// Octets on disk, or on their way.
  long octets() {
    return counting.count;
  }

  /// Octets before compression.
  long text() {
    return text;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /// Lines are alike: more effort makes them hardly smaller, and takes most of the recording's
  /// time.
  private static final class Quick extends GZIPOutputStream {
    Quick(OutputStream out) throws IOException {
      super(out, BUFFER, true);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  private static final class Counting extends FilterOutputStream {
    private long count;

    Counting(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int octet) throws IOException {
      out.write(octet);
      count++;
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
      out.write(octets, from, length);
      count += length;
    }
  }
}
