package dev.freshet.edge;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// What the edge logs as an error while it is open: that something went wrong within.
final class LoggedFaults extends Handler {
  private final Logger logger = Logger.getLogger("freshet.edge");
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();

  LoggedFaults() {
    logger.addHandler(this);
  }

  Queue<String> seen() {
    return seen;
  }

  @Override
  public void publish(LogRecord told) {
    if (told.getLevel().intValue() >= Level.SEVERE.intValue()) {
      seen.add(told.getMessage() + ": " + told.getThrown());
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
