package dev.freshet.sql;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// PostgreSQL's own parser (libpg_query as WebAssembly), run by Node. Installed from npm below
/// `target/` at the first use; where that cannot be done the tests that ask it are skipped.
final class Oracle {
  private static final String VERSION = "18.1.5";

  private Oracle() {}

  /// What it says about one text.
  ///
  /// @param tokens start, end and name of each but white space; empty when it refuses them
  /// @param valid whether its grammar takes the text; the rest is empty where it doesn't
  record Answer(
      String sql,
      List<Token> tokens,
      boolean isScanned,
      boolean valid,
      List<Part> parts,
      List<String> reads,
      List<String> writes,
      String normal,
      String fingerprint) {}

  record Token(int start, int end, String name) {}

  /// A length of 0 means up to the end.
  record Part(int start, int length) {}

  static List<Answer> ask(List<String> texts) {
    Path home = install();
    ObjectMapper json = new ObjectMapper();
    try {
      Path script = home.resolve("oracle.mjs");
      try (InputStream in = Oracle.class.getResourceAsStream("/oracle.mjs")) {
        if (in == null) {
          throw new IllegalStateException("oracle.mjs is not on the class path");
        }
        Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
      }
      Path questions = Files.createTempFile(home, "questions", ".json");
      Path answers = Files.createTempFile(home, "answers", ".json");
      try {
        json.writeValue(questions.toFile(), texts);
        Process node =
            new ProcessBuilder("node", script.toString())
                .directory(home.toFile())
                .redirectInput(questions.toFile())
                .redirectOutput(answers.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        finish(node, 180);
        return answers(texts, json.readTree(answers.toFile()));
      } finally {
        Files.delete(questions);
        Files.delete(answers);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Answer> answers(List<String> texts, JsonNode all) {
    List<Answer> out = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      JsonNode one = all.get(i);
      List<Token> tokens = new ArrayList<>();
      for (JsonNode token : one.path("scan")) {
        tokens.add(new Token(token.get(0).asInt(), token.get(1).asInt(), token.get(2).asText()));
      }
      List<Part> parts = new ArrayList<>();
      for (JsonNode part : one.path("parts")) {
        parts.add(new Part(part.get(0).asInt(), part.get(1).asInt()));
      }
      out.add(
          new Answer(
              texts.get(i),
              tokens,
              one.path("scan").isArray(),
              one.path("valid").asBoolean(),
              parts,
              texts(one.path("reads")),
              texts(one.path("writes")),
              one.path("normal").asText(""),
              one.path("fingerprint").asText("")));
    }
    return out;
  }

  private static List<String> texts(JsonNode array) {
    List<String> out = new ArrayList<>();
    array.forEach(each -> out.add(each.asText()));
    return out;
  }

  private static synchronized Path install() {
    Path home = Path.of("target", "oracle").toAbsolutePath();
    if (Files.exists(home.resolve("node_modules/libpg-query/package.json"))) {
      return home;
    }
    try {
      Files.createDirectories(home);
      Process npm =
          new ProcessBuilder(
                  "npm",
                  "install",
                  "--no-audit",
                  "--no-fund",
                  "--ignore-scripts",
                  "--prefix",
                  home.toString(),
                  "libpg-query@" + VERSION)
              .directory(home.toFile())
              .redirectErrorStream(true)
              .redirectOutput(home.resolve("npm.log").toFile())
              .start();
      finish(npm, 120);
    } catch (IOException | IllegalStateException e) {
      System.out.println("skipped: the SQL oracle (needs node, npm and a registry: " + e + ")");
      abort("no oracle");
    }
    return home;
  }

  private static void finish(Process process, int seconds) {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        throw new IllegalStateException("not done in " + seconds + " s");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException("exit code " + process.exitValue());
    }
  }

  static String slice(String text, int from, int to) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    return new String(octets, from, to - from, StandardCharsets.UTF_8);
  }
}
