package dev.freshet.app;

import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The flags that say what to run; they win over the file.
final class SettingsFlags {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "configuration; ./freshet.yaml is read where there is one")
  private @Nullable Path config;

  @Option(
      names = {"-o", "--origin"},
      paramLabel = "URL",
      description = "where the app listens, like http://127.0.0.1:3000; may be given several times")
  private List<String> origins = new ArrayList<>();

  @Option(
      names = {"-l", "--listen"},
      paramLabel = "HOST:PORT",
      description = "where clients connect (0.0.0.0:8080)")
  private @Nullable String listen;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description = "console, metrics, purge (127.0.0.1:8090); beyond loopback it needs a token")
  private @Nullable String admin;

  @Option(names = "--token", description = "what the admin API demands; better: FRESHET_TOKEN")
  private @Nullable String token;

  @Option(
      names = "--redis",
      paramLabel = "URL",
      description = "a second tier that survives restarts, like redis://127.0.0.1:6379")
  private @Nullable String redis;

  @Option(
      names = {"-m", "--memory"},
      paramLabel = "SIZE",
      description = "how much the cache may hold in memory (256MB)")
  private @Nullable String memory;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description = "PEM chain; turns on TLS and HTTP/2")
  private @Nullable String tlsCertificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM private key")
  private @Nullable String tlsKey;

  @Option(
      names = {"-d", "--database"},
      paramLabel = "URL",
      description = {
        "opens the PostgreSQL gateway on 127.0.0.1:6432 to this server,",
        "like postgresql://app:secret@127.0.0.1:5432/shop"
      })
  private @Nullable String database;

  /// As picocli does it, for [PlainWords].
  ///
  /// @param flag by its long name
  /// @return false where there is no such flag here
  boolean set(String flag, String value) {
    switch (flag) {
      case "--config" -> config = Path.of(value);
      case "--origin" -> origins.add(value);
      case "--listen" -> listen = value;
      case "--admin" -> admin = value;
      case "--token" -> token = value;
      case "--redis" -> redis = value;
      case "--memory" -> memory = value;
      case "--tls-certificate" -> tlsCertificate = value;
      case "--tls-key" -> tlsKey = value;
      case "--database" -> database = value;
      default -> {
        return false;
      }
    }
    return true;
  }

  /// Reads file and environment anew; throws [Trouble.Found].
  Settings read() {
    Path file = config != null ? config : Path.of("freshet.yaml");
    String text = "";
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      if (config != null) {
        throw new Trouble.Found(
            new Trouble(file.toString(), "there is no such file", "correct --config"));
      }
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              file.toString(), "it can't be read (" + e.getMessage() + ")", "correct its rights"));
    }
    String secret = token != null ? token : System.getenv("FRESHET_TOKEN");
    return SettingsReader.read(
        file.getFileName() == null ? file.toString() : file.getFileName().toString(),
        text,
        new SettingsReader.Flags(
            listen, origins, admin, secret, redis, memory, tlsCertificate, tlsKey, database),
        System::getenv);
  }
}
