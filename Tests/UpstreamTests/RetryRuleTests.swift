import HTTP
import Testing

@testable import Upstream

@Suite struct RetryRuleTests {
  static let safe: [Method] = [.get, .head, .options]
  static let unsafe: [Method] = [.post, .put, .patch, .delete, .other]
  static let failures: [RetryRule.Failure] = [.notConnected, .closedBeforeAnswer, .other]

  @Test("a safe request without a body is sent again when it was never sent", arguments: safe, [true, false])
  func notConnected(method: Method, wasReused: Bool) {
    #expect(RetryRule.mayRetry(after: .notConnected, attempt: 1, method: method, hasBody: false, wasReused: wasReused))
  }

  @Test("a close before the answer is forgiven to a connection that was used before, and to no other", arguments: safe)
  func closed(method: Method) {
    #expect(RetryRule.mayRetry(after: .closedBeforeAnswer, attempt: 1, method: method, hasBody: false, wasReused: true))
    #expect(!RetryRule.mayRetry(after: .closedBeforeAnswer, attempt: 1, method: method, hasBody: false, wasReused: false))
  }

  @Test("nothing is sent a third time", arguments: failures, [2, 3, 100])
  func once(failure: RetryRule.Failure, attempt: Int) {
    #expect(!RetryRule.mayRetry(after: failure, attempt: attempt, method: .get, hasBody: false, wasReused: true))
  }

  @Test("a method that changes something is never sent twice", arguments: failures, unsafe)
  func unsafeMethods(failure: RetryRule.Failure, method: Method) {
    #expect(!RetryRule.mayRetry(after: failure, attempt: 1, method: method, hasBody: false, wasReused: true))
  }

  @Test("a request with a body is never sent twice", arguments: failures)
  func bodies(failure: RetryRule.Failure) {
    #expect(!RetryRule.mayRetry(after: failure, attempt: 1, method: .get, hasBody: true, wasReused: true))
  }

  @Test("what broke after the first byte of an answer stays broken")
  func other() { #expect(!RetryRule.mayRetry(after: .other, attempt: 1, method: .get, hasBody: false, wasReused: true)) }
}
