package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RedisServer;
import dev.freshet.testkit.SelfSigned;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A Redis that does not let everybody in.
class RedisLoginTest {
  @TempDir private static Path folder;
  private static SelfSigned keys;

  @BeforeAll
  static void makeKeys() {
    keys = SelfSigned.in(folder);
  }

  @BeforeEach
  void assumeRedis() {
    Assumptions.assumeTrue(
        RedisServer.program().isPresent(), "skipped: there is no redis-server on the PATH");
  }

  /// True when what one program stores there, another finds.
  private static void assertShared(SecondTierConfig config) {
    try (Node one = Node.up(config);
        Node two = Node.up(config)) {
      one.settle("k", "text", "g");
      assertThat(two.second("k")).isEqualTo("text");
      one.cache.purge(new Purge.Group("g", false));
      Node.await(() -> two.heap("k") == null, "the purge");
    }
  }

  private static String saidOf(SecondTierConfig config) {
    SecondTierProbe probe = SecondTierProbe.of(config);
    assertThat(probe.isReachable()).isEqualTo(probe.said().isEmpty());
    return probe.said();
  }

  @Test
  void logsInWithAPassword() {
    try (RedisServer redis = RedisServer.start("--requirepass", "s3cret/@")) {
      assertShared(Node.config(redis.url(":s3cret%2F%40"), null));
      assertThat(saidOf(Node.config(redis.url(":s3cret%2F%40"), null))).isEmpty();
      assertThat(saidOf(Node.config(redis.url(":other"), null))).contains("WRONGPASS");
      assertThat(saidOf(Node.config(redis.url(), null))).contains("NOAUTH");
    }
  }

  @Test
  void comesUpWhenItsUserIsLetInAtLast() {
    try (RedisServer redis = RedisServer.start();
        Node node = Node.of(Node.config(redis.url("web:pw"), null))) {
      assertThat(saidOf(Node.config(redis.url("web:pw"), null))).contains("WRONGPASS");
      node.put("k", "text");
      assertThat(node.second("k")).isNull();
      assertThat(node.heap("k")).isEqualTo("text");
      assertThat(node.cache.stats().second()).isEqualTo("down");
      assertThat(redis.command("ACL", "SETUSER", "web", "on", ">pw", "~*", "&*", "+@all"))
          .startsWith("+OK");
      node.awaitState("up");
      assertShared(Node.config(redis.url("web:pw"), null));
    }
  }

  @Test
  void speaksTlsWithAServerSignedByAnAuthorityInTheFile() {
    try (RedisServer redis = RedisServer.startWithTls(keys)) {
      assertShared(Node.config(redis.url(), keys.certificate()));
      assertThat(saidOf(Node.config(redis.url(), keys.certificate()))).isEmpty();
    }
  }

  @Test
  void doesNotTrustAServerThatNobodyKnows() throws Exception {
    SelfSigned others = SelfSigned.in(Files.createDirectory(folder.resolve("others")));
    try (RedisServer redis = RedisServer.startWithTls(keys)) {
      assertThat(saidOf(Node.config(redis.url(), null))).contains("unable to find valid cert");
      assertThat(saidOf(Node.config(redis.url(), others.certificate()))).isNotEmpty();
    }
  }

  @Test
  void saysThatTheFileOfAuthoritiesCannotBeRead() {
    assertThat(saidOf(Node.config("rediss://127.0.0.1:1", folder.resolve("none.pem"))))
        .contains("none.pem: can't be read");
  }

  @Test
  void keepsThePasswordToItself() {
    assertThat(Node.config("redis://web:secret@cache.test:6379/1", null))
        .hasToString("redis://cache.test:6379/1");
  }
}
