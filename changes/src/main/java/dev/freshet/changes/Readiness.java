package dev.freshet.changes;

import dev.freshet.base.Trouble;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// How far a database is prepared for the change feed.
///
/// @param server its version, empty when it can't be reached
/// @param obstacles why there can be no feed; empty when there can
/// @param notes what is slower or less exact than it could be
/// @param statements what [ChangeFeed#prepare] would run
/// @param full what it would run beyond that when asked for exact columns
/// @param covered how many tables the feed tells of, once the statements were run
/// @param tables how many there are
public record Readiness(
    String server,
    List<Trouble> obstacles,
    List<Trouble> notes,
    List<String> statements,
    List<String> full,
    int covered,
    int tables) {
  private static final int SHOWN = 5;

  public Readiness {
    obstacles = List.copyOf(obstacles);
    notes = List.copyOf(notes);
    statements = List.copyOf(statements);
    full = List.copyOf(full);
  }

  public boolean isReady() {
    return obstacles.isEmpty();
  }

  static Readiness unreachable(ChangesConfig config, SQLException why) {
    Trouble trouble =
        new Trouble(
            "database " + config,
            "the feed can't log in (" + firstLine(why) + ")",
            "start PostgreSQL, or correct `database`: it names the server itself, not a pooler");
    return new Readiness("", List.of(trouble), List.of(), List.of(), List.of(), 0, 0);
  }

  static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  static Readiness of(Connection session, ChangesConfig config) throws SQLException {
    String place = "database " + config;
    int version = Sessions.version(session);
    List<Trouble> obstacles = new ArrayList<>();
    if (version < Sessions.OLDEST) {
      obstacles.add(
          new Trouble(place, "PostgreSQL is older than 13", "upgrade to a version in support"));
      return new Readiness("", obstacles, List.of(), List.of(), List.of(), 0, 0);
    }
    settings(session, place, obstacles);
    Survey survey = Survey.take(session, config.publication(), version);
    List<Trouble> notes = new ArrayList<>();
    delays(session, place, notes);
    tables(survey, config, notes);
    List<String> full =
        survey.keyed().stream()
            .flatMap(top -> survey.leaves(top).stream())
            .filter(leaf -> leaf.identity() != 'f')
            .map(leaf -> "ALTER TABLE ONLY " + leaf.name() + " REPLICA IDENTITY FULL")
            .toList();
    List<Survey.Subject> tops = survey.tops();
    return new Readiness(
        Sessions.one(session, "select current_setting('server_version')"),
        obstacles,
        notes,
        new Publication(config.publication(), version).statements(survey),
        full,
        (int) tops.stream().filter(survey::isPublishable).count(),
        tops.size());
  }

  private static void settings(Connection session, String place, List<Trouble> obstacles)
      throws SQLException {
    Survey.Row row =
        new Survey.Row(
            Sessions.rows(
                    session,
                    """
                    select pg_is_in_recovery(), current_setting('wal_level'),
                      exists (select from pg_roles where rolname = current_user
                        and (rolreplication or rolsuper))
                      or exists (select from pg_roles where rolname = 'rds_replication'
                        and pg_has_role(current_user, oid, 'member')),
                      (select count(*) from pg_replication_slots),
                      current_setting('max_replication_slots'),
                      (select count(*) from pg_stat_activity where backend_type = 'walsender'),
                      current_setting('max_wal_senders'), quote_ident(current_user)
                    """)
                .getFirst());
    if (row.is(0)) {
      obstacles.add(
          new Trouble(place, "it is a read replica", "let `database` name the primary server"));
    }
    if (!row.text(1).equals("logical")) {
      obstacles.add(
          new Trouble(
              place,
              "wal_level is " + row.text(1),
              "run `ALTER SYSTEM SET wal_level = 'logical'` and restart PostgreSQL"));
    }
    if (!row.is(2)) {
      obstacles.add(
          new Trouble(
              place,
              "the user may not replicate",
              "let a superuser run `ALTER ROLE " + row.text(7) + " REPLICATION`"));
    }
    full(
        place,
        "replication slot",
        "max_replication_slots",
        row.number(3),
        row.number(4),
        obstacles);
    full(place, "WAL sender", "max_wal_senders", row.number(5), row.number(6), obstacles);
  }

  private static void full(
      String place, String what, String setting, long used, long max, List<Trouble> obstacles) {
    if (used >= max) {
      obstacles.add(
          new Trouble(
              place,
              "no " + what + " is free (" + used + " of " + max + " are in use)",
              "run `ALTER SYSTEM SET "
                  + setting
                  + " = "
                  + (max + 5)
                  + "` and restart PostgreSQL, or drop what nobody uses"));
    }
  }

  private static void delays(Connection session, String place, List<Trouble> notes)
      throws SQLException {
    Survey.Row row =
        new Survey.Row(
            Sessions.rows(
                    session,
                    """
                    select (select reset_val from pg_settings where name = 'synchronous_commit'),
                      current_setting('wal_writer_delay'),
                      (select setting from pg_settings where name = 'wal_writer_delay'),
                      (select string_agg(coalesce(r.rolname, d.datname, 'everybody'), ', ')
                        from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
                          left join pg_database d on d.oid = s.setdatabase
                        where 'synchronous_commit=off' = any (s.setconfig)
                          and (s.setdatabase = 0 or d.datname = current_database()))
                    """)
                .getFirst());
    // What sessions have that don't choose for themselves, as the feed's own does.
    String who = row.text(0).equals("off") ? "everybody" : row.text(3);
    if (!who.isEmpty()) {
      notes.add(
          new Trouble(
              place,
              "synchronous_commit is off for "
                  + who
                  + ": what they commit is told up to "
                  + row.text(1)
                  + " late (wal_writer_delay), and who waits for it waits so long",
              "set it on, or run `ALTER SYSTEM SET wal_writer_delay = '10ms'`"
                  + " and `SELECT pg_reload_conf()`"));
    }
    if (row.number(2) > 200) {
      notes.add(
          new Trouble(
              place,
              "wal_writer_delay is "
                  + row.text(1)
                  + ": commits with synchronous_commit = off are told so late",
              "run `ALTER SYSTEM SET wal_writer_delay = '200ms'` and `SELECT pg_reload_conf()`"));
    }
  }

  private static void tables(Survey survey, ChangesConfig config, List<Trouble> notes) {
    String publication = "publication " + config.publication();
    if (!survey.isComplete()) {
      notes.add(
          new Trouble(
              publication,
              "it leaves out kinds of changes, or tells partitions under their root",
              "run `ALTER PUBLICATION "
                  + config.publication()
                  + " SET (publish = 'insert, update, delete, truncate',"
                  + " publish_via_partition_root = false)`"));
    }
    List<Survey.Subject> anonymous = survey.anonymous();
    if (!anonymous.isEmpty()) {
      notes.add(
          new Trouble(
              names(anonymous),
              "no primary key tells the rows apart, so answers made from "
                  + (anonymous.size() == 1 ? "it" : "them")
                  + " are not kept",
              "add a primary key, or run `ALTER TABLE "
                  + anonymous.getFirst().name()
                  + " REPLICA IDENTITY FULL`"));
    }
    List<Survey.Subject> keyed = survey.keyed();
    if (!keyed.isEmpty()) {
      notes.add(
          new Trouble(
              names(keyed),
              "exact by key; an UPDATE or DELETE spoils all answers that were chosen by another"
                  + " column of the table",
              "where that is too much, run `ALTER TABLE "
                  + keyed.getFirst().name()
                  + " REPLICA IDENTITY FULL` (its updates then write about a third more log)"));
    }
  }

  private static String names(List<Survey.Subject> tables) {
    String shown =
        tables.stream().limit(SHOWN).map(Survey.Subject::name).collect(Collectors.joining(", "));
    int more = tables.size() - SHOWN;
    return (tables.size() == 1 ? "table " : "tables ")
        + shown
        + (more > 0 ? " and " + more + " more" : "");
  }
}
