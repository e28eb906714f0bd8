package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A column as a query sees it: of a table, or of a query within, where it is another node.
///
/// What it is bound to are the only values (besides null) that it has in rows that matter. To
/// restrict it leaves out all other rows of the table below, wherever that can change no answer.
sealed interface Node {

  Form form();

  /// Of a bare constant beside it.
  long type();

  @Nullable List<Term> bound();

  /// Whether that told anything new.
  boolean restrict(List<Term> terms);

  /// Where it stands in FROM.
  Object item();

  /// Of a table.
  final class OfTable implements Node {
    private final Object item;
    private final Catalog.Column column;
    private @Nullable List<Term> bound;

    OfTable(Object item, Catalog.Column column) {
      this.item = item;
      this.column = column;
    }

    Catalog.Column column() {
      return column;
    }

    @Override
    public Form form() {
      return column.form();
    }

    @Override
    public long type() {
      return column.type();
    }

    @Override
    public @Nullable List<Term> bound() {
      return bound;
    }

    @Override
    public boolean restrict(List<Term> terms) {
      if (bound != null) {
        return false;
      }
      bound = terms;
      return true;
    }

    @Override
    public Object item() {
      return item;
    }
  }

  /// Of a query in FROM or behind IN.
  ///
  /// @param isOpen whether what restricts it restricts what it is made from
  record OfQuery(Object item, Node below, boolean isOpen) implements Node {
    @Override
    public Form form() {
      return below.form();
    }

    @Override
    public long type() {
      return below.type();
    }

    @Override
    public @Nullable List<Term> bound() {
      return below.bound();
    }

    @Override
    public boolean restrict(List<Term> terms) {
      return isOpen && below.restrict(terms);
    }
  }

  /// Of UNION and its kin: one column of each part.
  record OfAll(List<Node> parts) implements Node {
    @Override
    public Form form() {
      return parts.getFirst().form();
    }

    @Override
    public long type() {
      return parts.getFirst().type();
    }

    @Override
    public @Nullable List<Term> bound() {
      List<Term> out = new ArrayList<>();
      for (Node part : parts) {
        List<Term> bound = part.bound();
        if (bound == null) {
          return null;
        }
        out.addAll(bound);
      }
      return out;
    }

    @Override
    public boolean restrict(List<Term> terms) {
      return false;
    }

    @Override
    public Object item() {
      return this;
    }
  }

  /// Whether equal values of both have equal canonical texts.
  static boolean areComparable(Node one, Node other) {
    boolean isLabel = one.form() == Form.LABEL;
    return one.form() == other.form()
        && one.form() != Form.NONE
        && (!isLabel || one.type() == other.type());
  }
}
