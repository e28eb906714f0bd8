package dev.freshet.jdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// `jdbc:freshet:postgresql://…`: the driver behind `jdbc:postgresql://…`, whose statements carry
/// the trace of the request.
public final class FreshetDriver implements Driver {
  private static final String OURS = "jdbc:freshet:";

  static {
    try {
      DriverManager.registerDriver(new FreshetDriver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public boolean acceptsURL(@Nullable String url) {
    return url != null && url.startsWith(OURS + "postgresql:");
  }

  @Override
  public @Nullable Connection connect(@Nullable String url, Properties info) throws SQLException {
    if (url == null || !acceptsURL(url)) {
      return null;
    }
    String theirs = theirs(url);
    Connection made = DriverManager.getDriver(theirs).connect(theirs, info);
    return made == null ? null : ConnectionCalls.around(made);
  }

  private static String theirs(String url) {
    return "jdbc:" + url.substring(OURS.length());
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) throws SQLException {
    String theirs = theirs(url);
    return DriverManager.getDriver(theirs).getPropertyInfo(theirs, info);
  }

  @Override
  public int getMajorVersion() {
    return 0;
  }

  @Override
  public int getMinorVersion() {
    return 1;
  }

  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger("dev.freshet.jdbc");
  }
}
