package dev.freshet.sql;

import dev.freshet.base.Rolls;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/// Column types for tests, with few values each, some of them equal though written differently.
enum Sort {
  INT2("int2", 21, "number", "0", "1", "2", "3"),
  INT4("int4", 23, "number", "0", "1", "2", "3"),
  INT8("int8", 20, "number", "0", "1", "2", "3"),
  NUMERIC("numeric(6,2)", 1700, "number", "0", "1", "1.5", "2.00"),
  TEXT("text", 25, "text", "a", "A", "b", "a "),
  VARCHAR("varchar(6)", 1043, "text", "a", "A", "b", "a "),
  CHAR("char(3)", 1042, "char", "a", "b", "a ", "ab"),
  BOOL("bool", 16, "bool", "t", "f"),
  DATE("date", 1082, "date", "2026-01-01", "2026-01-02"),
  TIMESTAMP("timestamp", 1114, "timestamp", "2026-01-01 00:00:00", "2026-01-02 10:30:00.25"),
  INSTANT(
      "timestamptz",
      1184,
      "instant",
      "2026-01-01 00:00:00+00",
      "2026-01-01 09:00:00+09",
      "2026-01-02 00:00:00+05:30"),
  UUID_(
      "uuid",
      2950,
      "uuid",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12"),
  STATE("state", 0, "state", "new", "old", "paid"),
  CITEXT("citext", 0, "citext", "a", "A", "b"),
  NOCASE("text collate nocase", 25, "nocase", "a", "A", "b"),
  FLOAT("float8", 701, "float", "0", "-0", "1");

  /// How PREPARE names the types.
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(0, "unknown"),
          Map.entry(16, "bool"),
          Map.entry(20, "int8"),
          Map.entry(21, "int2"),
          Map.entry(23, "int4"),
          Map.entry(25, "text"),
          Map.entry(701, "float8"),
          Map.entry(1042, "bpchar"),
          Map.entry(1043, "varchar"),
          Map.entry(1082, "date"),
          Map.entry(1114, "timestamp"),
          Map.entry(1184, "timestamptz"),
          Map.entry(1700, "numeric"),
          Map.entry(2950, "uuid"));

  private static final Map<Integer, Integer> ARRAYS =
      Map.ofEntries(
          Map.entry(16, 1000),
          Map.entry(20, 1016),
          Map.entry(21, 1005),
          Map.entry(23, 1007),
          Map.entry(25, 1009),
          Map.entry(1042, 1014),
          Map.entry(1043, 1015),
          Map.entry(1082, 1182),
          Map.entry(1114, 1115),
          Map.entry(1184, 1185),
          Map.entry(1700, 1231),
          Map.entry(2950, 2951));

  final String sql;
  final int oid;
  final String group;
  private final String values;

  Sort(String sql, int oid, String group, String... values) {
    this.sql = sql;
    this.oid = oid;
    this.group = group;
    this.values = String.join("|", values);
  }

  /// Whether values that are equal look the same, so that a choice among them can't be seen.
  boolean isPlain() {
    return this != CITEXT && this != NOCASE && this != FLOAT && this != CHAR;
  }

  String value(Rolls rolls) {
    return rolls.oneOf(List.of(values.split("\\|", -1)));
  }

  String quoted(Rolls rolls) {
    return "'" + value(rolls) + "'";
  }

