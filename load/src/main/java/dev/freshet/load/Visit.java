package dev.freshet.load;

import java.util.List;

/// What one kind of visitor does, step by step.
///
/// @param weight how often it is chosen, beside the weights of the others
public record Visit(String name, int weight, List<Step> steps) {

  public Visit {
    steps = List.copyOf(steps);
    if (weight < 1 || steps.isEmpty()) {
      throw new IllegalArgumentException("a visit has a weight and steps");
    }
  }
}
