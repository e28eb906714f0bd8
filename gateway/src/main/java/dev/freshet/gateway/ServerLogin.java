package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.CertificateHash;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.FrontendMessages;
import dev.freshet.pgwire.LoginRefused;
import dev.freshet.pgwire.Md5Auth;
import dev.freshet.pgwire.Md5Verifier;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.ScramClient;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// Logs in to the server on a new connection, sees whether it is the one that is wanted, and leaves
/// its place to whoever asked for it.
final class ServerLogin extends ChannelInboundHandlerAdapter {
  /// How servers and poolers say that a version of the protocol is too new for them.
  private static final Set<String> UNSPOKEN = Set.of("0A000", "08P01");

  private static final String PATH = "SHOW search_path";
  private static final String READ_ONLY = "SHOW default_transaction_read_only";
  private static final String STANDBY = "SELECT pg_catalog.pg_is_in_recovery()";

  private final Pool.Who who;
  private final DatabaseUrl at;
  private final ServerCredentials credentials;
  private final @Nullable SslContext tls;
  private final Gateway gateway;
  private final Servers.Attempt attempt;
  private final Result result;
  private final Map<String, String> parameters = new LinkedHashMap<>();

  private ByteBuf pending = Unpooled.EMPTY_BUFFER;
  private boolean askedForTls;
  private boolean isOver;
  private final Map<String, String> answers = new HashMap<>();
  private @Nullable String question;
  private @Nullable ScramClient scram;
  private boolean isProved;
  private boolean hasSpoken;
  private byte @Nullable [] certificateHash;
  private int pid;
  private byte[] key = new byte[0];
  private @Nullable ScheduledFuture<?> limit;

  /// How it ended: failed, or logged in and then ready.
  interface Result {
    /// Who takes over the connection.
    ///
    /// @param key for cancel requests
    ChannelInboundHandlerAdapter loggedIn(Told told, int pid, byte[] key);

    /// The one who takes over is in its place.
    void ready();

    void failed(ErrorReport why);
  }

  /// What the server says of itself.
  ///
  /// @param host which of several it is
  /// @param parameters its own copy: whoever takes over goes on with it
  /// @param searchPath asked for where somebody wants to know and the server (before PostgreSQL 18)
  ///   doesn't report it; else null
  record Told(HostPort host, Map<String, String> parameters, @Nullable String searchPath) {}

  /// @param attempt says whether this server will do
  ServerLogin(
      Gateway gateway,
      Pool.Who who,
      DatabaseUrl at,
      ServerCredentials credentials,
      @Nullable SslContext tls,
      Servers.Attempt attempt,
      Result result) {
    this.gateway = gateway;
    this.who = who;
    this.at = at;
    this.credentials = credentials;
    this.tls = tls;
    this.attempt = attempt;
    this.result = result;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    limit =
        ctx.executor()
            .schedule(
                () -> fail(ctx, "08001", "logging in to " + at.server() + " took too long"),
                gateway.config().limits().login().toMillis(),
                TimeUnit.MILLISECONDS);
    SslContext context = tls;
    if (context == null) {
      start(ctx);
    } else if (at.isTlsDirect()) {
      encrypt(ctx, context);
    } else {
      askedForTls = true;
      ByteBuf out = ctx.alloc().buffer(8);
      FrontendMessages.sslRequest(out);
      ctx.writeAndFlush(out);
    }
  }

  private void start(ChannelHandlerContext ctx) {
    Map<String, String> asked = new LinkedHashMap<>();
    asked.put("user", who.user());
    asked.put("database", who.database());
    asked.put("application_name", "freshet");
    ByteBuf out = ctx.alloc().buffer(128);
    FrontendMessages.startup(out, attempt.minor(), asked);
    ctx.writeAndFlush(out);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    if (isOver) {
      data.release();
      return;
    }
    ByteBuf before = pending;
    pending = ctx.alloc().buffer(before.readableBytes() + data.readableBytes() + 64);
    pending.writeBytes(before).writeBytes(data);
    before.release();
    data.release();
    try {
      while (!isOver && step(ctx)) {
        // One message after the other.
      }
    } catch (ProtocolFault e) {
      fail(ctx, e.sqlState(), "the server does not speak PostgreSQL's protocol: " + e.getMessage());
    } catch (LoginRefused e) {
      // Keys are good for one verifier: the password, where there is one, is for the next attempt.
      credentials.forgetKeys();
      fail(ctx, e.sqlState(), "logging in to " + at.server() + " failed: " + e.getMessage());
    }
  }

