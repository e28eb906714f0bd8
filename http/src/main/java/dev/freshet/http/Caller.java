package dev.freshet.http;

import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

/// The client's end of a request to an [OwnResource], whatever HTTP version it speaks. All calls
/// happen on [#loop]. Order of calls: one [#head], any number of [#write], one [#end].
public interface Caller {

  /// Runs what it is given on the one thread that this caller lives on, in order.
  Executor loop();

  /// Address of the peer that is connected to us.
  InetSocketAddress peer();

  /// @param length of the content in octets, or -1 when only its end will tell
  void head(ResponseHead head, long length);

  /// Sends octets; they must not be changed afterwards.
  void write(byte[] octets);

  void end();

  /// False when so much is waiting to be sent that the sender should pause until [Talk#writable].
  boolean isWritable();

  /// Gives up: the client sees an incomplete response.
  void abort();

  /// After a 101: from here on both directions are raw octets. Only HTTP/1.1.
  void tunnel();
}
