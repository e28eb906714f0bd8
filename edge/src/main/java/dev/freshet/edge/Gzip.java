package dev.freshet.edge;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/// Gzip at a chosen level that gives out all it has on flush.
final class Gzip extends GZIPOutputStream {
  Gzip(OutputStream sink, int level) throws IOException {
    super(sink, 8_192, true);
    def.setLevel(level);
  }
}
