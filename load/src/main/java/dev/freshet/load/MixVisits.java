package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.load.Shot.Kind;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Users of a [Mix] as a [Generator] knows them: each goes on for ever, whatever fails. Counts what
/// takes knowing all of them: whether somebody had asked for the same before.
final class MixVisits implements Visits {
  private final Mix mix;
  private final long seed;
  private final Audit audit;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final Map<Kind, Kept> kept;
  private final Kept warming = new Kept();

  /// @param audit told of writes
  MixVisits(Mix mix, long seed, Audit audit) {
    this.mix = mix;
    this.seed = seed;
    this.audit = audit;
    Map<Kind, Kept> all = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      all.put(kind, new Kept());
    }
    this.kept = Collections.unmodifiableMap(all);
  }

  @Override
  public Visitor visitor(long number) {
    return new MixUser(mix.of(seed, (int) number));
  }

  /// Answers that were counted so far.
  Kept kept(Kind kind) {
    Kept of = kept.get(kind);
    if (of == null) {
      throw new IllegalStateException("nothing is counted of " + kind);
    }
    return of;
  }

  /// Answers before anything was counted.
  Kept warming() {
    return warming;
  }

  /// The user's next request is drawn together with the thought before it, so that the answer to
  /// the one that is out is followed by the right pause.
  private final class MixUser implements Visitor {
    private final Mix.Script script;
    private final long pause;
    private @Nullable Shot out;
    private boolean isRepeat;

    MixUser(Mix.Script script) {
      this.script = script;
      this.pause = script.thinkNanos();
    }

    @Override
    public long pauseNanos() {
      return pause;
    }

    @Override
    public Call next() {
      Shot shot = script.next();
      out = shot;
      isRepeat = seen.contains(shot.target());
      return Call.of(shot, script.thinkNanos());
    }

    @Override
    public boolean ended(Outcome outcome) {
      Shot shot = out;
      if (shot == null) {
        return true;
      }
      Reply reply = outcome.reply();
      if (reply != null) {
        answered(shot, reply, outcome.isCounted());
      }
      if (shot.sets() != null) {
        boolean isDone = reply != null && reply.status() < 300;
        audit.wrote(shot.sets(), outcome.began(), outcome.ended(), isDone);
      }
      return true;
    }

    private void answered(Shot shot, Reply reply, boolean isCounted) {
      String told = reply.fields().combined(FieldName.CACHE_STATUS);
      Kept where = isCounted ? kept(shot.kind()) : warming;
      where.answered();
      boolean isHit = Figures.isHit(told);
      if (!isHit && (told == null || !told.contains("; stored"))) {
        return;
      }
      where.count(isHit, isRepeat, told != null && told.contains("; fwd=stale"));
      if (!isRepeat) {
        seen.add(shot.target());
      }
    }
  }
}
