package dev.freshet.gateway;

import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.LoginRefused;
import dev.freshet.pgwire.Md5Auth;
import dev.freshet.pgwire.Md5Verifier;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.ScramServer;
import dev.freshet.pgwire.Secret;
import dev.freshet.pgwire.StartupPacket;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A client's first words: TLS, who it is, and the proof. Puts a [ClientSession] in its own place,
/// or an [AdminSession] where the database is `freshet`.
final class ClientLogin extends ChannelInboundHandlerAdapter {
  /// The name of the database that is the gateway itself.
  static final String ADMIN = "freshet";

  private static final int DIRECT_TLS = 0x16;

  private final Gateway gateway;
  private ByteBuf pending = Unpooled.EMPTY_BUFFER;
  private State state = State.STARTUP;
  private boolean isEncrypted;
  private boolean asked;
  private boolean isTurnedAway;
  private StartupPacket.@Nullable Session session;
  private @Nullable ScramServer scram;
  private @Nullable Secret known;
  private final byte[] salt = new byte[Md5Auth.SALT];
  private @Nullable ScheduledFuture<?> limit;
  private @Nullable Runnable leave;

  private enum State {
    STARTUP,
    /// Its secret is being looked up, or its password checked.
    LOOKING,
    SASL_FIRST,
    SASL_LAST,
    MD5,
    CLEAR,
    WAITING,
    OVER
  }

  ClientLogin(Gateway gateway) {
    this.gateway = gateway;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!gateway.arrives()) {
      isTurnedAway = true;
      ctx.close();
      return;
    }
    limit =
        ctx.executor()
            .schedule(
                () -> {
                  if (state != State.OVER && state != State.WAITING) {
                    ctx.close();
                  }
                },
                gateway.config().limits().login().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    if (state == State.OVER) {
      data.release();
      return;
    }
    ByteBuf before = pending;
    if (before.readableBytes() + data.readableBytes() > 2 * StartupPacket.MAX) {
      data.release();
      refuse(ctx, ErrorReport.fatal("08P01", "too much was sent before logging in", null));
      return;
    }
    pending = ctx.alloc().buffer(before.readableBytes() + data.readableBytes() + 64);
    pending.writeBytes(before).writeBytes(data);
    before.release();
    data.release();
    read(ctx);
  }

  private void read(ChannelHandlerContext ctx) {
    try {
      boolean goOn = true;
      while (goOn && state != State.OVER) {
        goOn =
            switch (state) {
              case STARTUP -> startup(ctx);
              case SASL_FIRST, SASL_LAST, MD5, CLEAR -> proof(ctx);
              case LOOKING, WAITING, OVER -> false;
            };
      }
    } catch (ProtocolFault e) {
      refuse(ctx, ErrorReport.fatal(e.sqlState(), e.getMessage() + "", null));
    } catch (LoginRefused e) {
      refuse(ctx, ErrorReport.fatal(e.sqlState(), e.getMessage() + "", null));
    }
  }