  /// A constant in one of its spellings.
  String literal(Rolls rolls) {
    String value = value(rolls);
    String quoted = "'" + value + "'";
    return switch (group) {
      case "number" ->
          rolls.oneOf(
              List.of(
                  value,
                  value,
                  quoted,
                  value + "::numeric",
                  "cast(" + value + " as numeric)",
                  "(" + value + ")",
                  "-1",
                  value.contains(".") ? value + "0" : value + ".0",
                  value.contains(".") ? value + "::int" : quoted + "::bigint",
                  value + "::float8",
                  "null"));
      case "text", "citext", "nocase" ->
          rolls.oneOf(
              List.of(
                  quoted,
                  quoted,
                  "$$" + value + "$$",
                  quoted + "::text",
                  quoted + "::varchar",
                  "cast(" + quoted + " as character varying)",
                  "E" + quoted,
                  quoted + "::varchar(1)",
                  quoted + "::bpchar"));
      case "char" -> rolls.oneOf(List.of(quoted, quoted, quoted + "::text", quoted + "::char(3)"));
      case "bool" -> rolls.oneOf(List.of("true", "false", quoted, quoted + "::bool"));
      case "date" -> rolls.oneOf(List.of(quoted, quoted + "::date", quoted + "::timestamp"));
      case "timestamp" ->
          rolls.oneOf(List.of(quoted, quoted + "::timestamp", quoted + "::timestamptz"));
      case "instant" ->
          rolls.oneOf(
              List.of(
                  quoted,
                  quoted + "::timestamptz",
                  quoted + "::timestamp with time zone",
                  "'2026-01-01 09:00'"));
      case "uuid" ->
          rolls.oneOf(List.of(quoted, quoted + "::uuid", quoted.toLowerCase(Locale.ROOT)));
      default -> quoted;
    };
  }

  /// A type that a client may declare for a parameter beside such a column; 0 to have it inferred.
  int declared(Rolls rolls) {
    return switch (group) {
      case "number" -> rolls.oneOf(List.of(0, 0, oid, 21, 23, 20, 1700, 701));
      case "text", "nocase" -> rolls.oneOf(List.of(0, 25, 1043, 1042));
      case "citext" -> rolls.oneOf(List.of(0, 25));
      case "char" -> rolls.oneOf(List.of(0, 1042, 25, 1043));
      case "date" -> rolls.oneOf(List.of(0, 1082, 1114));
      case "timestamp" -> rolls.oneOf(List.of(0, 1114, 1082, 1184));
      case "instant" -> rolls.oneOf(List.of(0, 1184, 1114));
      case "state" -> 0;
      default -> rolls.oneOf(List.of(0, oid));
    };
  }

  static String name(int oid) {
    return NAMES.getOrDefault(oid, "unknown");
  }

  /// The array type of an element type, or 0.
  static int array(int oid) {
    return ARRAYS.getOrDefault(oid, 0);
  }

  /// Null where this test has no binary form for the type.
  static byte[] binary(int type, String value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      switch (type) {
        case 16 -> out.writeByte(value.equals("t") ? 1 : 0);
        case 21 -> out.writeShort(Short.parseShort(value));
        case 23 -> out.writeInt(Integer.parseInt(value));
        case 20 -> out.writeLong(Long.parseLong(value));
        case 25, 1042, 1043 -> out.write(value.getBytes(StandardCharsets.UTF_8));
        case 1082 ->
            out.writeInt(
                (int) ChronoUnit.DAYS.between(LocalDate.of(2000, 1, 1), LocalDate.parse(value)));
        case 1114 -> out.writeLong(micros(value));
        case 1184 -> out.writeLong(micros(value));
        case 2950 -> {
          UUID uuid = UUID.fromString(value);
          out.writeLong(uuid.getMostSignificantBits());
          out.writeLong(uuid.getLeastSignificantBits());
        }
        case 1700 -> numeric(out, value);
        default -> throw new IllegalArgumentException("type " + type);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static long micros(String value) {
    String local = value.substring(0, 10) + "T" + value.substring(11, 19);
    LocalDateTime at = LocalDateTime.parse(local);
    long micros = ChronoUnit.MICROS.between(LocalDateTime.of(2000, 1, 1, 0, 0), at);
    if (value.contains(".25")) {
      micros += 250_000;
    }
    long offset = value.endsWith("+09") ? 540 : value.endsWith("+05:30") ? 330 : 0;
    return micros - offset * 60_000_000;
  }

  private static void numeric(DataOutputStream out, String value) throws IOException {
    int point = value.indexOf('.');
    boolean isZero = value.equals("0");
    int whole = Integer.parseInt(point < 0 ? value : value.substring(0, point));
    boolean hasFraction = value.endsWith(".5");
    out.writeShort(isZero ? 0 : hasFraction ? 2 : 1);
    out.writeShort(0);
    out.writeShort(0);
    out.writeShort(hasFraction ? 1 : 0);
    if (!isZero) {
      out.writeShort(whole);
    }
    if (hasFraction) {
      out.writeShort(5000);
    }
  }
}
