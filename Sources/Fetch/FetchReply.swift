import Synchronization

/// Resumes whoever waits for a fetch exactly once: with what is put first, or, when nobody is left who could put anything, with a fault. So also
/// where the loop ends, and what ran on it is dropped.
final class FetchReply: Sendable {
  typealias Outcome = Result<FetchAnswer, FetchFault>

  private let continuation: Mutex<CheckedContinuation<Outcome, Never>?>
  private let address: FetchAddress

  init(_ continuation: CheckedContinuation<Outcome, Never>, _ address: FetchAddress) {
    self.continuation = Mutex(continuation)
    self.address = address
  }

  func put(_ outcome: Outcome) {
    let waiting = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    waiting?.resume(returning: outcome)
  }

  deinit { put(.failure(FetchFault(.ended, address))) }
}
