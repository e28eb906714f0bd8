package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TroubleTest {
  private final Trouble port = new Trouble("--listen", "port 99999 is none", "take one to 65535");
  private final Trouble url = new Trouble("freshet.yaml:3 origin", "no host", "name the app's");

  @Test
  void isOneLineThatSaysWhereWhatAndTheWayOut() {
    assertThat(port.line()).isEqualTo("--listen: port 99999 is none; take one to 65535");
  }

  @Test
  void allThatWereFoundAreToldNotOnlyTheFirst() {
    Trouble.Found found = new Trouble.Found(List.of(port, url));
    assertThat(found.troubles()).containsExactly(port, url);
    assertThat(found).hasMessage(port.line() + "\n" + url.line());
  }

  @Test
  void oneAloneIsFoundToo() {
    assertThat(new Trouble.Found(url).troubles()).containsExactly(url);
    assertThat(new Trouble.Found(url)).hasMessage(url.line());
  }

  @Test
  void whatWasFoundDoesNotChangeWithTheListItCameIn() {
    List<Trouble> collected = new ArrayList<>(List.of(port));
    Trouble.Found found = new Trouble.Found(collected);
    collected.clear();
    assertThat(found.troubles()).containsExactly(port);
  }
}
