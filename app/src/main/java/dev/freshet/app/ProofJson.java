package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.load.Interval;
import dev.freshet.load.Proof;
import dev.freshet.load.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A [Proof] for machines.
final class ProofJson {
  private ProofJson() {}

  /// @param isEarly whether it was ended before all was measured
  static String of(Proof proof, @Nullable BottleneckReport bottlenecks, boolean isEarly) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("version", Version.text());
    out.put("met", proof.isMet());
    out.put("isEarly", isEarly);
    out.put("work", proof.work());
    out.put("method", proof.method());
    Map<String, Object> tables = new LinkedHashMap<>();
    for (Proof.Table table : proof.tables()) {
      List<Object> rows = new ArrayList<>();
      table.rows().forEach(row -> rows.add(row(row)));
      tables.put(table.title(), rows);
    }
    out.put("tables", tables);
    out.put("notes", proof.notes());
    out.put("bottlenecks", bottlenecks);
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(out);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a proof is plain records", e);
    }
  }

  private static Map<String, Object> row(Proof.Row row) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("name", row.name());
    out.put("unit", row.unit().strip());
    out.put("bare", interval(row.bare()));
    out.put("through", interval(row.through()));
    out.put("ratio", interval(row.ratio()));
    out.put("bareIsBelieved", row.believed().bare());
    out.put("throughIsBelieved", row.believed().through());
    Target target = row.target();
    if (target != null) {
      out.put(target.isUpper() ? "atMost" : "atLeast", target.limit());
      out.put("verdict", row.verdict().text());
    }
    return out;
  }

  /// Null where nothing was measured; without bounds where one round knows none.
  private static @Nullable Map<String, Object> interval(@Nullable Interval figure) {
    if (figure == null) {
      return null;
    }
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("mean", figure.mean());
    if (figure.rounds() > 1) {
      out.put("low", figure.low());
      out.put("high", figure.high());
    }
    out.put("rounds", figure.rounds());
    return out;
  }
}
