package dev.freshet.integrations;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;

/// [JdbcShop] as a servlet, which knows nothing of traces.
final class JdbcServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private final transient JdbcShop shop;

  JdbcServlet(JdbcShop shop) {
    this.shop = shop;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      response.getWriter().print(shop.answer(request.getServletPath(), request.getParameter("n")));
    } catch (SQLException e) {
      response.sendError(500, e.toString());
    }
  }

  @Override
  public void destroy() {
    try {
      shop.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
