package dev.freshet.shop;

import dev.freshet.shop.Customers.Customer;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Who sends a request: a session, and a customer once logged in.
///
/// @param session the value of the cookie [#COOKIE]
/// @param customer absent for a guest
record Visitor(String session, @Nullable Customer customer) {
  static final String COOKIE = "SHOPSESSION";
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
  private static final SecureRandom CHANCE = new SecureRandom();

  /// Looks the session up, or writes a new one: also for a guest who only reads.
  static Visitor of(@Nullable String cookie, Link link) {
    if (cookie != null && ID.matcher(cookie).matches()) {
      var found =
          link.list(row -> row.getInt(1), "SELECT customer_id FROM sessions WHERE id = ?", cookie);
      if (!found.isEmpty()) {
        int customer = found.getFirst();
        return new Visitor(
            cookie, customer == 0 ? null : new Customers(link).find(customer).orElse(null));
      }
    }
    return fresh(link, null);
  }

  /// A new session for somebody who just proved who he is; takes the old cart along and ends the
  /// old session.
  static Visitor enter(Visitor guest, Customer customer, Link link) {
    return link.together(() -> {
      Visitor visitor = fresh(link, customer);
      link.write(
          "UPDATE cart_items SET session_id = ? WHERE session_id = ?",
          visitor.session(),
          guest.session());
      link.write("DELETE FROM sessions WHERE id = ?", guest.session());
      return visitor;
    });
  }

  /// A session for a guest again.
  Visitor leave(Link link) {
    link.write("DELETE FROM sessions WHERE id = ?", session);
    return fresh(link, null);
  }

  /// Whether a cookie could be one of ours; static files look no further.
  static boolean plausible(String cookie) {
    return ID.matcher(cookie).matches();
  }

  private static Visitor fresh(Link link, @Nullable Customer customer) {
    byte[] bytes = new byte[16];
    CHANCE.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    if (customer == null) {
      link.write("INSERT INTO sessions (id) VALUES (?)", id);
    } else {
      link.write("INSERT INTO sessions (id, customer_id) VALUES (?, ?)", id, customer.id());
    }
    return new Visitor(id, customer);
  }
}
