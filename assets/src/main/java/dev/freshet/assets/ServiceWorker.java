package dev.freshet.assets;

import dev.freshet.http.Fields;
import dev.freshet.http.OwnResource;
import dev.freshet.http.OwnText;
import dev.freshet.http.OwnText.Text;
import dev.freshet.http.RequestHead;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// The worker that browsers run for the site: its script, the script that registers it, the list of
/// assets it goes by, and the page it shows offline.
///
/// Turned off, each of them says so in its own way, so that a browser that has a worker loses it
/// with the next page whichever it asks for: the script is one that removes itself, what registers
/// it removes it instead, and the list is gone.
public final class ServiceWorker {
  /// What is listed stays good for at least so long: a worker goes by the list for that long.
  public static final Duration VOUCHED = Duration.ofSeconds(30);

  /// What is put into pages.
  static final String LINE = "<script src=\"/.freshet/register.js\" async></script>";

  private static final String SCRIPT = "/.freshet/sw.js";
  private static final String REGISTER = "/.freshet/register.js";
  private static final String LIST = "/.freshet/sw-manifest.json";
  private static final String JAVASCRIPT = "text/javascript; charset=utf-8";
  private static final int VERSION_OCTETS = 6;

  private final AssetList assets = new AssetList();
  private final BooleanSupplier switchedOn;
  private final String script = read("sw.js");
  private final String scriptOff = read("sw-off.js");
  private final String register = read("register.js");
  private final String registerOff = read("register-off.js");
  private final String offline = read("offline.html");
  private volatile WorkerConfig config;

  /// @param switchedOn false turns it off whatever the configuration says
  public ServiceWorker(WorkerConfig config, BooleanSupplier switchedOn) {
    this.config = config;
    this.switchedOn = switchedOn;
  }

  private static String read(String name) {
    try (InputStream in = ServiceWorker.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Goes by another configuration from now on.
  public void reload(WorkerConfig told) {
    config = told;
  }

  /// Whether browsers should have it.
  public boolean isOn() {
    return config.isOn() && switchedOn.getAsBoolean();
  }

  /// Something that everybody may have was stored.
  ///
  /// @param key its absolute URL
  public void seen(String key, Fields response, byte[][] content) {
    if (isOn()) {
      assets.seen(key, response, content);
    }
  }

  /// Assets that were seen.
  public int known() {
    return assets.size();
  }

  /// What it consists of, by path.
  ///
  /// @param held whether an asset that was seen is there still, by its key
  public Map<String, OwnResource> resources(Function<String, Held> held) {
    return Map.of(
        SCRIPT,
        new OwnText(head -> script()),
        REGISTER,
        new OwnText(head -> register()),
        LIST,
        new OwnText(head -> list(head, held)),
        WorkerConfig.OFFLINE,
        new OwnText(head -> Text.of("text/html; charset=utf-8", "no-cache", offline)));
  }

  /// Browsers ask for it again by themselves, and never out of their caches.
  private Text script() {
    String text = isOn() ? settings() + script : scriptOff;
    return Text.of(JAVASCRIPT, "no-cache", text).with("Service-Worker-Allowed", "/");
  }

  /// The version is a digest of all that the script is made of: another script, other caches.
  private String settings() {
    WorkerConfig told = config;
    String rest =
        "\"offline\":\"%s\",\"entries\":%d,\"octets\":%d"
            .formatted(quotable(told.offline()), told.maxEntries(), told.maxSize().bytes());
    return "const FRESHET = {\"version\":\"" + version(rest + script) + "\"," + rest + "};\n";
  }

  private static String quotable(String path) {
    return path.replace("\\", "%5C").replace("\"", "%22");
  }

  private static String version(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] all = digest.digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(Arrays.copyOf(all, VERSION_OCTETS));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private Text register() {
    return Text.of(JAVASCRIPT, "public, max-age=300", isOn() ? register : registerOff);
  }

  private Text list(RequestHead head, Function<String, Held> held) {
    if (!isOn()) {
      return Text.missing(410, "The site does without a service worker.");
    }
    String site = head.scheme() + "://" + head.authority();
    return Text.of("application/json", "no-cache", assets.json(site, config, held));
  }
}
