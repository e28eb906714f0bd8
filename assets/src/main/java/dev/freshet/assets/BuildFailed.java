package dev.freshet.assets;

import dev.freshet.base.Trouble;
import java.util.List;

/// The sources can't be built as they are; what was built before stays as it was.
public final class BuildFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient List<Complaint> complaints;

  /// One thing that is wrong with the sources.
  ///
  /// @param frame the lines where it is, marked; may be empty
  public record Complaint(Trouble trouble, String frame) {}

  BuildFailed(List<Complaint> complaints) {
    super(String.join("\n", complaints.stream().map(c -> c.trouble().line()).toList()));
    this.complaints = List.copyOf(complaints);
  }

  BuildFailed(Trouble trouble) {
    this(List.of(new Complaint(trouble, "")));
  }

  /// At least one.
  public List<Complaint> complaints() {
    return complaints;
  }
}
