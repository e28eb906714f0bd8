package dev.freshet.load;

import java.util.List;

/// An open connection to the target.
interface Connection {

  /// What can be sent on now; others may be added to its pool later.
  List<Slot> slots();

  void close();
}
