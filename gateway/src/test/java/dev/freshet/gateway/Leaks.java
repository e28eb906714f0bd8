package dev.freshet.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Buffers that were lost before they were released, where Netty's paranoid detection sees it.
// One of the two ways to ask for a detector is an old one.
@SuppressWarnings("deprecation")
final class Leaks {
  private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();

  private Leaks() {}

  /// Must come before the first buffer.
  static void watch() {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval, long maxActive) {
            return watching(resource, samplingInterval);
          }

          @Override
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval) {
            return watching(resource, samplingInterval);
          }
        });
  }

  private static <T> ResourceLeakDetector<T> watching(Class<T> resource, int samplingInterval) {
    return new ResourceLeakDetector<>(resource, samplingInterval) {
      @Override
      protected boolean needReport() {
        return true;
      }

      @Override
      protected void reportTracedLeak(String resourceType, String records) {
        FOUND.add(resourceType + records);
      }

      @Override
      protected void reportUntracedLeak(String resourceType) {
        FOUND.add(resourceType);
      }
    };
  }

  /// Everything found so far, after a look at what the collector has found dead.
  static List<String> found() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      for (int n = 0; n < 100; n++) {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.buffer(16);
        buffer.release();
      }
    }
    return List.copyOf(FOUND);
  }
}
