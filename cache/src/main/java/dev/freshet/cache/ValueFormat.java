package dev.freshet.cache;

import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.StringJoiner;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The octets of one key's entries in the second tier. First what scripts read too: eight hex
/// digits with the length of the group names and these, one a line; the same with a line for each
/// entry, `SEQUENCE:I,J`, where I and J number its groups. Then a form byte, a CRC-32C of all the
/// rest, epoch, key and entries, each with what it was made from. Anything that doesn't check out
/// is nothing.
final class ValueFormat<M> {
  /// Larger values stay in the heap tier only.
  static final int MAX_OCTETS = 16 << 20;

  private static final byte FORM = 4;
  private static final int MAX_GROUPS = 1_000;
  private static final byte NO_EVIDENCE = 0;
  private static final byte EVIDENCE = 1;
  private static final byte TABLE = 0;
  private static final byte ROWS = 1;
  private static final byte COLUMNS = 2;
  private static final byte SHOWN = 3;

  private final MetaCodec<M> codec;
  private final Freshness freshness;

  /// @param freshness of this node, which judges what others have stored
  ValueFormat(MetaCodec<M> codec, Freshness freshness) {
    this.codec = codec;
    this.freshness = freshness;
  }

  /// An entry as kept.
  ///
  /// @param sequence place in the sequence that its fill began after
  @SuppressWarnings("ArrayRecordComponent")
  record Kept<M>(
      M meta,
      byte[][] body,
      List<String> groups,
      long sequence,
      boolean softened,
      @Nullable Evidence evidence) {}

  /// Everything under a key.
  ///
  /// @param groups every name once, in the order in which the script reports them
  record Value<M>(long epoch, List<String> groups, List<Kept<M>> entries) {}

  /// Null when it is too large or has a group that can't be written.
  byte @Nullable [] encode(String key, long epoch, List<Kept<M>> entries) {
    LinkedHashSet<String> names = new LinkedHashSet<>();
    long octets = 64;
    List<byte[]> metas = new ArrayList<>();
    for (Kept<M> entry : entries) {
      byte[] meta = codec.encode(entry.meta());
      metas.add(meta);
      names.addAll(entry.groups());
      octets += 64 + meta.length + 4L * entry.body().length;
      for (byte[] piece : entry.body()) {
        octets += piece.length;
      }
      octets += octets(entry.evidence());
    }
    boolean isNamed = names.stream().noneMatch(n -> n.isEmpty() || n.indexOf('\n') >= 0);
    byte[] lines = String.join("\n", names).getBytes(StandardCharsets.UTF_8);
    byte[] marks = marks(entries, List.copyOf(names)).getBytes(StandardCharsets.US_ASCII);
    byte[] keyOctets = key.getBytes(StandardCharsets.UTF_8);
    octets += lines.length + marks.length + keyOctets.length;
    if (octets > MAX_OCTETS || !isNamed || names.size() > MAX_GROUPS) {
      return null;
    }
    ByteBuffer out = ByteBuffer.allocate((int) octets);
    putLines(out, lines);
    putLines(out, marks);
    out.put(FORM);
    int sumAt = out.position();
    out.putInt(0).putLong(epoch);
    putOctets(out, keyOctets);
    out.putInt(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      put(out, entries.get(i), metas.get(i));
    }
    byte[] whole = new byte[out.position()];
    out.flip().get(whole);
    ByteBuffer.wrap(whole).putInt(sumAt, sum(whole, sumAt));
    return whole;
  }

  private static <M> String marks(List<Kept<M>> entries, List<String> names) {
    StringJoiner out = new StringJoiner("\n");
    for (Kept<M> entry : entries) {
      StringJoiner groups = new StringJoiner(",");
      entry.groups().forEach(name -> groups.add(Integer.toString(names.indexOf(name))));
      out.add(entry.sequence() + ":" + groups);
    }
    return out.toString();
  }

  private static void putLines(ByteBuffer out, byte[] lines) {
    out.put("%08x".formatted(lines.length).getBytes(StandardCharsets.US_ASCII)).put(lines);
  }

  private static <M> void put(ByteBuffer out, Kept<M> entry, byte[] meta) {
    out.put((byte) (entry.softened() ? 1 : 0));
    putOctets(out, meta);
    out.putInt(entry.body().length);
    for (byte[] piece : entry.body()) {
      putOctets(out, piece);
    }
    put(out, entry.evidence());
  }

  private static void put(ByteBuffer out, @Nullable Evidence evidence) {
    if (evidence == null) {
      out.put(NO_EVIDENCE);
      return;
    }
    out.put(EVIDENCE).putLong(evidence.history()).putLong(evidence.asOf());
    List<Dependency> all = evidence.dependencies();
    out.putInt(all.size());
    all.forEach(dependency -> put(out, dependency));
  }

  private static void put(ByteBuffer out, Dependency dependency) {
    switch (dependency) {
      case Dependency.Table(long relation) -> out.put(TABLE).putLong(relation);
      case Dependency.Rows(long relation, int column, String value) -> {
        out.put(ROWS).putLong(relation).putInt(column);
        putOctets(out, value.getBytes(StandardCharsets.UTF_8));
      }
      case Dependency.Columns(
              Dependency.Whole of,
              List<Integer> columns,
              List<Comparison> comparisons,
              boolean isShown) -> {
        out.put(isShown ? SHOWN : COLUMNS).putInt(columns.size());
        columns.forEach(out::putInt);
        out.putInt(comparisons.size());
        for (Comparison each : comparisons) {
          out.putInt(each.column()).put(each.sign().code());
          putOctets(out, each.value().getBytes(StandardCharsets.UTF_8));
        }
        put(out, of);
      }
    }
  }