  private boolean startup(ChannelHandlerContext ctx) throws ProtocolFault {
    if (!asked && !isEncrypted && pending.isReadable() && gateway.tls() != null) {
      if (pending.getByte(pending.readerIndex()) == DIRECT_TLS) {
        encrypt(ctx, true);
        return false;
      }
    }
    StartupPacket packet = StartupPacket.read(pending);
    if (packet == null) {
      return false;
    }
    switch (packet) {
      case StartupPacket.Ssl() -> {
        asked = true;
        boolean can = gateway.tls() != null && !isEncrypted;
        if (can && pending.isReadable()) {
          // What was sent in clear text must not count as said under TLS (CVE-2021-23214).
          refuse(ctx, ErrorReport.fatal("08P01", "data came before TLS was set up", null));
          return false;
        }
        ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {(byte) (can ? 'S' : 'N')}));
        if (can) {
          encrypt(ctx, false);
          return false;
        }
      }
      case StartupPacket.Gss() ->
          ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {(byte) 'N'}));
      case StartupPacket.Cancel(int pid, byte[] key) -> {
        gateway.cancel(pid, key);
        over(ctx);
        ctx.close();
        return false;
      }
      case StartupPacket.Session wanted -> begin(ctx, wanted);
    }
    return true;
  }

  private void encrypt(ChannelHandlerContext ctx, boolean direct) {
    var context = gateway.tls();
    if (context == null) {
      return;
    }
    isEncrypted = true;
    ctx.pipeline().addFirst("tls", context.newHandler(ctx.alloc()));
    if (direct) {
      ByteBuf hello = pending;
      pending = Unpooled.EMPTY_BUFFER;
      ctx.pipeline().fireChannelRead(hello);
    }
  }

  private void begin(ChannelHandlerContext ctx, StartupPacket.Session wanted) throws ProtocolFault {
    session = wanted;
    String user = wanted.parameters().get("user");
    if (user == null || user.isEmpty()) {
      refuse(ctx, ErrorReport.fatal("28000", "no user name was given", null));
      return;
    }
    String replication = wanted.parameters().get("replication");
    if (replication != null && !List.of("false", "off", "no", "0").contains(replication)) {
      refuse(
          ctx,
          ErrorReport.fatal(
              "0A000", "replication does not go through the gateway", "connect to the server"));
      return;
    }
    if (isFull(ctx)) {
      return;
    }
    state = State.LOOKING;
    gateway.secret(
        user,
        new UserLookup.Answer() {
          @Override
          public void secret(@Nullable Secret secret) {
            if (state == State.LOOKING) {
              challenge(ctx, wanted, secret);
            }
          }

          @Override
          public void failed(ErrorReport why) {
            refuse(ctx, why);
          }
        });
  }

  private boolean isFull(ChannelHandlerContext ctx) {
    boolean isFull = gateway.isFull();
    if (isFull) {
      refuse(
          ctx,
          ErrorReport.fatal(
              "53300", "there are as many clients as gateway.max-clients allows", "raise it"));
    }
    return isFull;
  }

  /// Asks for the proof that fits the secret: never for less than the server would.
  private void challenge(
      ChannelHandlerContext ctx, StartupPacket.Session wanted, @Nullable Secret secret) {
    boolean isInClear = gateway.config().login().inClear();
    if (isInClear && !isEncrypted) {
      refuse(ctx, ErrorReport.fatal("28000", "passwords are asked for only under TLS", null));
      return;
    }
    ByteBuf out = ctx.alloc().buffer(128);
    int minor = Math.min(2, wanted.minor());
    boolean isUnknown = wanted.minor() == 1 || wanted.minor() > 2;
    if (isUnknown || !wanted.unknownOptions().isEmpty()) {
      BackendMessages.negotiateVersion(out, minor == 1 ? 0 : minor, wanted.unknownOptions());
    }
    known = secret;
    if (isInClear) {
      BackendMessages.authenticationCleartext(out);
      state = State.CLEAR;
    } else if (secret instanceof Md5Verifier) {
      gateway.random().nextBytes(salt);
      BackendMessages.authenticationMd5(out, salt);
      state = State.MD5;
    } else {
      BackendMessages.authenticationSasl(
          out, ScramServer.mechanisms(gateway.certificateHash(isEncrypted)));
      state = State.SASL_FIRST;
    }
    ctx.writeAndFlush(out);
    if (pending.isReadable()) {
      read(ctx);
    }
  }

  private boolean proof(ChannelHandlerContext ctx) throws ProtocolFault, LoginRefused {
    if (pending.readableBytes() < Frames.HEADER) {
      return false;
    }
    int at = pending.readerIndex();
    int size = Frames.size(pending, at);
    if (pending.readableBytes() < size) {
      return false;
    }
    pending.skipBytes(size);
    byte tag = pending.getByte(at);
    if (tag == Tag.TERMINATE) {
      over(ctx);
      ctx.close();
      return false;
    }
    if (tag != Tag.PASSWORD) {
      throw new ProtocolFault("a password message was expected");
    }
    int from = at + Frames.HEADER;
    switch (state) {
      case SASL_FIRST -> first(ctx, from, at + size);
      case SASL_LAST -> last(ctx, Frames.octets(pending, from, at + size));
      case MD5 -> md5(ctx, Frames.string(pending, from, at + size));
      case CLEAR -> clear(ctx, Frames.string(pending, from, at + size));
      case STARTUP, LOOKING, WAITING, OVER -> {}
    }
    return true;
  }

  private void md5(ChannelHandlerContext ctx, String response) {
    boolean isRight =
        known instanceof Md5Verifier verifier
            && Md5Auth.isRight(verifier, salt, response.getBytes(StandardCharsets.UTF_8));
    Md5Verifier proved = known instanceof Md5Verifier verifier ? verifier : null;
    passed(ctx, isRight, new ServerCredentials(null, proved));
  }

  /// Deriving keys from a password takes milliseconds, which the loop does not have.
  private void clear(ChannelHandlerContext ctx, String password) {
    state = State.LOOKING;
    Secret secret = known;
    String user = user();
    Thread.ofVirtual()
        .start(() -> {
          boolean isRight = secret != null && secret.admits(user, password);
          ctx.executor()
              .execute(() -> {
                if (state == State.LOOKING) {
                  passed(ctx, isRight, new ServerCredentials(password));
                }
              });
        });
  }

  private void passed(ChannelHandlerContext ctx, boolean isRight, ServerCredentials credentials) {
    if (!isRight) {
      wrongPassword(ctx);
      return;
    }
    ByteBuf out = ctx.alloc().buffer(16);
    BackendMessages.authenticationOk(out);
    ctx.writeAndFlush(out);
    state = State.WAITING;
    admit(ctx, credentials);
  }

  private void wrongPassword(ChannelHandlerContext ctx) {
    refuse(
        ctx,
        ErrorReport.fatal(
            "28P01", "password authentication failed for user \"" + user() + "\"", null));
  }

  private void first(ChannelHandlerContext ctx, int from, int to)
      throws ProtocolFault, LoginRefused {
    String chosen = Frames.string(pending, from, to);
    int length = Frames.endOfString(pending, from, to) + 1;
    if (to - length < 4 || pending.getInt(length) != to - length - 4) {
      throw new ProtocolFault("a SASLInitialResponse has no message of the length it says");
    }
    ScramServer begun =
        ScramServer.begin(
            chosen,
            gateway.verifier(user(), known),
            gateway.certificateHash(isEncrypted),
            gateway.random());
    scram = begun;
    byte[] answer = begun.first(Frames.octets(pending, length + 4, to));
    ByteBuf out = ctx.alloc().buffer(128);
    BackendMessages.authenticationSaslContinue(out, answer);
    ctx.writeAndFlush(out);
    state = State.SASL_LAST;
  }

  private void last(ChannelHandlerContext ctx, byte[] message) throws LoginRefused {
    ScramServer running = scram;
    if (running == null) {
      return;
    }
    switch (running.last(message)) {
      case ScramServer.Outcome.Granted(var proof, var keys) -> {
        ByteBuf out = ctx.alloc().buffer(128);
        BackendMessages.authenticationSaslFinal(out, proof);
        BackendMessages.authenticationOk(out);
        ctx.writeAndFlush(out);
        state = State.WAITING;
        admit(ctx, gateway.credentials(user(), keys));
      }
      case ScramServer.Outcome.Denied() -> wrongPassword(ctx);
    }
  }

  private StartupPacket.Session session() {
    StartupPacket.Session known = session;
    if (known == null) {
      throw new IllegalStateException("no startup packet yet");
    }
    return known;
  }

  private String user() {
    return String.valueOf(session().parameters().get("user"));
  }

  private void admit(ChannelHandlerContext ctx, ServerCredentials credentials) {
    String database = session().parameters().getOrDefault("database", user());
    if (database.equals(ADMIN)) {
      admin(ctx);
      return;
    }
    Pool pool = gateway.pool(new Pool.Who(user(), database), credentials);
    Newcomers.Welcome newcomer =
        new Newcomers.Welcome() {
          @Override
          public void parameters(Map<String, String> parameters) {
            if (ctx.channel().isActive() && state == State.WAITING) {
              open(ctx, pool, parameters);
            }
          }

          @Override
          public void unreachable(ErrorReport why) {
            refuse(ctx, why);
          }
        };
    leave = () -> pool.leaves(newcomer);
    pool.welcome(newcomer);
  }

  private void open(ChannelHandlerContext ctx, Pool pool, Map<String, String> server) {
    if (isFull(ctx)) {
      return;
    }
    Map<String, String> wanted = new LinkedHashMap<>();
    try {
      session()
          .parameters()
          .forEach((name, value) -> {
            switch (name) {
              case "user", "database", "replication" -> {}
              case "options" -> StartupOptions.read(value, wanted);
              default -> wanted.put(name.toLowerCase(Locale.ROOT), value);
            }
          });
    } catch (IllegalArgumentException e) {
      refuse(ctx, ErrorReport.fatal("22023", e.getMessage() + "", null));
      return;
    }
    Map<String, String> told = StartupOptions.told(wanted, server);
    int pid = gateway.newPid();
    byte[] key = new byte[session().minor() >= 2 ? 32 : 4];
    gateway.random().nextBytes(key);
    ByteBuf out = ctx.alloc().buffer(512);
    told.forEach((name, value) -> BackendMessages.parameterStatus(out, name, value));
    BackendMessages.backendKeyData(out, pid, key);
    BackendMessages.readyForQuery(out, (byte) 'I');
    ctx.writeAndFlush(out);
    gateway.figures().loggedIn();
    String name = wanted.getOrDefault("application_name", "");
    become(
        ctx,
        new ClientSession(
            gateway,
            pool,
            gateway.intern(SessionSettings.of(wanted)),
            new Reported(server, told),
            pid,
            key,
            name));
  }

  private void admin(ChannelHandlerContext ctx) {
    ByteBuf out = ctx.alloc().buffer(128);
    BackendMessages.parameterStatus(out, "server_version", "freshet");
    BackendMessages.parameterStatus(out, "client_encoding", "UTF8");
    BackendMessages.backendKeyData(out, gateway.newPid(), new byte[4]);
    BackendMessages.readyForQuery(out, (byte) 'I');
    ctx.writeAndFlush(out);
    boolean mayRule = user().equals(gateway.config().database().user());
    become(ctx, new AdminSession(gateway, mayRule));
  }

  private void become(ChannelHandlerContext ctx, ChannelInboundHandlerAdapter next) {
    ByteBuf rest = pending;
    pending = Unpooled.EMPTY_BUFFER;
    state = State.OVER;
    ctx.pipeline().addLast("client", next);
    ChannelHandlerContext place = ctx.pipeline().context(next);
    ctx.pipeline().remove(this);
    if (rest.isReadable()) {
      try {
        next.channelRead(place, rest);
        next.channelReadComplete(place);
      } catch (Exception e) {
        place.fireExceptionCaught(e);
      }
    } else {
      rest.release();
    }
  }

  private void refuse(ChannelHandlerContext ctx, ErrorReport why) {
    if (state == State.OVER) {
      return;
    }
    gateway.figures().loginRefused();
    over(ctx);
    ByteBuf out = ctx.alloc().buffer(256);
    why.write(out);
    ctx.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
  }

  private void over(ChannelHandlerContext ctx) {
    state = State.OVER;
    pending.release();
    pending = Unpooled.EMPTY_BUFFER;
    ctx.channel().config().setAutoRead(true);
  }

  /// Direct TLS must name the protocol, as PostgreSQL demands (the ALPACA attack).
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    boolean isShaken = event instanceof SslHandshakeCompletionEvent done && done.isSuccess();
    SslHandler tls = isShaken && !asked ? ctx.pipeline().get(SslHandler.class) : null;
    if (tls != null && !GatewayTls.PROTOCOL.equals(tls.applicationProtocol())) {
      refuse(ctx, ErrorReport.fatal("08P01", "direct TLS without ALPN \"postgresql\"", null));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Runnable waited = leave;
    if (state != State.OVER) {
      over(ctx);
    }
    if (waited != null) {
      waited.run();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ScheduledFuture<?> due = limit;
    if (due != null) {
      // It would keep everything that was said while logging in.
      due.cancel(false);
    }
    if (!isTurnedAway) {
      gateway.arrived();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
