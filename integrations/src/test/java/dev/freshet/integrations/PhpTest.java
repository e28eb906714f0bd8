package dev.freshet.integrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `integrations/php` under a real PHP.
class PhpTest {
  private static final Path APPS = Tool.folder().resolve("src/test/resources/php");
  private static Stage stage;
  private static String php;

  @BeforeAll
  static void looks() {
    php = Tool.of("php");
    Tool.need(
        APPS,
        List.of(
            php,
            "-r",
            "exit(extension_loaded('pdo_pgsql') && function_exists('pg_connect') ? 0 : 1);"),
        "PHP lacks its PostgreSQL extensions");
    stage = Stage.set();
  }

  @AfterAll
  static void closes() {
    if (stage != null) {
      stage.close();
    }
  }

  private static App app(String... options) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Map<String, String> environment = new HashMap<>(stage.environment());
    environment.put("PHP_CLI_SERVER_WORKERS", "4");
    List<String> line = new ArrayList<>(List.of(php, "-S", "127.0.0.1:" + port));
    line.addAll(List.of(options));
    line.addAll(List.of("-t", APPS.toString()));
    return App.startAt(port, APPS, environment, line);
  }

  private static String prepend() {
    return "auto_prepend_file=" + Tool.folder().resolve("php/freshet.php");
  }

  @Test
  void eachConnectionIsNamedAfterTheTraceOfItsRequest() throws IOException {
    List<String> paths = List.of("/pdo", "/pg");
    try (App bare = app();
        App traced = app("-d", prepend())) {
      Crowd plain = Crowd.ask(bare.port(), stage.tap(), paths, 15);
      Crowd.ask(traced.port(), stage.tap(), paths, 15).isLikeButTraced(plain);
    }
  }

  @Test
  void persistentConnectionsAreOpenedAnewWhereTheSettingSaysSo() throws IOException {
    List<String> paths = List.of("/persistent");
    try (App bare = app();
        App traced = app("-d", prepend(), "-d", "pgsql.allow_persistent=0")) {
      Crowd plain = Crowd.ask(bare.port(), stage.tap(), paths, 15);
      Crowd.ask(traced.port(), stage.tap(), paths, 15).isLikeButTraced(plain);
    }
  }

  @Test
  void whatIsNoTraceparentIsNotPassedOn() throws IOException {
    try (App traced = app("-d", prepend())) {
      stage.tap().forget();
      String bad = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-zz";
      assertThat(traced.ask("/pg?n=n1", "traceparent", bad).join()).startsWith("200 ");
      assertThat(stage.tap().heard()).isNotEmpty().allMatch(h -> h.trace() == null);
    }
  }
}
