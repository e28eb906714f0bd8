package dev.freshet.sql;

import dev.freshet.freshness.Comparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/* Which rows of each table a query looks at.
 *
 * Leaving out rows of a table where it stands in FROM changes no answer if those rows could reach
 * none. Each step here is such a rewriting, and so is their sequence. An equality with constants
 * in WHERE leaves out rows of every table of its FROM, whatever the joins: what a row of one
 * table takes part in depends on no other row of that same table. In the ON of an inner join it
 * does so for the tables below the join, in that of an outer join for those of the side that may
 * be missing, in that of a full join for none. Once a column has only certain values (or null,
 * where an outer join misses), an equality with it is one with those values, also in a query
 * within that sees it from outside. What a query in FROM gives may be restricted where its rows
 * of one value don't depend on those of another.
 *
 * The answer can then only change when a row changes that is left, before or after: that is what
 * the dependencies name. A table for which nothing was found is named as a whole.
 */
final class Resolving {
  private static final int MAX_DEPTH = 20;

  private final Findings findings;
  private final Tables tables;
  private final int depth;

  /// The constants of a view; those of a statement come with each execution.
  private final @Nullable Arguments fixed;

  private @Nullable Mentions mentions;

  /// The relations that the text names.
  private final List<Catalog.Relation> named = new ArrayList<>();

  private final Tests tests = new Tests();
  private final Map<Integer, Result> expressions = new HashMap<>();
  private final IdentityHashMap<Outline.Query, Result> resolved = new IdentityHashMap<>();

  private Resolving(Findings findings, Tables tables, int depth, @Nullable Arguments fixed) {
    this.findings = findings;
    this.tables = tables;
    this.depth = depth;
    this.fixed = fixed;
  }

  /// Resolves a whole statement.
  static void read(Shape.Reads shape, Findings findings, Tables tables) throws Refusal {
    Resolving resolving = new Resolving(findings, tables, 0, null);
    findings.shows(resolving.read(shape));
  }

  private Result read(Shape.Reads shape) throws Refusal {
    Result result = resolved(shape);
    shape.outline().moments().check(named);
    return result;
  }

  private Result resolved(Shape.Reads shape) throws Refusal {
    findings.isRepeatable &= shape.repeatable();
    mentions = shape.outline().mentions();
    Outline.Query query = shape.outline().query();
    if (query != null) {
      return query(query, null);
    }
    for (TableName name : shape.tables()) {
      table(name, null, List.of(), false);
    }
    return Result.UNKNOWN;
  }

  private Result query(Outline.Query query, @Nullable Scope around) throws Refusal {
    Result known = resolved.get(query);
    if (known != null) {
      return known;
    }
    for (Outline.Expression expression : query.expressions()) {
      Result result = query(expression.query(), around);
      boolean hasMore = expression.hasMore();
      expressions.put(expression.token(), result.renamed(expression.columns(), hasMore));
    }
    Result result = body(query.body(), around);
    resolved.put(query, result);
    return result;
  }

  private void each(List<Outline.Query> queries, Scope scope) throws Refusal {
    for (Outline.Query query : queries) {
      query(query, scope);
    }
  }

  private Result body(Outline.Body body, @Nullable Scope around) throws Refusal {
    return switch (body) {
      case Outline.Select select -> select(select, around);
      case Outline.Combined combined -> {
        List<Result> parts = new ArrayList<>();
        for (Outline.Body part : combined.parts()) {
          parts.add(body(part, around));
        }
        yield Result.combined(parts);
      }
      case Outline.Nested nested -> {
        Result result = query(nested.query(), around);
        each(nested.inner(), Scope.UNKNOWN);
        yield nested.isOpen() ? result : result.closed();
      }
      case Outline.Values values -> {
        each(values.inner(), around == null ? Scope.UNKNOWN : around);
        yield Result.UNKNOWN;
      }
    };
  }

  private Result select(Outline.Select select, @Nullable Scope around) throws Refusal {
    Block block = new Block(around, select.from());
    Outline.From from = select.from();
    Side all = from == null ? Side.NONE : side(from, List.of(), block);
    Scope scope = new Scope(around, all.visible, List.of(), block.merged);
    each(select.inner(), scope);
    apply(select.where(), scope, all.leaves);
    test(select.where(), scope);
    return Result.of(select, scope);
  }

  /// What one SELECT's FROM has in common.
  private static final class Block {
    private final @Nullable Scope around;

    /// Whatever stands in FROM, by its name only.
    private final List<Item> hidden = new ArrayList<>();

    /// Null where any name may be.
    private @Nullable Set<String> merged = new HashSet<>();

    Block(@Nullable Scope around, Outline.@Nullable From from) {
      this.around = around;
      if (from != null) {
        hide(from);
      }
    }

