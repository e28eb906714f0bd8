package dev.freshet.sql;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Finds the relations that names mean, and refuses those whose rows can't be followed.
///
/// @param users whose rights decide what is seen: the reader, and the owner of the view between
record Tables(Catalog catalog, Viewpoint viewpoint, Set<String> users) {

  static Tables of(Catalog catalog, Viewpoint viewpoint) {
    return new Tables(catalog, viewpoint, Set.of(viewpoint.user()));
  }

  /// What is seen through a view. Who is asked depends on `security_invoker`: here, both.
  Tables behind(Catalog.Relation view) {
    Set<String> both = new HashSet<>(users);
    both.add(view.owner());
    return new Tables(catalog, viewpoint, both);
  }

  Catalog.Relation find(TableName name) throws Refusal {
    return catalog.find(name, viewpoint);
  }

  /// What a view reads. Its functions and operators are PostgreSQL's where no schema is named, as
  /// [CatalogQuery#SETTING] has it.
  Shape.Reads view(Catalog.Relation view) throws Refusal {
    return switch (catalog.view(view)) {
      case Shape.Reads reads -> {
        for (TableName type : reads.outline().types()) {
          if (!catalog.isEnum(type, viewpoint)) {
            throw new Refusal(NotCacheable.UNKNOWN_TYPE);
          }
        }
        yield reads;
      }
      case Shape.Writes writes -> throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
      case Shape.Unknown(NotCacheable reason) -> throw new Refusal(reason);
    };
  }

  /// The tables whose rows are read under the name of one.
  Rows rows(Catalog.Relation named, boolean isOnly) throws Refusal {
    List<Catalog.Relation> out = new ArrayList<>();
    out.add(checked(named));
    for (long child : isOnly ? List.<Long>of() : named.children()) {
      Catalog.Relation heir = catalog.relation(child);
      if (heir == null) {
        throw new Refusal(NotCacheable.UNKNOWN_RELATION);
      }
      out.add(checked(heir));
    }
    return new Rows(out);
  }

  private Catalog.Relation checked(Catalog.Relation named) throws Refusal {
    Catalog.Relation root = catalog.relation(named.root());
    if (root == null) {
      throw new Refusal(NotCacheable.UNKNOWN_RELATION);
    }
    check(named);
    for (Catalog.Relation part : catalog.partitions(root)) {
      check(part);
    }
    check(root);
    return root;
  }

  private void check(Catalog.Relation relation) throws Refusal {
    switch (relation.kind()) {
      case FOREIGN -> throw new Refusal(NotCacheable.FOREIGN);
      case SEQUENCE -> throw new Refusal(NotCacheable.SEQUENCE);
      case MATERIALIZED_VIEW -> throw new Refusal(NotCacheable.MATERIALIZED_VIEW);
      case VIEW, TABLE, PARTITIONED -> {}
    }
    if (!relation.isPermanent()) {
      throw new Refusal(NotCacheable.UNLOGGED);
    }
    if (!relation.isPublished()) {
      throw new Refusal(NotCacheable.UNPUBLISHED);
    }
    if (!relation.hasIdentity() && relation.kind() != Catalog.Kind.PARTITIONED) {
      throw new Refusal(NotCacheable.NO_REPLICA_IDENTITY);
    }
    for (String user : users) {
      if (catalog.mayHideRows(relation, user)) {
        throw new Refusal(NotCacheable.ROW_SECURITY);
      }
    }
    if (!relation.columns().stream().allMatch(Catalog.Column::isKnown)) {
      throw new Refusal(NotCacheable.USER_TYPE);
    }
  }
}
