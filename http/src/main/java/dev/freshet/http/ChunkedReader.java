package dev.freshet.http;

import java.io.ByteArrayOutputStream;

/// Takes chunked transfer coding apart (RFC 9112, section 7.1), fed with octets as they come;
/// strict about line ends, sizes and trailers.
///
/// Use: call [#next] with the octets at hand; it consumes some and says what they were.
public final class ChunkedReader {
  private static final int MAX_LINE = 4_096;

  /// How far the extensions and the padding of one message may outgrow its content (RFC 9112,
  /// section 7.1.1): chunks of one octet could carry nearly any amount past a limit on content.
  /// Some servers pad every size to the same width, so that a long content has much of it.
  private static final int MAX_EXCESS = 65_536;

  private static final int MAX_TRAILERS = 16_384;
  private static final int CR_LF = '\r' << 8 | '\n';

  private enum State {
    SIZE,
    PADDING,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILERS,
    DONE
  }

  private final HeadReader.Bounds bounds;
  private final ByteArrayOutputStream trailerOctets = new ByteArrayOutputStream(0);
  private State state = State.SIZE;
  private long left;
  private int digits;
  private int line;
  private long extensions;
  private long content;
  private int lastFour;
  private Fields trailers = new Fields(0);
  private int dataFrom;
  private int dataTo;

  public ChunkedReader(HeadReader.Bounds bounds) {
    this.bounds = bounds;
  }

  public boolean isDone() {
    return state == State.DONE;
  }

  /// Trailer fields; empty before the end.
  public Fields trailers() {
    return trailers;
  }

  /// Start of the content found by the last [#next].
  public int dataFrom() {
    return dataFrom;
  }

  /// End of the content found by the last [#next]; equal to the start when there was none.
  public int dataTo() {
    return dataTo;
  }

  /// Octets of the current chunk's content that are still to come; 0 between contents. With [#took]
  /// and [#accept] for callers whose octets are not in an array.
  public long pending() {
    return state == State.DATA ? left : 0;
  }

  /// Counts content that the caller took itself, at most [#pending] octets.
  public void took(long octets) {
    if (octets < 0 || octets > pending()) {
      throw new IllegalArgumentException("took " + octets + " of " + pending() + " octets");
    }
    if (state == State.DATA) {
      left -= octets;
      if (left == 0) {
        state = State.DATA_CR;
      }
    }
  }

  /// Consumes one octet while nothing is [#pending].
  public void accept(byte octet) throws HeadReader.Refused {
    step(octet);
  }

  /// Consumes octets up to the end of one piece of content, of the message, or of the input.
  ///
  /// @return index behind what was consumed
  public int next(byte[] octets, int from, int to) throws HeadReader.Refused {
    dataFrom = 0;
    dataTo = 0;
    int at = from;
    while (at < to && state != State.DONE) {
      if (state == State.DATA) {
        int n = (int) Math.min(left, to - at);
        dataFrom = at;
        dataTo = at + n;
        left -= n;
        if (left == 0) {
          state = State.DATA_CR;
        }
        return at + n;
      }
      step(octets[at++]);
    }
    return at;
  }

  private void step(byte b) throws HeadReader.Refused {
    switch (state) {
      case SIZE -> size(b);
      case PADDING -> padding(b);
      case EXTENSION -> extension(b);
      case SIZE_LF -> {
        expect(b, '\n');
        line = 0;
        digits = 0;
        content += left;
        state = left == 0 ? State.TRAILERS : State.DATA;
      }
      case DATA_CR -> {
        expect(b, '\r');
        state = State.DATA_LF;
      }
      case DATA_LF -> {
        expect(b, '\n');
        state = State.SIZE;
      }
      case TRAILERS -> trailer(b);
      case DATA, DONE -> throw new IllegalStateException("no step in " + state);
    }
  }

  private void size(byte b) throws HeadReader.Refused {
    int digit = Character.digit(b, 16);
    if (b > 0 && digit >= 0) {
      if (++digits > 15) {
        throw new HeadReader.Refused(400, "a chunk size is too large");
      }
      left = left * 16 + digit;
    } else if (digits > 0 && b == '\r') {
      state = State.SIZE_LF;
    } else if (digits > 0 && b == ';') {
      state = State.EXTENSION;
    } else if (digits > 0 && (b == ' ' || b == '\t')) {
      state = State.PADDING;
    } else {
      throw new HeadReader.Refused(400, "a chunk size is not hexadecimal");
    }
  }

  /// White space behind the size, which only an extension or the line's end may follow: `1 0` is a
  /// size of one to some, of sixteen to others.
  private void padding(byte b) throws HeadReader.Refused {
    if (b == ';') {
      state = State.EXTENSION;
    } else if (b == ' ' || b == '\t' || b == '\r') {
      extension(b);
    } else {
      throw new HeadReader.Refused(400, "a chunk size is not hexadecimal");
    }
  }

  private void extension(byte b) throws HeadReader.Refused {
    if (b == '\r') {
      state = State.SIZE_LF;
    } else if (++line > MAX_LINE) {
      throw new HeadReader.Refused(400, "a chunk extension is too long");
    } else if (++extensions - content > MAX_EXCESS) {
      throw new HeadReader.Refused(400, "the chunk extensions are too long");
    } else if (b != '\t' && ((b >= 0 && b < 0x20) || b == 0x7f)) {
      throw new HeadReader.Refused(400, "a chunk extension holds a control character");
    }
  }

  private void trailer(byte b) throws HeadReader.Refused {
    trailerOctets.write(b);
    int n = trailerOctets.size();
    if (n > MAX_TRAILERS) {
      throw new HeadReader.Refused(431, "the trailers are too long");
    }
    lastFour = lastFour << 8 | (b & 0xff);
    if (b == '\n' && (lastFour & 0xffff) != CR_LF) {
      throw new HeadReader.Refused(400, "a line ends in LF alone");
    }
    boolean isEnd = n == 2 ? lastFour == CR_LF : lastFour == (CR_LF << 16 | CR_LF);
    if (isEnd) {
      trailers = Trailers.allowed(HeadReader.fields(trailerOctets.toByteArray(), 0, n, bounds));
      state = State.DONE;
    }
  }

  private static void expect(byte b, char wanted) throws HeadReader.Refused {
    if (b != wanted) {
      throw new HeadReader.Refused(400, "a chunk does not end in CR LF");
    }
  }
}