    private void hide(Outline.From from) {
      switch (from) {
        case Outline.Table table -> hide(table.alias(), table.name().name());
        case Outline.Derived derived -> hide(derived.alias(), null);
        case Outline.Call call -> hide(call.alias(), null);
        case Outline.Aliased aliased -> hide(aliased.alias(), null);
        case Outline.Join join -> {
          hide(join.left());
          hide(join.right());
        }
      }
    }

    private void hide(@Nullable String alias, @Nullable String name) {
      hidden.add(Item.opaque(alias == null ? name : alias));
    }

    void merge(Outline.Join join) {
      if (join.isNatural()) {
        merged = null;
      } else if (merged != null && join.using() != null) {
        merged.addAll(join.using());
      }
    }

    Scope scope(List<Item> visible) {
      return new Scope(around, visible, hidden, merged);
    }
  }

  /// A part of FROM.
  ///
  /// @param visible what can be named from beside it
  /// @param leaves all that it is made of
  private record Side(List<Item> visible, Set<Object> leaves) {
    static final Side NONE = new Side(List.of(), Set.of());

    static Side of(Item item) {
      return new Side(List.of(item), Set.of(item));
    }

    Side with(Side other) {
      List<Item> both = new ArrayList<>(visible);
      both.addAll(other.visible);
      Set<Object> all = new HashSet<>(leaves);
      all.addAll(other.leaves);
      return new Side(both, all);
    }
  }

  /// @param left what stands to the left, in sight of LATERAL
  private Side side(Outline.From from, List<Item> left, Block block) throws Refusal {
    return switch (from) {
      case Outline.Table table -> {
        Result expression =
            table.expression() < 0
                ? null
                : expressions.getOrDefault(table.expression(), Result.UNKNOWN);
        yield Side.of(
            expression == null
                ? table(table.name(), table.alias(), table.columns(), table.isOnly())
                : Item.of(expression, table.name(), table.alias(), table.columns(), false));
      }
      case Outline.Derived derived -> {
        Scope scope = block.scope(derived.isLateral() ? left : List.of());
        Result result = query(derived.query(), scope);
        yield Side.of(Item.of(result, null, derived.alias(), derived.columns(), true));
      }
      case Outline.Call call -> {
        each(call.inner(), block.scope(List.of()));
        yield Side.of(Item.opaque(call.alias()));
      }
      case Outline.Join join -> join(join, left, block);
      case Outline.Aliased aliased ->
          new Side(List.of(Item.opaque(aliased.alias())), side(aliased.join(), left, block).leaves);
    };
  }

  private Side join(Outline.Join join, List<Item> left, Block block) throws Refusal {
    Side one = side(join.left(), left, block);
    List<Item> before = new ArrayList<>(left);
    before.addAll(one.visible);
    Side other = side(join.right(), before, block);
    Side both = one.with(other);
    Set<Object> filtered =
        switch (join.kind()) {
          case INNER -> both.leaves;
          case LEFT -> other.leaves;
          case RIGHT -> one.leaves;
          case FULL -> Set.of();
        };
    block.merge(join);
    Scope scope = block.scope(both.visible);
    each(join.inner(), scope);
    apply(join.on(), scope, filtered);
    test(join.on(), scope);
    for (String name : join.using() == null ? List.<String>of() : join.using()) {
      Node here = sole(one.visible, name);
      Node there = sole(other.visible, name);
      if (here != null && there != null) {
        findings.same(here, there, filtered);
      }
    }
    return both;
  }

  private static @Nullable Node sole(List<Item> items, String name) {
    Node found = null;
    int count = 0;
    for (Item item : items) {
      count += item.count(name);
      Node node = item.node(name);
      found = node == null ? found : node;
    }
    return count == 1 ? found : null;
  }

  private Item table(TableName name, @Nullable String alias, List<String> columns, boolean isOnly)
      throws Refusal {
    Catalog.Relation relation = tables.find(name);
    named.add(relation);
    if (relation.kind() != Catalog.Kind.VIEW) {
      Item item = Item.of(relation, alias, columns);
      // From a partition rows also come and go by an UPDATE of what it is parted by.
      boolean isWhole = relation.root() == relation.oid();
      Mentions known = isWhole ? mentions : null;
      Findings.Looked looked = known == null ? null : new Findings.Looked(known, relation, tests);
      findings.add(item, tables.rows(relation, isOnly), looked);
      return item;
    }
    if (depth == MAX_DEPTH) {
      throw new Refusal(NotCacheable.TOO_LARGE);
    }
    Shape.Reads reads = tables.view(relation);
    String definition = relation.definition();
    Arguments constants = Arguments.of(Statement.read(definition == null ? "" : definition));
    Resolving inside = new Resolving(findings, tables.behind(relation), depth + 1, constants);
    List<String> names = new ArrayList<>(relation.columns().stream().map(c -> c.name()).toList());
    Result result = inside.read(reads).renamed(names, false);
    return Item.of(result, new TableName(relation.schema(), relation.name()), alias, columns, true);
  }

