package dev.freshet.app;

import dev.freshet.assets.Lighter;
import dev.freshet.assets.SiteAudit;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet assets audit`.
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Walks through a site and says what its pages ship and what to do about it, largest",
      "gain first.",
      "",
      "  freshet assets audit http://127.0.0.1:3000",
      "  freshet assets audit http://127.0.0.1:3000 --through http://127.0.0.1:8080 \\",
      "    --report audit.html",
      "",
      "With a Chromium (the first on PATH) each page is shown as to a first visitor: what of",
      "scripts and style sheets is used, in which size pictures are shown, what holds up the",
      "first paint. Without one, what the HTML names is fetched and measured. What Freshet would",
      "spare of the largest pictures, style sheets and scripts is found by making them. It only",
      "reads, one page after the other, and leaves the site for no page.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:no page could be seen", "2:usage is wrong"})
final class AssetsAuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "URL", description = "the page to begin with")
  private String url = "";

  @Option(
      names = "--through",
      paramLabel = "URL",
      description = "where the same site is reached through Freshet, to be seen beside it")
  private @Nullable String through;

  @Option(
      names = "--pages",
      paramLabel = "N",
      description = "how many pages at most (${DEFAULT-VALUE})")
  private int pages = 20;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "write a report as a page, with pictures where there is a browser")
  private @Nullable Path report;

  @Option(
      names = "--chromium",
      paramLabel = "PATH",
      description = "use this browser (the first chromium, google-chrome on PATH)")
  private @Nullable Path chromium;

  @Option(names = "--no-browser", description = "fetch and measure only")
  private boolean isWithout;

  @Option(names = "--json", description = "print everything as JSON")
  private boolean asJson;

  @Override
  public Integer call() throws IOException, InterruptedException {
    URI site = address("URL", url);
    URI other = through == null ? null : address("--through", through);
    if (pages < 1) {
      throw new Trouble.Found(new Trouble("--pages", "is less than one", "give 1 or more"));
    }
    if (report != null) {
      ReportFile.check(report);
    }
    Path browser = isWithout ? null : Programs.chromium(chromium);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    SiteAudit.Report found =
        SiteAudit.run(
            site,
            other,
            pages,
            browser,
            new Lighter(Programs.refiner(0)),
            line -> {
              if (!asJson) {
                err.println("freshet: " + line);
                err.flush();
              }
            });
    found.failures().forEach(trouble -> err.println("freshet: " + trouble.line()));
    if (report != null) {
      ReportFile.write(report, found.html());
    }
    if (asJson) {
      out.print(found.json());
    } else {
      out.print(found.text());
    }
    out.flush();
    err.flush();
    return found.pages().isEmpty() ? 1 : 0;
  }

  private static URI address(String place, String text) {
    try {
      URI uri = URI.create(text);
      String scheme = uri.getScheme();
      boolean isWeb = "http".equals(scheme) || "https".equals(scheme);
      if (isWeb && uri.getHost() != null) {
        String path = uri.getRawPath();
        return path == null || path.isEmpty() ? uri.resolve("/") : uri;
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the same words.
    }
    throw new Trouble.Found(
        new Trouble(
            place,
            "'" + text + "' is not the address of a site",
            "write it like http://127.0.0.1:3000/"));
  }
}
