package dev.freshet.recording;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.base.Trouble;
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
import java.util.zip.GZIPOutputStream;

/// The file while it is written: lines of JSON, compressed as they come (gzip). What was flushed
/// can be read, whatever happens then.
final class RecordingFile implements AutoCloseable {
  static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFER = 65_536;
  private final Counting counting;
  private final GZIPOutputStream out;
  private long text;

  private RecordingFile(Counting counting) throws IOException {
    this.counting = counting;
    out = new GZIPOutputStream(counting, BUFFER, true);
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

  void write(ObjectNode line) throws IOException {
    byte[] octets;
    try {
      octets = JSON.writeValueAsBytes(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a line is plain data", e);
    }
    out.write(octets);
    out.write('\n');
    text += octets.length + 1;
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
