package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// As [Training], of statements: asks a gateway for some seconds what apps ask most, in each of the
/// protocol's ways, in transactions and without.
final class StatementTraining {
  /// As [TrainingDatabase] knows no users, whoever the gateway lets in.
  static final String USER = "warm";

  static final String PASSWORD = "up";

  /// After so many turns a client closes and comes again.
  private static final int PER_CONNECTION = 300;

  private static final String READ = "select id, name, price from dishes where id = ";

  private final HostPort gateway;
  private final Time time;
  private final long end;

  StatementTraining(HostPort gateway, Time time, Duration length) {
    this.gateway = gateway;
    this.time = time;
    this.end = time.nanos() + length.toNanos();
  }

  private enum Way {
    SIMPLE("&preferQueryMode=simple"),
    EXTENDED("&prepareThreshold=0"),
    PREPARED("&prepareThreshold=1");

    private final String option;

    Way(String option) {
      this.option = option;
    }
  }

  void run() throws SQLException, InterruptedException {
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (Way way : Way.values()) {
        all.add(
            clients.submit(() -> {
              asks(way);
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new SQLException("a client of the training failed", e);
    }
  }

  private boolean goesOn() {
    return time.nanos() - end < 0;
  }

  private void asks(Way way) throws SQLException {
    String url =
        "jdbc:postgresql://" + gateway + "/" + USER + "?sslmode=disable&gssEncMode=disable";
    while (goesOn()) {
      try (Connection client = DriverManager.getConnection(url + way.option, USER, PASSWORD);
          Statement plain = client.createStatement();
          PreparedStatement bound = client.prepareStatement(READ + "?");
          PreparedStatement writes =
              client.prepareStatement("update dishes set price = ? where id = ?")) {
        plain.execute("set application_name = 'training'");
        for (int i = 0; i < PER_CONNECTION && goesOn(); i++) {
          read(bound, i);
          if (i % 4 == 0) {
            // What nobody has asked before.
            plain.executeQuery(READ + i + " /* " + way + " */").close();
          }
          if (i % 8 == 0) {
            client.setAutoCommit(false);
            read(bound, i);
            writes.setInt(1, i);
            writes.setInt(2, i);
            writes.executeUpdate();
            client.commit();
            client.setAutoCommit(true);
          }
        }
      }
    }
  }

  private static void read(PreparedStatement bound, int id) throws SQLException {
    bound.setInt(1, id);
    bound.executeQuery().close();
  }
}
