package dev.freshet.gateway;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is said to a client while something before it is held back: octets and barriers, in order.
/// What stands behind a barrier goes out when that and all before it are lifted.
final class Withheld {
  /// Octets beyond which no more should be asked for.
  private static final int MANY = 256 << 10;

  private final Deque<Object> queue = new ArrayDeque<>();
  private @Nullable Barrier open;
  private int octets;

  /// Stands before what is held back.
  static final class Barrier {
    private boolean lifted;

    boolean isLifted() {
      return lifted;
    }
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  boolean isFull() {
    return octets > MANY;
  }

  /// Holds back what is added from now on; nothing where that is so already.
  void begin() {
    if (open == null) {
      open = new Barrier();
      queue.add(open);
    }
  }

  /// The one that was put up last, in whose care all is now that was added since; null where there
  /// is none.
  @Nullable Barrier closed() {
    Barrier last = open;
    open = null;
    return last;
  }

  /// Takes over the octets.
  void add(ByteBuf data) {
    octets += data.readableBytes();
    queue.add(data);
  }

  /// @param out takes over what may go
  void lift(Barrier barrier, Consumer<ByteBuf> out) {
    barrier.lifted = true;
    while (true) {
      switch (queue.peek()) {
        case ByteBuf data -> {
          queue.remove();
          octets -= data.readableBytes();
          out.accept(data);
        }
        case Barrier first when first.lifted -> queue.remove();
        case null, default -> {
          return;
        }
      }
    }
  }

  /// Nobody is there any more to be told.
  void drop() {
    open = null;
    octets = 0;
    for (Object each : queue) {
      if (each instanceof ByteBuf data) {
        data.release();
      }
    }
    queue.clear();
  }
}
