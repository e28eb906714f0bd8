package dev.freshet.jdbc;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Binds the `traceparent` of each request to the thread that serves it.
public final class TraceFilter implements Filter {
  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String before = Trace.enter(traceparent(request));
    try {
      chain.doFilter(request, response);
    } finally {
      Trace.leave(before);
    }
  }

  private static @Nullable String traceparent(ServletRequest request) {
    return request instanceof HttpServletRequest
        ? ((HttpServletRequest) request).getHeader("traceparent")
        : null;
  }
}
