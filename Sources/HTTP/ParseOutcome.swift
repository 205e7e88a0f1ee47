/// What one call of a head parser came to.
package enum ParseOutcome<Fault: Error & Sendable & Equatable>: Sendable, Equatable {
  /// The bytes so far are the beginning of a head: call again when there are more.
  case incomplete
  /// The head is filled in, and the parser is ready for another message.
  case complete
  /// The message is refused. The connection cannot be used for another one.
  case failed(Fault)
}
