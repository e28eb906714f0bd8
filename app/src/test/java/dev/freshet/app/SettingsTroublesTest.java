package dev.freshet.app;

import static dev.freshet.app.Reading.ORIGIN;
import static dev.freshet.app.Reading.read;
import static dev.freshet.app.Reading.troubles;
import static dev.freshet.app.Reading.troublesOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said about a configuration that is wrong: where, what, and the way out.
class SettingsTroublesTest {

  @Test
  void showsAllMistakesAtOnceEachWithItsLine() {
    String text =
        """
        listen: 127.0.0.1:http
        origin:
          urls: [http://127.0.0.1:3000, nonsense]
          connections: none
          all-down: panic
          colour: red
          check: { every: 2s }
        cache: { memory: much }
        compresion: off
        routes:
          - ttl: 5m
            cache: maybe
          - match: /a
            share: everybody
            ttl: soon
        limits: { fields: 2, colour: red }
        token: ${SECRET}
        """;
    assertThat(troubles(text))
        .containsExactlyInAnyOrder(
            "freshet.yaml:17: the environment has no SECRET;"
                + " set it, or write ${SECRET:-otherwise}",
            "freshet.yaml:1 listen: '127.0.0.1:http' is not an address;"
                + " write it like 127.0.0.1:8080; correct the value",
            "freshet.yaml:3 origin.urls: 'nonsense' is not an origin;"
                + " write it like http://127.0.0.1:3000; correct the value",
            "freshet.yaml:4 origin.connections: 'none' is not a whole number; correct the value",
            "freshet.yaml:5 origin.all-down: 'panic' is not one of try, refuse;"
                + " correct the value",
            "freshet.yaml:6 origin.colour: is not a key; known here: urls, protocol, host-header,"
                + " connections, waiting, idle-timeout, max-age, connect-timeout,"
                + " connection-wait, response-timeout, content-timeout, tunnel-timeout, tries,"
                + " queue-wait, concurrency, queue-ahead, failures, all-down, check, tls",
            "freshet.yaml:7 origin.check.path: is missing;"
                + " say what to ask for, like `path: /health`",
            "freshet.yaml:8 cache.memory: 'much' is not a size; write it like 256MB;"
                + " correct the value",
            "freshet.yaml:9 compresion: is not a key; did you mean `compression`?",
            "freshet.yaml:11 routes[0].match: is missing;"
                + " say which paths the rule is for, like `match: /api/**`",
            "freshet.yaml:12 routes[0].cache: 'maybe' is not on, off or rows;"
                + " write on, off or rows",
            "freshet.yaml:14 routes[1].share: 'everybody' is not one of by-response, public,"
                + " by-user; correct the value",
            "freshet.yaml:15 routes[1].ttl: 'soon' is not a duration; write it like 30s;"
                + " correct the value",
            "freshet.yaml:16 limits.fields: must be at least 8; correct the value",
            "freshet.yaml:16 limits.colour: is not a key; known here: head, target, connections,"
                + " fields, content, head-timeout, idle-timeout, content-timeout, content-rate,"
                + " write-timeout, streams");
  }

