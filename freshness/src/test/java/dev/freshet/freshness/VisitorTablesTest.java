package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// Tables that keep the books of visitors are proposed on evidence, and no others.
class VisitorTablesTest {
  private static final long SESSIONS = 7;
  private static final long PRODUCTS = 8;
  private static final int ID = 1;
  private static final int OTHER = 2;
  private final VisitorTables tables = new VisitorTables();

  private void see(int requests, IntFunction<Dependency> read, IntFunction<Long> visitor) {
    for (int i = 0; i < requests; i++) {
      Dependency product = new Dependency.Rows(PRODUCTS, ID, "42");
      tables.saw(List.of(product, read.apply(i)), List.of(SESSIONS), visitor.apply(i));
    }
  }

  private static Dependency session(long key) {
    return new Dependency.Rows(SESSIONS, ID, "s" + key);
  }

  @Test
  void proposesWhatIsWrittenOftenAndReadByItsVisitorOnly() {
    see(99, i -> session(i % 20), i -> 1L + i % 20);
    assertThat(tables.proposals()).as("too few").isEmpty();
    see(1, i -> session(0), i -> 1L);
    assertThat(tables.proposals())
        .containsExactly(new VisitorTables.Proposal(SESSIONS, ID, 100, 100, 20));
  }

  /// On the first request the key is made, and nobody has a cookie yet.
  @Test
  void aKeyMadeInTheFirstRequestIsItsVisitors() {
    see(50, i -> session(i), i -> 0L);
    see(50, i -> session(i), i -> 1L + i);
    assertThat(tables.proposals()).hasSize(1);
  }

  @Test
  void whatTwoVisitorsReadIsNobodysOwn() {
    see(200, i -> session(i % 20), i -> 1L + i % 20);
    see(1, i -> session(3), i -> 99L);
    assertThat(tables.proposals()).isEmpty();
  }

  @Test
  void whatIsReadAsAWholeOrByAnotherColumnIsNobodysOwn() {
    see(200, i -> session(i % 20), i -> 1L + i % 20);
    see(1, i -> new Dependency.Rows(SESSIONS, OTHER, "x"), i -> 5L);
    assertThat(tables.proposals()).isEmpty();
    VisitorTables whole = new VisitorTables();
    for (int i = 0; i < 200; i++) {
      whole.saw(List.of(new Dependency.Table(SESSIONS)), List.of(SESSIONS), i + 1L);
    }
    assertThat(whole.proposals()).isEmpty();
  }

  @Test
  void whatIsWrittenSeldomSpoilsLittle() {
    see(20, i -> session(i), i -> 1L + i);
    for (int i = 0; i < 200; i++) {
      tables.saw(List.of(session(i)), List.of(), 1L + i);
    }
    assertThat(tables.proposals()).isEmpty();
  }

  @Test
  void whichRowsWereShownSaysNothingOfHowTheyWereChosen() {
    for (int i = 0; i < 200; i++) {
      Dependency.Rows shown = new Dependency.Rows(SESSIONS, OTHER, "shown" + i);
      Dependency chosen =
          Dependency.Columns.of(new Dependency.Rows(SESSIONS, ID, "s" + i % 20), List.of(ID));
      tables.saw(
          List.of(chosen, Dependency.Columns.shown(shown, List.of(3))),
          List.of(SESSIONS),
          1L + i % 20);
    }
    assertThat(tables.proposals()).hasSize(1);
  }

  /// Like a count of page views.
  @Test
  void whatIsOnlyWrittenIsProposedToo() {
    for (int i = 0; i < 100; i++) {
      tables.saw(List.of(), List.of(SESSIONS), 0);
    }
    assertThat(tables.proposals())
        .containsExactly(new VisitorTables.Proposal(SESSIONS, -1, 100, 100, 0));
  }
}
