package dev.freshet.assets;

import java.util.Map;

/// Files that a bundle can't take as they are, and what to do about each kind.
final class UncompiledKinds {
  private static final String ELSEWHERE =
      ", which this build does not run: build by %s and put Freshet in front of what comes out";

  private static final Map<String, String> REMEDIES =
      Map.ofEntries(
          Map.entry(".vue", "a Vue component needs Vue's compiler" + ELSEWHERE.formatted("Vite")),
          Map.entry(
              ".svelte", "a Svelte component needs Svelte's compiler" + ELSEWHERE.formatted("Vite")),
          Map.entry(
              ".astro", "an Astro page needs Astro's compiler" + ELSEWHERE.formatted("astro build")),
          Map.entry(
              ".mdx", "MDX needs its compiler" + ELSEWHERE.formatted("Vite, or write it as .tsx")),
          Map.entry(".scss", styles("sass")),
          Map.entry(".sass", styles("sass")),
          Map.entry(".less", styles("lessc")),
          Map.entry(".styl", styles("stylus")),
          Map.entry(".graphql", as(".graphql", "text")),
          Map.entry(".gql", as(".gql", "text")),
          Map.entry(".md", as(".md", "text")),
          Map.entry(".csv", as(".csv", "text")),
          Map.entry(".glsl", as(".glsl", "text")));

  private UncompiledKinds() {}

  private static String styles(String compiler) {
    return "make a .css file of it first (" + compiler + ", from npm) and import that";
  }

  private static String as(String ending, String loader) {
    return "say what it is: --with=--loader:" + ending + "=" + loader;
  }

  /// @param ending with its dot
  static String remedy(String ending) {
    return REMEDIES.getOrDefault(ending, as(ending, "file"));
  }
}
