package dev.freshet.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Stands for one object of the driver's: what a subclass does not take is passed on.
abstract class Calls implements InvocationHandler {
  /// An object with all the public interfaces of the driver's, so that casts go on working.
  static Object proxy(Object real, Calls calls) {
    Set<Class<?>> faces = new LinkedHashSet<>();
    for (Class<?> type = real.getClass(); type != null; type = type.getSuperclass()) {
      for (Class<?> face : type.getInterfaces()) {
        if (Modifier.isPublic(face.getModifiers())) {
          faces.add(face);
        }
      }
    }
    ClassLoader loader = real.getClass().getClassLoader();
    return Proxy.newProxyInstance(loader, faces.toArray(new Class<?>[0]), calls);
  }

  /// What the driver has behind this object now.
  abstract Object real();

  /// @param arguments empty for none
  abstract @Nullable Object take(Object self, Method method, Object[] arguments) throws Throwable;

  // Two of these are equal when they are one, as two statements of the driver's are.
  @SuppressWarnings("ReferenceEquality")
  @Override
  public final @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments)
      throws Throwable {
    Object[] given = arguments == null ? new Object[0] : arguments;
    if (method.getDeclaringClass() != Object.class) {
      return take(self, method, given);
    }
    switch (method.getName()) {
      case "equals":
        return self == given[0];
      case "hashCode":
        return System.identityHashCode(self);
      default:
        return pass(real(), method, given);
    }
  }

  static @Nullable Object pass(Object to, Method method, Object... arguments) throws Throwable {
    try {
      return method.invoke(to, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
