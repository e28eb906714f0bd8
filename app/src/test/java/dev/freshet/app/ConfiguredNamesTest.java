package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet check` finds tables and columns that rules name and the database does not have.
@Timeout(120)
class ConfiguredNamesTest {
  @TempDir private Path folder;

  @Test
  void whatARuleNamesAndIsNotThereIsSaidWithWhatThereIs() throws IOException, SQLException {
    try (PlainApp app = new PlainApp();
        EmbeddedPostgres server = EmbeddedPostgres.start()) {
      try (Connection owner = server.getPostgresDatabase().getConnection();
          Statement make = owner.createStatement()) {
        make.execute("create table products (id int primary key, name text, stock int)");
        make.execute("create table sessions (id int primary key)");
        make.execute("create schema old create table sessions (id int)");
        make.execute("create table news (id int primary key)");
      }
      app.page("/", "a", "Cache-Control: max-age=60");
      String rules =
          """
          origin: %s
          database: postgresql://postgres:x@127.0.0.1:%d/postgres?sslmode=disable
          rows: { visitor-tables: [public.sessions, sessions] }
          routes:
            - { match: /news, cache: rows, depends: [news, gone] }
            - { match: /list, cache: rows, unshown: [products.stock, products.stok] }
            - { match: /of/*, cache: rows, unshown-beside: [product.stock] }
          """
              .formatted(app.url(), server.getPort());
      Path file = Files.writeString(folder.resolve("freshet.yaml"), rules);
      Shell check = Shell.run("check", "--config", file.toString(), "/");
      assertThat(check.out().lines().filter(line -> line.contains("there is no")))
          .containsExactly(
              "FAIL rows: visitor-tables: there is no table 'sessions', or more than one",
              "FAIL route /news: depends: there is no table 'gone', or more than one",
              "FAIL route /list: unshown: there is no column 'products.stok'",
              "FAIL route /of/*: unshown-beside: there is no table 'product', or more than one");
      assertThat(check.out()).contains("correct it; products has id, name, stock");
      assertThat(check.code()).isEqualTo(1);
    }
  }
}