  /// At most so many.
  private static long octets(@Nullable Evidence evidence) {
    long octets = 32;
    if (evidence != null) {
      for (Dependency dependency : evidence.dependencies()) {
        octets += octets(dependency);
      }
    }
    return octets;
  }

  private static long octets(Dependency dependency) {
    return switch (dependency) {
      case Dependency.Table table -> 32;
      case Dependency.Rows rows -> 32 + 3L * rows.value().length();
      case Dependency.Columns(
              Dependency.Whole of,
              List<Integer> columns,
              List<Comparison> comparisons,
              boolean _) ->
          20 + 4L * columns.size() + octets(comparisons) + octets(of);
    };
  }

  private static long octets(List<Comparison> comparisons) {
    return comparisons.stream().mapToLong(each -> 9 + 3L * each.value().length()).sum();
  }

  private static void putOctets(ByteBuffer out, byte[] octets) {
    out.putInt(octets.length).put(octets);
  }

  /// Null when damaged, of another form, or another key's.
  @Nullable Value<M> decode(String key, byte[] octets) {
    try {
      ByteBuffer in = ByteBuffer.wrap(octets);
      List<String> names = lines(in);
      List<String> marks = lines(in);
      if (in.get() != FORM || in.getInt() != sum(octets, in.position() - 4)) {
        return null;
      }
      long epoch = in.getLong();
      if (!new String(octets(in), StandardCharsets.UTF_8).equals(key)) {
        return null;
      }
      int n = in.getInt();
      List<Kept<M>> entries = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        Kept<M> entry = entry(in, marks.get(i), names);
        if (entry != null) {
          entries.add(entry);
        }
      }
      return new Value<>(epoch, names, entries);
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      return null;
    }
  }

  private static List<String> lines(ByteBuffer in) {
    byte[] digits = new byte[8];
    in.get(digits);
    int length = HexFormat.fromHexDigits(new String(digits, StandardCharsets.US_ASCII));
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] text = new byte[length];
    in.get(text);
    return text.length == 0
        ? List.of()
        : List.of(new String(text, StandardCharsets.UTF_8).split("\n", -1));
  }

  private @Nullable Kept<M> entry(ByteBuffer in, String mark, List<String> names) {
    int colon = mark.indexOf(':');
    long sequence = Long.parseLong(mark.substring(0, colon));
    List<String> groups = new ArrayList<>();
    for (String number : mark.substring(colon + 1).split(",", -1)) {
      if (!number.isEmpty()) {
        groups.add(names.get(Integer.parseInt(number)));
      }
    }
    boolean softened = in.get() != 0;
    M meta = codec.decode(octets(in));
    int pieces = in.getInt();
    if (pieces < 0 || pieces > in.remaining() / 4) {
      throw new BufferUnderflowException();
    }
    byte[][] body = new byte[pieces][];
    for (int i = 0; i < body.length; i++) {
      body[i] = octets(in);
    }
    Evidence evidence = evidence(in);
    return meta == null ? null : new Kept<>(meta, body, groups, sequence, softened, evidence);
  }

  private @Nullable Evidence evidence(ByteBuffer in) {
    if (in.get() == NO_EVIDENCE) {
      return null;
    }
    long history = in.getLong();
    long asOf = in.getLong();
    List<Dependency> dependencies = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      dependencies.add(dependency(in));
    }
    return freshness.evidence(history, asOf, dependencies);
  }

  private static Dependency dependency(ByteBuffer in) {
    byte kind = in.get();
    if (kind != COLUMNS && kind != SHOWN) {
      return whole(in, kind);
    }
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / 4) {
      throw new BufferUnderflowException();
    }
    List<Integer> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      columns.add(in.getInt());
    }
    List<Comparison> comparisons = comparisons(in);
    Dependency.Whole of = whole(in, in.get());
    return new Dependency.Columns(of, columns, comparisons, kind == SHOWN);
  }

  private static List<Comparison> comparisons(ByteBuffer in) {
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / 9) {
      throw new BufferUnderflowException();
    }
    List<Comparison> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int column = in.getInt();
      Comparison.Sign sign = Comparison.Sign.of(in.get());
      if (sign == null) {
        throw new IllegalArgumentException("a comparison of an unknown kind");
      }
      out.add(new Comparison(column, sign, new String(octets(in), StandardCharsets.UTF_8)));
    }
    return out;
  }

  private static Dependency.Whole whole(ByteBuffer in, byte kind) {
    long relation = in.getLong();
    return switch (kind) {
      case TABLE -> new Dependency.Table(relation);
      case ROWS ->
          new Dependency.Rows(
              relation, in.getInt(), new String(octets(in), StandardCharsets.UTF_8));
      default -> throw new IllegalArgumentException("a dependency of kind " + kind);
    };
  }

  private static byte[] octets(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] octets = new byte[length];
    in.get(octets);
    return octets;
  }

  /// Of everything but the sum itself.
  private static int sum(byte[] octets, int sumAt) {
    CRC32C sum = new CRC32C();
    sum.update(octets, 0, sumAt);
    sum.update(octets, sumAt + 4, octets.length - sumAt - 4);
    return (int) sum.getValue();
  }
}
