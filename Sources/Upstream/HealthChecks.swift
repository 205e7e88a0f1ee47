import Config
import EventLoop

/// Asks one server how it is, again and again, and tells all loops. Belongs on one loop.
package final class HealthChecks: Pollable {
  private let server: UpstreamServer
  private let milliseconds: Int64
  private let timeout: Int64
  private let request: [UInt8]
  private var verdict: HealthVerdict
  private unowned let loop: EventLoop
  private let report: (HealthVerdict.State, String) -> Void

  /// Begins once `deadlineReached` is called on the loop it was added to.
  /// - Parameters:
  ///   - milliseconds: from the start of one check to the start of the next, or to the end of a slow one.
  ///   - timeout: for one check, in milliseconds.
  ///   - report: called when it goes down, with the reason of the last failure, and when it is up again.
  package init(
    _ server: UpstreamServer, check: UpstreamSettings.HealthCheck, milliseconds: Int64, timeout: Int64, loop: EventLoop,
    report: @escaping (HealthVerdict.State, String) -> Void
  ) {
    self.server = server
    self.milliseconds = milliseconds
    self.timeout = timeout
    self.loop = loop
    self.report = report
    request = HealthProbe.request(path: check.path, host: server.record.healthHost)
    verdict = HealthVerdict(fails: check.fails, passes: check.passes)
  }

  package override func deadlineReached() {
    let start = loop.now
    _ = HealthProbe(server, request: request, milliseconds: timeout, loop: loop) { [weak self] outcome in
      self?.note(outcome, start)
    }
  }

  private func note(_ outcome: HealthProbe.Outcome, _ start: Int64) {
    var reason = ""
    if case .failed(let why) = outcome { reason = why }
    let before = verdict.state
    if let state = verdict.note(passed: outcome == .passed) {
      server.record.note(state, loop.now)
      if state == .down || before == .down { report(state, reason) }
    }
    loop.setDeadline(self, at: max(loop.now + 1, start + milliseconds))
  }
}
