import HTTP

/// Whether a request that got no answer may be sent once more (RFC 9110 section 9.2.2; stricter: only safe methods without a body).
package enum RetryRule {
  /// What ended an attempt.
  package enum Failure: Sendable {
    /// Refused, unreachable, or not connected in time: nothing was sent.
    case notConnected
    /// Closed or reset before the first byte of an answer.
    case closedBeforeAnswer
    /// Anything later.
    case other
  }

  /// - Parameters:
  ///   - attempt: 1 for the first.
  ///   - wasReused: the connection had carried a request before.
  package static func mayRetry(after failure: Failure, attempt: Int, method: Method, hasBody: Bool, wasReused: Bool) -> Bool {
    guard attempt == 1, method.isSafe, !hasBody else { return false }
    switch failure {
    case .notConnected: return true
    case .closedBeforeAnswer: return wasReused
    case .other: return false
    }
  }
}
