package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlCommentTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

  @Test
  void readsTagsBehindAndBeforeTheText() {
    assertThat(tags("select 1 /*action='show',controller='shop'*/"))
        .containsExactly(Map.entry("action", "show"), Map.entry("controller", "shop"));
    assertThat(tags("/* controller = 'shop' , action = 'show' */ select 1"))
        .containsExactly(Map.entry("controller", "shop"), Map.entry("action", "show"));
    assertThat(tags("/*a='1'*/ select 1 /*b='2'*/ /*c='3'*/;"))
        .containsEntry("a", "1")
        .containsEntry("b", "2")
        .containsEntry("c", "3");
  }

  @Test
  void decodesWhatSqlcommenterEncodes() {
    assertThat(tags("select 1 /*route='%2Fpolls%201%2a%2F',n\\u='x'*/")).isEmpty();
    assertThat(tags("select 1 /*route='%2Fpolls%201',q='it\\'s',k%20ey='%E2%82%AC',bad='%zz%4'*/"))
        .containsEntry("route", "/polls 1")
        .containsEntry("q", "it's")
        .containsEntry("k ey", "€")
        .containsEntry("bad", "%zz%4");
  }

  @Test
  void readsMarginalia() {
    assertThat(tags("select 1 /*application:Shop,controller:products,line:/app/x.rb:12:in `f'*/"))
        .containsEntry("application", "Shop")
        .containsEntry("controller", "products")
        .containsEntry("line", "/app/x.rb:12:in `f'");
  }

  @Test
  void theLastOfTwoCounts() {
    assertThat(tags("/*a='1'*/ select 1 /*a='2'*/")).containsExactly(Map.entry("a", "2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1 /* just words */",
        "select 1 /* note: a, b */",
        "select 1 /*a='b*/",
        "select 1 /*a='b' c='d'*/",
        "select /*a='b'*/ 1",
        "select '/*a=''b''*/'",
        "select 1 -- a='b'",
        "/*+ a='b' */ select 1",
        "select 1 /*='b'*/",
        "select 1"
      })
  void proseAndHintsAndInnerCommentsAreNoTags(String sql) {
    assertThat(tags(sql)).isEmpty();
  }

  @Test
  void findsTheTrace() {
    assertThat(trace("select 1 /*db='x',traceparent='" + PARENT + "',z='1'*/")).isEqualTo(TRACE);
    assertThat(trace("/*traceparent:" + PARENT + "*/ select 1")).isEqualTo(TRACE);
    assertThat(trace("select 1 /*traceparent='" + PARENT.replace("-01", "-00") + "'*/"))
        .isEqualTo(TRACE);
    assertThat(trace("select 1 /*traceparent='cc" + PARENT.substring(2) + "-more'*/"))
        .isEqualTo(TRACE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-" + TRACE + "-00f067aa0ba902b7",
        "ff-" + TRACE + "-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-" + TRACE + "-00f067aa0ba902b7-01-more",
        "cc-" + TRACE + "-00f067aa0ba902b7-01.more",
        "00_" + TRACE + "-00f067aa0ba902b7-01",
        "0x-" + TRACE + "-00f067aa0ba902b7-01"
      })
  void whatW3cCallsInvalidIsNoTrace(String parent) {
    assertThat(trace("select 1 /*traceparent='" + parent + "'*/")).isNull();
  }

  @Test
  void thousandsOfTagsAreNotRead() {
    StringBuilder comment = new StringBuilder("a='b'");
    for (int i = 0; i < 1_000; i++) {
      comment.append(",k").append(i).append("='v'");
    }
    assertThat(tags("select 1 /*" + comment + "*/")).isEmpty();
  }

  private static Map<String, String> tags(String sql) {
    return comment(sql).tags();
  }

  private static @org.jspecify.annotations.Nullable String trace(String sql) {
    return comment(sql).traceId();
  }

  private static SqlComment comment(String sql) {
    byte[] octets = sql.getBytes(StandardCharsets.UTF_8);
    return SqlComment.of(octets, 0, octets.length, Statement.read(sql));
  }
}
