package dev.freshet.load;

import dev.freshet.base.Rolls;
import java.time.Duration;

/// Visitors who do what others do, and think in between: an exponential time, no more than four
/// times the mean. The first thought spreads their arrival.
public record ThinkingMix(Mix mix, Duration mean) implements Mix {

  @Override
  public Script of(long seed, int user) {
    Script script = mix.of(seed, user);
    Rolls rolls = new Rolls(seed * 7_919 + user);
    return new Script() {
      @Override
      public Shot next() {
        return script.next();
      }

      @Override
      public long thinkNanos() {
        double times = Math.min(4, -Math.log(1 - rolls.nextDouble()));
        return (long) (times * mean.toNanos());
      }
    };
  }
}