  /// Takes from a condition what it leaves of the items that it filters.
  private void apply(Outline.Condition condition, Scope scope, Set<Object> filtered) {
    switch (condition) {
      case Outline.All all -> all.of().forEach(part -> apply(part, scope, filtered));
      case Outline.Same same -> {
        Node one = node(same.one(), scope);
        Node other = node(same.other(), scope);
        if (one != null && other != null) {
          findings.same(one, other, filtered);
        }
      }
      case Outline.In in -> {
        Node node = node(in.column(), scope);
        Result result = resolved.getOrDefault(in.query(), Result.UNKNOWN);
        Result.Column column = result.sole();
        if (node != null && column != null && column.node() != null && !filtered.isEmpty()) {
          Object inside = new Object();
          Set<Object> both = new HashSet<>(filtered);
          both.add(inside);
          findings.same(node, new Node.OfQuery(inside, column.node(), column.isOpen()), both);
        }
      }
      case Outline.OneOf oneOf ->
          values(oneOf, scope).forEach((node, terms) -> findings.restrict(node, terms, filtered));
      case Outline.Any any ->
          values(any, scope).forEach((node, terms) -> findings.restrict(node, terms, filtered));
      case Outline.Compared compared -> {}
      case Outline.Unclear() -> {}
    }
  }

  /// Notes what a condition compares with constants, whether it decides by itself or not.
  private void test(Outline.Condition condition, Scope scope) {
    switch (condition) {
      case Outline.All all -> all.of().forEach(part -> test(part, scope));
      case Outline.Any any -> any.of().forEach(part -> test(part, scope));
      case Outline.OneOf oneOf ->
          test(oneOf.column(), Comparison.Sign.EQUAL, oneOf.constants(), scope);
      case Outline.Compared(
              Outline.Column column,
              Comparison.Sign sign,
              Outline.Constant constant) ->
          test(column, sign, constant == null ? List.of() : List.of(constant), scope);
      case Outline.Same same -> {}
      case Outline.In in -> {}
      case Outline.Unclear() -> {}
    }
  }

  private void test(
      Outline.Column column, Comparison.Sign sign, List<Outline.Constant> constants, Scope scope) {
    boolean isOrder = sign == Comparison.Sign.LESS || sign == Comparison.Sign.AT_MOST;
    Node node = node(column, scope);
    boolean isKnown = node instanceof Node.OfTable && (!isOrder || Order.isKnown(node.form()));
    List<Term> terms = isKnown && node != null ? terms(constants, node) : null;
    if (terms != null && node instanceof Node.OfTable found) {
      tests.add(found, column.token(), new Tests.Test(sign, terms));
    }
  }

  /// The columns that are certain to have one of some values where a condition holds.
  private Map<Node, List<Term>> values(Outline.Condition condition, Scope scope) {
    return switch (condition) {
      case Outline.OneOf oneOf -> {
        Node node = node(oneOf.column(), scope);
        List<Term> terms = node == null ? null : terms(oneOf.constants(), node);
        yield node == null || terms == null ? Map.of() : Map.of(node, terms);
      }
      case Outline.All all -> {
        Map<Node, List<Term>> out = new HashMap<>();
        all.of().forEach(part -> values(part, scope).forEach(out::putIfAbsent));
        yield out;
      }
      case Outline.Any any -> {
        Map<Node, List<Term>> out = new HashMap<>(values(any.of().getFirst(), scope));
        for (Outline.Condition part : any.of().subList(1, any.of().size())) {
          Map<Node, List<Term>> other = values(part, scope);
          out.keySet().retainAll(other.keySet());
          out.replaceAll((node, terms) -> Term.both(terms, other.getOrDefault(node, List.of())));
        }
        yield out;
      }
      case Outline.Same same -> Map.of();
      case Outline.In in -> Map.of();
      case Outline.Compared compared -> Map.of();
      case Outline.Unclear() -> Map.of();
    };
  }

  /// Null where it is not known which column it is or how it is compared.
  private static @Nullable Node node(Outline.Column column, Scope scope) {
    Node node = scope.find(column);
    boolean isClear =
        node != null && node.form() != Form.NONE && (!column.isText() || node.form() == Form.TEXT);
    return isClear ? node : null;
  }

  private @Nullable List<Term> terms(List<Outline.Constant> constants, Node node) {
    List<Term> out = new ArrayList<>();
    for (Outline.Constant constant : constants) {
      boolean isAlone = constants.size() == 1;
      Term term = new Term(constant, node.type(), node.form(), isAlone, null);
      if (fixed == null) {
        findings.slot(term);
        out.add(term);
      } else {
        List<String> values = new ArrayList<>();
        if (!fixed.canonical(term, new long[0], values)) {
          return null;
        }
        out.add(new Term(constant, node.type(), node.form(), isAlone, values));
      }
    }
    return out;
  }
}
