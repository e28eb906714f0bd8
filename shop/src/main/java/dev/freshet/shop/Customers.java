package dev.freshet.shop;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;

/// Who may log in.
final class Customers {
  /// Everybody's password; the login page says so, since this is a demo.
  static final String DEMO_PASSWORD = "letmein";

  private static final String COLUMNS =
      "SELECT id, email, name, street, city, role, salt, password_hash FROM customers WHERE ";

  record Customer(int id, String email, String name, String street, String city, boolean admin) {

    String firstName() {
      int blank = name.indexOf(' ');
      return blank < 0 ? name : name.substring(0, blank);
    }
  }

  private record Known(Customer customer, String salt, String hash) {}

  private final Link link;

  Customers(Link link) {
    this.link = link;
  }

  Optional<Customer> find(int id) {
    return link.one(Customers::known, COLUMNS + "id = ?", id).map(Known::customer);
  }

  /// The customer when address and password fit, else empty; reads every customer there is.
  Optional<Customer> enter(String email, String password) {
    return link.one(Customers::known, COLUMNS + "email = ?", email)
        .filter(known ->
            MessageDigest.isEqual(
                hash(known.salt(), password).getBytes(StandardCharsets.UTF_8),
                known.hash().getBytes(StandardCharsets.UTF_8)))
        .map(Known::customer);
  }

  /// A salted SHA-256: quick to seed 50,000 demo customers with, too quick for real ones.
  static String hash(String salt, String password) {
    try {
      byte[] bytes = (salt + ":" + password).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static Known known(ResultSet row) throws SQLException {
    Customer customer =
        new Customer(
            row.getInt(1),
            row.getString(2),
            row.getString(3),
            row.getString(4),
            row.getString(5),
            row.getString(6).equals("admin"));
    return new Known(customer, row.getString(7), row.getString(8));
  }
}
