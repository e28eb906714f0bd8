package dev.freshet.edge;

import dev.freshet.cache.MetaCodec;
import dev.freshet.edge.StoredResponse.Rules;
import dev.freshet.edge.StoredResponse.Selecting;
import dev.freshet.edge.StoredResponse.Times;
import dev.freshet.edge.StoredResponse.Validators;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes a stored response's description for the second tier; forms made here are left out, they
/// are made again.
final class StoredCodec implements MetaCodec<StoredResponse> {
  private static final int FORM = 4;
  private static final int MAX_LINES = 1_000;

  @Override
  public byte[] encode(StoredResponse meta) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream(512);
    try (DataOutputStream out = new DataOutputStream(octets)) {
      out.writeByte(FORM);
      out.writeShort(meta.head().status());
      Fields fields = meta.head().fields();
      out.writeShort(fields.size());
      for (int i = 0; i < fields.size(); i++) {
        out.writeUTF(fields.name(i).text());
        out.writeUTF(fields.value(i));
      }
      out.writeShort(meta.selecting().names().size());
      for (int i = 0; i < meta.selecting().names().size(); i++) {
        out.writeUTF(meta.selecting().names().get(i).text());
        out.writeUTF(meta.selecting().values().get(i));
      }
      Times times = meta.times();
      out.writeLong(times.bornMillis());
      out.writeLong(times.lifetimeMillis());
      out.writeLong(times.whileRevalidateMillis());
      out.writeLong(times.ifErrorMillis());
      out.writeBoolean(meta.rules().mustRevalidate());
      out.writeBoolean(meta.rules().shared());
      out.writeBoolean(meta.rules().byRows());
      out.writeBoolean(meta.rules().anonymous());
      List<Parts.Span> spans = meta.parts() == null ? List.of() : meta.parts().spans();
      out.writeShort(spans.size());
      for (Parts.Span span : spans) {
        out.writeLong(span.first());
        out.writeLong(span.last());
      }
      out.writeLong(meta.contentLength());
      out.writeBoolean(meta.codable());
    } catch (IOException e) {
      throw new UncheckedIOException("a field is too long to be written", e);
    }
    return octets.toByteArray();
  }

  @Override
  public @Nullable StoredResponse decode(byte[] octets) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets))) {
      if (in.readByte() != FORM) {
        return null;
      }
      int status = in.readShort();
      int lines = in.readShort();
      if (lines < 0 || lines > MAX_LINES) {
        return null;
      }
      Fields fields = new Fields(lines + 4);
      for (int i = 0; i < lines; i++) {
        fields.add(FieldName.of(in.readUTF()), in.readUTF());
      }
      Selecting selecting = selecting(in);
      Times times = new Times(in.readLong(), in.readLong(), in.readLong(), in.readLong());
      Rules rules =
          new Rules(in.readBoolean(), in.readBoolean(), in.readBoolean(), in.readBoolean());
      Parts parts = parts(in);
      Validators validators = Storing.validators(fields);
      return new StoredResponse(
          new Stored(status, fields),
          selecting,
          times,
          rules,
          validators,
          parts,
          in.readLong(),
          in.readBoolean(),
          Map.of(),
          null);
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable Parts parts(DataInputStream in) throws IOException {
    int n = Math.min(Math.max(0, in.readShort()), PartialContent.MAX_SPANS);
    List<Parts.Span> spans = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      spans.add(new Parts.Span(in.readLong(), in.readLong()));
    }
    return spans.isEmpty() ? null : new Parts(spans);
  }

  private static Selecting selecting(DataInputStream in) throws IOException {
    int n = Math.min(Math.max(0, in.readShort()), MAX_LINES);
    List<FieldName> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      names.add(FieldName.of(in.readUTF()));
      values.add(in.readUTF());
    }
    return new Selecting(names, values);
  }

  @Override
  public long weight(StoredResponse meta) {
    return meta.weight();
  }
}
