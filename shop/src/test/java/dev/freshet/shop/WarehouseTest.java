package dev.freshet.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Town.class)
class WarehouseTest {

  @Test
  void photos_are_large_distinct_and_the_same_each_time() throws IOException, InterruptedException {
    Set<Integer> seen = new HashSet<>();
    for (int number : new int[] {1, 2, Photos.COUNT}) {
      byte[] photo = Photos.photo(number);
      assertThat(photo.length).isBetween(200_000, 900_000);
      assertThat(photo).isEqualTo(Photos.photo(number));
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(photo));
      assertThat(image.getWidth()).isEqualTo(1600);
      seen.add(java.util.Arrays.hashCode(photo));
    }
    assertThat(seen).hasSize(3);
  }

  @Test
  void scripts_and_styles_are_the_same_each_time() {
    assertThat(ScriptPress.framework()).isEqualTo(ScriptPress.framework());
    assertThat(ScriptPress.widgets()).contains("Harbour.register(").doesNotContain("@N@", "---");
    assertThat(StylePress.utilities()).isEqualTo(StylePress.utilities());
    String styles = StylePress.components();
    assertThat(styles.chars().filter(c -> c == '{').count())
        .isEqualTo(styles.chars().filter(c -> c == '}').count());
  }

  @Test
  void a_second_fill_makes_only_what_is_missing(Town.Open town)
      throws IOException, InterruptedException {
    Path data = Path.of("target", "shop-data");
    Path folder = Warehouse.fill(data, Town.silent());
    Path photo = folder.resolve("photos/9.jpg");
    var before = Files.getLastModifiedTime(folder.resolve("photos/8.jpg"));
    Files.delete(photo);

    Warehouse.fill(data, Town.silent());

    assertThat(photo).exists();
    assertThat(Files.getLastModifiedTime(folder.resolve("photos/8.jpg"))).isEqualTo(before);
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(file -> file.toString().endsWith(".tmp"))).isEmpty();
    }
    assertThat(town.get("/static/photos/9.jpg").statusCode()).isEqualTo(200);
  }
}
