package dev.freshet.cache;

import dev.freshet.base.Trouble;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The connections to Redis: one for commands, which refuses them while it is broken instead of
/// queueing them, and one on which the purge log is awaited.
final class RedisLink implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final byte[][] NO_KEYS = new byte[0][];
  private final ClientResources resources;
  private final RedisClient client;
  private volatile @Nullable StatefulRedisConnection<byte[], byte[]> commands;
  private volatile @Nullable StatefulRedisConnection<byte[], byte[]> log;

  RedisLink(SecondTierConfig config) {
    RedisURI uri;
    try {
      uri = RedisURI.create(config.url());
    } catch (IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble(
              "redis",
              "its address can't be read: " + e.getMessage(),
              "write it like redis://:password@host:6379/0, or rediss:// for TLS"));
    }
    uri.setTimeout(PATIENCE);
    SslOptions tls = tls(config.authorities());
    resources =
        DefaultClientResources.builder()
            .ioThreadPoolSize(2)
            .computationThreadPoolSize(2)
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .reconnectDelay(Delay.constant(Duration.ofMillis(250)))
            .build();
    client = RedisClient.create(resources, uri);
    client.setOptions(
        ClientOptions.builder()
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .requestQueueSize(2 * config.maxPending())
            .timeoutOptions(TimeoutOptions.enabled(PATIENCE))
            .socketOptions(SocketOptions.builder().connectTimeout(PATIENCE).keepAlive(true).build())
            .sslOptions(tls)
            .build());
  }

  /// Names and certificates are checked, whoever signed them.
  private static SslOptions tls(@Nullable Path authorities) {
    SslOptions.Builder out = SslOptions.builder().jdkSslProvider();
    if (authorities == null) {
      return out.build();
    }
    if (!Files.isReadable(authorities)) {
      throw new Trouble.Found(
          new Trouble(
              "redis.authorities " + authorities,
              "can't be read",
              "name a readable file with PEM certificates"));
    }
    return out.trustManager(authorities.toFile()).build();
  }

  boolean isUp() {
    StatefulRedisConnection<byte[], byte[]> to = commands;
    return to != null && to.isOpen();
  }

  /// Connects unless connected; afterwards the connection mends itself. Blocks.
  ///
  /// @throws io.lettuce.core.RedisException when that fails
  void connect() {
    if (commands == null) {
      commands = client.connect(ByteArrayCodec.INSTANCE);
    }
  }

  /// The connection for the log, made when there is none. Blocks.
  StatefulRedisConnection<byte[], byte[]> log() {
    StatefulRedisConnection<byte[], byte[]> to = log;
    if (to == null) {
      to = client.connect(ByteArrayCodec.INSTANCE);
      log = to;
    }
    return to;
  }

  /// Never throws: fails the future.
  CompletableFuture<List<Object>> run(String script, byte[]... arguments) {
    return ask(to -> to.eval(script, ScriptOutputType.MULTI, NO_KEYS, arguments));
  }

  /// Never throws: fails the future.
  CompletableFuture<String> set(byte[] key, byte[] value, long millis) {
    return ask(to -> to.set(key, value, SetArgs.Builder.px(millis)));
  }

  /// Never throws: fails the future.
  CompletableFuture<Long> unlink(byte[] key) {
    return ask(to -> to.unlink(key));
  }

  private <T> CompletableFuture<T> ask(
      Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
    StatefulRedisConnection<byte[], byte[]> to = commands;
    if (to == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("not connected"));
    }
    try {
      return command.apply(to.async()).toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] octets(long number) {
    return octets(Long.toString(number));
  }

  static String text(Object said) {
    return new String((byte[]) said, StandardCharsets.UTF_8);
  }

  /// A script's number: a sorted set's scores come as decimal text.
  static long number(Object said) {
    return said instanceof byte[] text
        ? (long) Double.parseDouble(new String(text, StandardCharsets.US_ASCII))
        : (Long) said;
  }

  @Override
  public void close() {
    client.shutdown(0, 500, TimeUnit.MILLISECONDS);
    resources.shutdown(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(1_000);
  }
}