  private boolean step(ChannelHandlerContext ctx) throws ProtocolFault, LoginRefused {
    if (askedForTls) {
      return pending.isReadable() && answeredTls(ctx, pending.readByte());
    }
    if (pending.readableBytes() < Frames.HEADER) {
      return false;
    }
    int from = pending.readerIndex();
    int size = Frames.size(pending, from);
    if (size > 1 << 20) {
      throw new ProtocolFault("a message of " + size + " octets during login");
    }
    if (pending.readableBytes() < size) {
      return false;
    }
    pending.skipBytes(size);
    take(ctx, pending.getByte(from), from + Frames.HEADER, from + size);
    return true;
  }

  private boolean answeredTls(ChannelHandlerContext ctx, byte answer) {
    askedForTls = false;
    SslContext context = tls;
    if (answer == 'S' && context != null) {
      if (pending.isReadable()) {
        // What came behind the answer in clear text was not sent by the server.
        fail(ctx, "08P01", "the server sent data before TLS was set up");
        return false;
      }
      encrypt(ctx, context);
      return false;
    }
    if (at.sslMode() != DatabaseUrl.SslMode.PREFER) {
      fail(ctx, "08001", "the server offers no TLS, and sslmode asks for it");
      return false;
    }
    start(ctx);
    return true;
  }

