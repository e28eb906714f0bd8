package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The names by which a session or a credential is known.
class CookiesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sid",
        "session",
        "JSESSIONID",
        "PHPSESSID",
        "SSESS0123456789abcdef",
        "sessionid",
        "ASP.NET_SessionId",
        ".AspNetCore.Session",
        ".AspNetCore.Cookies",
        ".ASPXAUTH",
        "connect.sid",
        "koa.sess",
        "laravel_session",
        "laravel-session",
        "_shop_session",
        "appSession",
        "appSession.0",
        "PLAY_SESSION",
        "rack.session",
        "__Host-session",
        "__Secure-next-auth.session-token",
        "next-auth.session-token.0",
        "__Secure-authjs.session-token.1",
        "better-auth.session_token",
        "sb-abcdefgh-auth-token",
        "wordpress_logged_in_0123456789",
        "wp_woocommerce_session_0123456789",
        "access_token",
        "jwt",
        "remember_user_token",
        "_csrf_session"
      })
  void ofASessionAreKnown(String name) {
    assertThat(Cookies.isSession(name, Set.of())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "csrftoken",
        "XSRF-TOKEN",
        "_csrf_token",
        ".AspNetCore.Antiforgery.abc",
        "__RequestVerificationToken",
        "cookie_consent_token",
        "_hjSessionUser_123",
        "_ga",
        "_fbp",
        "theme",
        "lang",
        "cart",
        ""
      })
  void ofOthersAreNone(String name) {
    assertThat(Cookies.isSession(name, Set.of())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cart", "member"})
  void theOperatorMayNameMore(String name) {
    assertThat(Cookies.isSession(name, Set.of("cart", "member"))).isTrue();
  }
}
