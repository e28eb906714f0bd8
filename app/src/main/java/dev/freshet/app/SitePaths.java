package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a site's front page links to, for who names no paths.
final class SitePaths {
  private static final Pattern LINK = Pattern.compile("(?:href|src)=[\"'](/[^\"'#]*)[\"']");

  /// A GET that does something is asked for by nobody who was not told to.
  private static final Pattern DOES = Pattern.compile("(?i).*(log-?out|sign-?out|delete|remove).*");

  private static final int MOST = 40;

  private SitePaths() {}

  /// `/` and what it links to on the same host, in order.
  static List<String> of(HostPort site) throws InterruptedException {
    Set<String> out = new LinkedHashSet<>();
    out.add("/");
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + site + "/"))
              .timeout(Duration.ofSeconds(30))
              .build();
      Matcher links =
          LINK.matcher(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
      while (links.find() && out.size() < MOST) {
        String path = links.group(1).replace("&amp;", "&");
        if (!path.startsWith("//") && !path.contains(" ") && !DOES.matcher(path).matches()) {
          out.add(path);
        }
      }
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              "--origin " + site,
              "it does not answer (" + e.getMessage() + ")",
              "start the app, or correct the flag"));
    }
    return new ArrayList<>(out);
  }
}
