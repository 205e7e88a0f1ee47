/// What one fetch may take.
package struct FetchBounds: Sendable {
  /// For everything together, the name look-up included.
  package var milliseconds: Int64 = 10_000
  /// The head, and interim ones before it.
  package var headBytes = 32 << 10
  /// The body out of its framing. On the wire it may be twice that.
  package var bodyBytes = 1 << 20

  package init() {}
}