  private void encrypt(ChannelHandlerContext ctx, SslContext context) {
    ctx.pipeline()
        .addFirst("tls", context.newHandler(ctx.alloc(), at.server().host(), at.server().port()));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done) {
      if (!done.isSuccess()) {
        fail(ctx, "08001", "TLS with the server failed: " + done.cause().getMessage());
        return;
      }
      SslHandler handler = ctx.pipeline().get(SslHandler.class);
      if (at.isTlsDirect() && !GatewayTls.PROTOCOL.equals(handler.applicationProtocol())) {
        fail(
            ctx, "08001", "the server does not take TLS directly; leave out sslnegotiation=direct");
        return;
      }
      certificateHash = hashOf(ctx);
      start(ctx);
    }
  }

  private static byte @Nullable [] hashOf(ChannelHandlerContext ctx) {
    SslHandler handler = ctx.pipeline().get(SslHandler.class);
    try {
      return handler.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate c
          ? CertificateHash.of(c)
          : null;
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  private void take(ChannelHandlerContext ctx, byte tag, int from, int to)
      throws ProtocolFault, LoginRefused {
    look(ctx, tag, from, to);
    hasSpoken = true;
  }

  private void look(ChannelHandlerContext ctx, byte tag, int from, int to)
      throws ProtocolFault, LoginRefused {
    switch (tag) {
      case Tag.AUTHENTICATION -> {
        if (to - from < 4) {
          throw new ProtocolFault("an authentication request asks for nothing");
        }
        authenticate(ctx, pending.getInt(from), from + 4, to);
      }
      case Tag.PARAMETER_STATUS -> {
        int value = Frames.endOfString(pending, from, to) + 1;
        parameters.put(Frames.string(pending, from, to), Frames.string(pending, value, to));
      }
      case Tag.BACKEND_KEY_DATA -> {
        if (to - from < 5) {
          throw new ProtocolFault("a key for cancel requests is missing");
        }
        pid = pending.getInt(from);
        key = Frames.octets(pending, from + 4, to);
      }
      case Tag.READY_FOR_QUERY -> {
        String next = nextQuestion();
        if (next == null) {
          ready(ctx);
        } else {
          ask(ctx, next);
        }
      }
      case Tag.DATA_ROW -> {
        String value = question == null ? null : soleValue(from, to);
        if (question != null && value != null) {
          answers.put(question, value);
        }
      }
      case Tag.ERROR -> {
        ErrorReport said = ErrorReport.read(pending, from, to);
        if (!hasSpoken && UNSPOKEN.contains(said.sqlState())) {
          attempt.asksTooMuch();
        }
        if (question != null && !said.isFatal()) {
          // Then it stays unknown: what is read on this connection is not taken for evidence, and
          // a server that may be a standby is not taken for the primary.
          return;
        }
        if (said.sqlState().startsWith("28")) {
          credentials.forgetKeys();
        }
        fail(ctx, said.sqlState(), "the server refused " + who + ": " + said.message());
      }
      default -> {}
    }
  }

  private void authenticate(ChannelHandlerContext ctx, int kind, int from, int to)
      throws ProtocolFault, LoginRefused {
    switch (kind) {
      case 0 -> {
        if (scram != null && !isProved) {
          throw new ProtocolFault("the server lets us in before it has proved itself");
        }
      }
      case 3 -> {
        if (ctx.pipeline().get(SslHandler.class) == null && !at.server().isLoopback()) {
          fail(ctx, "28000", "the server wants the password in the clear without TLS");
          return;
        }
        password(ctx, needed(credentials.password()).getBytes(StandardCharsets.UTF_8));
      }
      case 5 -> password(ctx, Md5Auth.response(md5(), Frames.octets(pending, from, to)));
      case 10 -> {
        ScramClient begun = credentials.scram(offered(from, to), certificateHash);
        scram = begun;
        byte[] first = begun.first();
        ByteBuf out = ctx.alloc().buffer(256);
        FrontendMessages.saslInitialResponse(out, begun.mechanism(), first);
        ctx.writeAndFlush(out);
      }
      case 11 -> {
        byte[] last = running().last(Frames.octets(pending, from, to));
        ByteBuf out = ctx.alloc().buffer(256);
        FrontendMessages.saslResponse(out, last);
        ctx.writeAndFlush(out);
      }
      case 12 -> {
        credentials.keys(running().verify(Frames.octets(pending, from, to)));
        isProved = true;
      }
      default ->
          fail(
              ctx,
              "28000",
              "the server asks for a way to log in that is not known here (" + kind + ")");
    }
  }

  private void password(ChannelHandlerContext ctx, byte[] password) {
    ByteBuf out = ctx.alloc().buffer(64);
    FrontendMessages.password(out, password);
    ctx.writeAndFlush(out);
  }

  private List<String> offered(int from, int to) throws ProtocolFault {
    List<String> out = new ArrayList<>();
    int at = from;
    while (at < to && pending.getByte(at) != 0) {
      out.add(Frames.string(pending, at, to));
      at = Frames.endOfString(pending, at, to) + 1;
    }
    return out;
  }

  private Md5Verifier md5() throws ProtocolFault {
    Md5Verifier known = credentials.md5();
    return known != null ? known : Md5Verifier.of(who.user(), needed(credentials.password()));
  }

  private static String needed(@Nullable String password) throws ProtocolFault {
    if (password == null) {
      throw new ProtocolFault("the server asks for a password, and only keys are at hand");
    }
    return password;
  }

  private ScramClient running() throws ProtocolFault {
    ScramClient known = scram;
    if (known == null) {
      throw new ProtocolFault("SASL goes on that never began");
    }
    return known;
  }

  /// What the server has not said by itself and has to be asked, one after the other; old ones say
  /// little.
  private @Nullable String nextQuestion() {
    List<String> due = new ArrayList<>();
    if (gateway.watch().isOn() && !parameters.containsKey("search_path")) {
      due.add(PATH);
    }
    if (attempt.mustBePrimary() && !parameters.containsKey("in_hot_standby")) {
      due.add(STANDBY);
      due.add(READ_ONLY);
    }
    int at = question == null ? 0 : due.indexOf(question) + 1;
    return at < due.size() ? due.get(at) : null;
  }

  private void ask(ChannelHandlerContext ctx, String sql) {
    question = sql;
    ByteBuf out = ctx.alloc().buffer(64);
    FrontendMessages.query(out, sql);
    ctx.writeAndFlush(out);
  }

  private boolean isStandby() {
    String said = parameters.getOrDefault("in_hot_standby", answers.getOrDefault(STANDBY, "t"));
    return !said.equals("off") && !said.equals("f");
  }

  private boolean isReadOnly() {
    return !parameters
        .getOrDefault("default_transaction_read_only", answers.getOrDefault(READ_ONLY, "on"))
        .equals("off");
  }

  /// Of a row with one column; null where it is something else.
  private @Nullable String soleValue(int from, int to) {
    boolean isOne = to - from >= 6 && pending.getShort(from) == 1;
    int length = isOne ? pending.getInt(from + 2) : -1;
    return length < 0 || from + 6 + length != to
        ? null
        : pending.toString(from + 6, length, StandardCharsets.UTF_8);
  }

  private void ready(ChannelHandlerContext ctx) {
    if (pending.isReadable()) {
      if (pending.getByte(pending.readerIndex()) == Tag.ERROR) {
        // Ended as soon as it was there: what follows says why.
        return;
      }
      fail(ctx, "08P01", "the server went on talking after it was ready");
      return;
    }
    String objection = attempt.objection(isStandby(), isReadOnly());
    if (objection != null) {
      fail(ctx, Servers.UNFIT, "the server at " + at.server() + " is not used: " + objection);
      return;
    }
    end();
    Told told = new Told(at.server(), parameters, answers.get(PATH));
    ctx.pipeline().addLast("server", result.loggedIn(told, pid, key));
    ctx.pipeline().remove(this);
    result.ready();
  }

  private void end() {
    isOver = true;
    pending.release();
    pending = Unpooled.EMPTY_BUFFER;
    ScheduledFuture<?> due = limit;
    if (due != null) {
      due.cancel(false);
    }
  }

  private void fail(ChannelHandlerContext ctx, String sqlState, String message) {
    if (isOver) {
      return;
    }
    end();
    ctx.close();
    result.failed(
        ErrorReport.fatal(
            sqlState, message, "see that the database URL is right: `freshet check` tries it"));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(ctx, "08006", "the server at " + at.server() + " closed the connection during login");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(ctx, "08006", "the connection to " + at.server() + " failed: " + cause.getMessage());
  }
}
