package dev.freshet.shop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.shop.Customers.Customer;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;

/// One request as pages and API see it: read, authenticated, with its own connection.
final class Request {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String target;
  private final Map<String, String> query;
  private final MatchResult path;
  private final byte[] body;
  private final Visitor visitor;
  private final Link link;

  /// @param target path and query as they came
  /// @param path the match of the route's pattern
  Request(String target, MatchResult path, byte[] body, Visitor visitor, Link link) {
    this.target = target;
    this.path = path;
    this.body = body;
    this.visitor = visitor;
    this.link = link;
    int mark = target.indexOf('?');
    this.query = pairs(mark < 0 ? "" : target.substring(mark + 1));
  }

  String target() {
    return target;
  }

  Visitor visitor() {
    return visitor;
  }

  Link link() {
    return link;
  }

  Cart cart() {
    return new Cart(link, visitor.session());
  }

  /// The nth captured part of the path, from 1.
  String part(int n) {
    return decode(path.group(n));
  }

  int id() {
    return integer("id", part(1), 0, Integer.MAX_VALUE);
  }

  String query(String name) {
    return query.getOrDefault(name, "").strip();
  }

  /// A number of the query, or the fallback when it is absent or empty.
  int query(String name, int fallback, int min, int max) {
    String text = query(name);
    return text.isEmpty() ? fallback : integer(name, text, min, max);
  }

  /// The query with one parameter replaced, for links to other pages of a list.
  String queryWith(String name, String value) {
    Map<String, String> changed = new LinkedHashMap<>(query);
    changed.put(name, value);
    StringBuilder text = new StringBuilder();
    changed.forEach((key, one) -> {
      if (!one.isEmpty()) {
        text.append(text.isEmpty() ? "?" : "&").append(encode(key)).append('=');
        text.append(encode(one));
      }
    });
    return text.toString();
  }

  /// The fields of a posted form.
  Form form() {
    return new Form(pairs(new String(body, StandardCharsets.UTF_8)));
  }

  /// The body as a JSON object.
  JsonNode json() {
    try {
      JsonNode node = JSON.readTree(body);
      if (node == null || !node.isObject()) {
        throw Refusal.bad("The body must be a JSON object.");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw Refusal.bad("The body is not JSON: " + e.getOriginalMessage());
    } catch (java.io.IOException e) {
      throw Refusal.bad("The body is not UTF-8 JSON.");
    }
  }

  /// A whole number of a JSON object.
  static int integer(JsonNode object, String name, int min, int max) {
    JsonNode value = object.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw Refusal.bad(name + " must be a whole number.");
    }
    return integer(name, value.asText(), min, max);
  }

  Customer customer() {
    Customer customer = visitor.customer();
    if (customer == null) {
      throw Refusal.of(401, "Log in first.");
    }
    return customer;
  }

  Customer admin() {
    Customer customer = customer();
    if (!customer.admin()) {
      throw Refusal.of(403, "Only an administrator may do that.");
    }
    return customer;
  }

  static int integer(String name, String text, int min, int max) {
    try {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw Refusal.bad(name + " must be a whole number.");
    }
    throw Refusal.bad(name + " must be " + min + " to " + max + ".");
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Refusal.bad("A percent sign must be followed by two hexadecimal digits.");
    }
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : List.of(text.split("&", -1))) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    return pairs;
  }

  /// Posted fields.
  record Form(Map<String, String> fields) {

    String text(String name) {
      String text = fields.getOrDefault(name, "").strip();
      if (text.isEmpty()) {
        throw Refusal.bad(name + " must not be empty.");
      }
      return text;
    }

    String textOr(String name, String fallback) {
      return fields.getOrDefault(name, fallback).strip();
    }

    int number(String name, int min, int max) {
      return integer(name, text(name), min, max);
    }

    /// `12.50` as 1250.
    int cents(String name) {
      try {
        java.math.BigDecimal amount = new java.math.BigDecimal(text(name));
        int cents = amount.movePointRight(2).intValueExact();
        if (cents > 0 && cents <= Catalog.CENTS_MAX) {
          return cents;
        }
      } catch (ArithmeticException | NumberFormatException e) {
        throw Refusal.bad(name + " must be an amount like 12.50.");
      }
      throw Refusal.bad(name + " must be more than 0 and at most 100000.");
    }
  }
}