  @Test
  void saysThatTheOriginIsMissingAndBothWaysToNameIt() {
    String missing =
        "origin: the app's address is missing; say it with --origin http://127.0.0.1:3000 or"
            + " `origin:` in freshet.yaml";
    for (String text : List.of("", "origin:\n", "origin: []", "origin: {tries: 2}", "{}", "null")) {
      assertThat(troubles(text)).as(text).containsExactly(missing);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          origins: x                                    | origins | origin
          liste: x                                      | liste | listen
          rout: x                                       | rout | routes
          trust_forwarded: on                           | trust_forwarded | trust-forwarded
          cache: {memroy: 5MB}                          | cache.memroy | memory
          store: {coalesc: on}                          | store.coalesc | coalesce
          compression: {treads: 1}                      | compression.treads | threads
          limits: {heads: 5KB}                          | limits.heads | head
          redis: {url: 'redis://a', budjet: 1ms}        | redis.budjet | budget
          tls: {certificat: a}                          | tls.certificat | certificate
          routes: [{match: /, tlt: 5m}]                 | routes[0].tlt | ttl
          routes: [{match: /, stale-if-eror: 5m}]       | routes[0].stale-if-eror | stale-if-error
          """)
  void namesTheNearestKnownKey(String line, String place, String meant) {
    assertThat(troublesOf(line))
        .containsExactly(
            "freshet.yaml:2 %s: is not a key; did you mean `%s`?".formatted(place, meant));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          check: {path: /, evry: 2s}   | origin.check.evry | every
          tls: {verifi: on}            | origin.tls.verifi | verify
          tris: 3                      | origin.tris | tries
          """)
  void namesTheNearestKnownKeyOfAnOrigin(String line, String place, String meant) {
    assertThat(troubles("origin:\n  urls: http://a:1\n  " + line))
        .containsExactly(
            "freshet.yaml:3 %s: is not a key; did you mean `%s`?".formatted(place, meant));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          listen: [a, b]                     | listen: takes one value
          listen: {host: a}                  | listen: takes one value
          listen: 8080                       | listen: '8080' is not an address; write it like 127
          admin: '127.0.0.1:99999'           | admin: port 99999 is not between 0 and 65535
          loops: two                         | loops: 'two' is not a whole number
          loops: -1                          | loops: must be at least 0
          loops: 99999999999                 | loops: '99999999999' is not a whole number
          trust-forwarded: maybe             | trust-forwarded: 'maybe' is not on or off
          cache: 256MB                       | cache: is not a group of keys
          cache: {memory: 1KB}               | cache.memory: a cache under 1MB keeps nothing
          cache: {memory: 99999999999999TB}  | cache.memory: '99999999999999TB' is too large
          cache: {variants: 0}               | cache.variants: must be at least 1
          store: on                          | store: is not a group of keys
          store: {max-entry: -1}             | store.max-entry: '-1' is not a size
          store: {bridge: 9999d}             | store.bridge: '9999d' is more than ten years
          compression: strong                | compression: 'strong' is not on or off
          compression: {min: 3GB}            | compression.min: must be less than 2GB
          compression: {threads: 0}          | compression.threads: must be at least 1
          limits: {head: 4GB}                | limits.head: must be less than 2GB
          limits: {head: 1000}               | limits.head: must be at least 1KB
          limits: {head: 1KB, target: 2KB}   | limits.target: is more than `head`
          limits: {head-timeout: 0s}         | limits.head-timeout: must be longer than nothing
          limits: {streams: 0}               | limits.streams: must be at least 1
          limits: [1]                        | limits: is not a group of keys
          routes: /api                       | routes: takes a list
          routes: {match: /}                 | routes: takes a list
          routes: [/api]                     | routes[0]: is not a group of keys
          routes: [{match: api}]             | routes[0].match: match must begin with '/': api
          routes: [{match: [/a, /b]}]        | routes[0].match: takes one value
          session-cookies: {a: b}            | session-cookies: takes a list of values
          session-cookies: [[a]]             | session-cookies: takes plain values
          redis: nonsense                    | redis: this is not a Redis URL
          redis: http://127.0.0.1:6379       | redis: this is not a Redis URL
          redis: 'redis://a b'               | redis: this is not a Redis URL
          redis: {budget: 5ms}               | redis.url: is missing
          redis: {url: redis://a, budget: 0s}| redis.budget: must be longer than nothing
          tls: {key: a.pem}                  | tls: certificate and key go together
          tls: on                            | tls: is not a group of keys
          """)
  void saysWhatAKeyTakes(String line, String said) {
    assertThat(troublesOf(line).getFirst()).startsWith("freshet.yaml:2 " + said).contains("; ");
    assertThat(troublesOf(line).stream().filter(t -> t.startsWith("freshet.yaml:2 " + said)))
        .as("said once")
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          connections: 0              | connections: must be at least 1
          tries: 0                    | tries: must be at least 1
          idle-timeout: 11m           | idle-timeout: is longer than max-age; shorten it
          response-timeout: 0s        | response-timeout: must be longer than nothing
          check: {path: health}       | check.path: 'health' is not a path; begin it with a slash
          check: /health              | check: is not a group of keys
          protocol: http3             | protocol: 'http3' is not one of auto, http1, h2
          host-header: app.example    | host-header: 'app.example' is not one of client, origin
          """)
  void saysWhatAnOriginsKeyTakes(String line, String said) {
    List<String> troubles = troubles("origin:\n  urls: http://a:1\n  " + line);
    assertThat(troubles).hasSize(1);
    assertThat(troubles.getFirst()).startsWith("freshet.yaml:3 origin." + said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:3000", "ftp://a", "http://", "http://a/path", "http://a:b"})
  void showsHowAnOriginIsWritten(String url) {
    assertThat(troubles("\norigin: " + url)).hasSize(1);
    assertThat(troubles("\norigin: " + url).getFirst()).startsWith("freshet.yaml:2 origin: ");
    assertThat(troubles("origin:\n  - http://a:1\n  - " + url).getFirst())
        .startsWith("freshet.yaml:3 origin: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {match: /, cache: rows, share: by-response}            | share | by-user or public
          {match: /, paginate: { size: 0 }}                      | paginate.size | at least 1
          {match: /, paginate: { size: 50, max-size: 20 }}       | paginate | size the smaller
          {match: /, paginate: { path: items }}                  | paginate | begin with a slash
          {match: /, paginate: { limit: n, cursor: n }}          | paginate | names of their own
          {match: /, paginate: { sizes: 5 }}                     | paginate.sizes | `size`
          {match: /, cache: rows, stale-while-revalidate: 1s}    | stale-while-revalidate | never stale
          {match: /, cache: rows, stale-if-error: 1s}            | stale-if-error | never stale
          {match: /, cache: on, depends: [a]}                    | depends | leave `cache` out
          """)
  void saysWhatIsWrongWithARoute(String route, String key, String said) {
    List<String> troubles = troublesOf("database: postgresql://a:b@c/d\nroutes: [" + route + "]");
    assertThat(troubles).hasSize(1);
    assertThat(troubles.getFirst()).contains("routes[0]." + key + ": ").contains(said);
  }

  @Test
  void rowsNeedADatabase() {
    assertThat(troublesOf("routes: [{match: /, depends: [a]}]"))
        .singleElement()
        .asString()
        .contains("needs the database", "database: postgresql://");
  }

  @Test
  void refusesAKeyThatStandsTwice() {
    assertThat(troubles(ORIGIN + "loops: 1\n" + ORIGIN + "loops: 2\n"))
        .containsExactly(
            "freshet.yaml:3 origin: stands twice; keep one of them",
            "freshet.yaml:4 loops: stands twice; keep one of them");
    assertThat(troublesOf("routes:\n  - match: /a\n    ttl: 1s\n    ttl: 2s\n"))
        .containsExactly("freshet.yaml:5 routes[0].ttl: stands twice; keep one of them");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'listen: [a'           | freshet.yaml:2: this is not YAML (
          ' listen: a: b'        | freshet.yaml:2: this is not YAML (
          'listen: "a'           | freshet.yaml:2: this is not YAML (
          '\tlisten: a'          | freshet.yaml:2: this is not YAML (
          'listen: *nobody'      | freshet.yaml:2: this is not YAML (
          """)
  void saysWhereItIsNoYaml(String line, String said) {
    List<String> troubles = troublesOf(line.replace("\\t", "\t"));
    assertThat(troubles.getFirst()).startsWith(said).contains("check the indentation");
  }

  @Test
  void saysNothingIsMissingWhereItCouldNotBeRead() {
    assertThat(troublesOf("listen 8080").size()).isEqualTo(1);
    assertThat(troubles("origin: ${FRESHET_NOBODY_SETS_THIS}\n"))
        .containsExactly(
            "freshet.yaml:1: the environment has no FRESHET_NOBODY_SETS_THIS; set it, or write"
                + " ${FRESHET_NOBODY_SETS_THIS:-otherwise}");
  }

  @Test
  void refusesItselfAsItsApp() {
    assertThat(troubles("origin: http://localhost:8080"))
        .containsExactly(
            "origin http://localhost:8080: Freshet itself is to listen there; name the app's own"
                + " address, or another for Freshet with --listen");
    assertThat(troubles("listen: 10.0.0.7:80\norigin: http://10.0.0.7").size()).isEqualTo(1);
    assertThat(troubles("listen: localhost:80\norigin: http://[::1]").size()).isEqualTo(1);
    for (String listen :
        List.of(
            "127.0.0.1:0", "127.0.0.1:8081", "10.0.0.7:8080", "127.0.0.2:8080", "'[::1]:8080'")) {
      Settings read = read("listen: " + listen + "\norigin: http://127.0.0.1:8080");
      assertThat(read.edge().origin().origins()).hasSize(1);
    }
  }

  @Test
  void refusesWhatIsNoTextWithoutAStackTrace() {
    assertThat(troublesOf("listen: \u0001").getFirst())
        .startsWith("freshet.yaml: this is not YAML (");
    assertThat(troublesOf("routes: " + "[".repeat(200) + "]".repeat(200)).getFirst())
        .startsWith("freshet.yaml: this is not YAML (");
  }

  @Test
  void refusesAFileThatIsAListOrOneWord() {
    assertThat(troubles("- a\n- b\n").getFirst())
        .isEqualTo("freshet.yaml:1: is not a group of keys; write `key: value` lines here");
    assertThat(troubles("hello").getFirst())
        .isEqualTo("freshet.yaml:1: is not a group of keys; write `key: value` lines here");
  }

  @Test
  void refusesAKeyThatIsNoWord() {
    assertThat(troublesOf("? [a, b]\n: c\n"))
        .containsExactly(
            "freshet.yaml:2: a list or a group can't be a key; write `key: value` lines here");
  }

  @Test
  void demandsATokenForAnAdminAddressBeyondLoopback() {
    String said =
        "admin: an admin address beyond loopback needs a token of 16 characters or more;"
            + " set `token: ${FRESHET_TOKEN}`, or listen on 127.0.0.1";
    for (String address : List.of("0.0.0.0:8090", "':8090'", "10.0.0.1", "127.example.com:1")) {
      assertThat(troublesOf("admin: " + address)).containsExactly("freshet.yaml:2 " + said);
      assertThat(troublesOf("admin: " + address + "\ntoken: too-short"))
          .containsExactly("freshet.yaml:2 " + said);
    }
    for (String address : List.of("127.0.0.1", "127.8.8.8:1", "localhost:1", "'[::1]:1'")) {
      assertThat(Reading.read(ORIGIN + "admin: " + address).token()).isNull();
    }
  }

  @Test
  void refusesCookiesThatTellUsersApartWhereUsersAreNot() {
    for (String share : List.of("", ", share: public", ", ttl: 5m", ", share: by-response")) {
      assertThat(troublesOf("routes: [{match: /, user-cookies: [sid]" + share + "}]"))
          .as(share)
          .containsExactly(
              "freshet.yaml:2 routes[0].user-cookies: counts only with share: by-user;"
                  + " add `share: by-user`");
    }
  }

  @Test
  void namesTheFlagThatIsWrong() {
    SettingsReader.Flags flags =
        new SettingsReader.Flags(
            "8080", List.of("app"), "a:b", null, "redis", "1KB", "chain.pem", null, null);
    assertThat(troublesOf("listen: 99999"))
        .containsExactly(
            "freshet.yaml:2 listen: '99999' is not an address; write it like 127.0.0.1:8080;"
                + " correct the value");
    assertThat(troubles(ORIGIN, flags))
        .containsExactlyInAnyOrder(
            "--listen: '8080' is not an address; write it like 127.0.0.1:8080; correct the flag",
            "--admin: 'a:b' is not an address; write it like 127.0.0.1:8080; correct the flag",
            "freshet.yaml tls: certificate and key go together; give both PEM files",
            "--origin: 'app' is not an origin; write it like http://127.0.0.1:3000;"
                + " correct the address",
            "--memory: a cache under 1MB keeps nothing: 1KB; correct the flag",
            "--redis: this is not a Redis URL; write it like redis://127.0.0.1:6379, special"
                + " characters of a password percent-encoded; correct the flag");
  }

  @Test
  void neverRepeatsAPassword() {
    assertThat(troublesOf("redis: redis://:hunter2 @host").toString()).doesNotContain("hunter2");
    assertThat(troublesOf("redis: http://:hunter2@host").toString()).doesNotContain("hunter2");
  }
}
