import Config
import EventLoop
import Fetch
import JOSE
import OpenID

/// Reaches the providers, checkers and apps with a login of their own that a configuration names, and finds what is wrong with them, with the way there, or with what is configured of them.
package enum ProviderCheck {
  /// What was found, and what an operator has to enter there.
  package struct Report: Sendable {
    package var diagnostics: [Diagnostic] = []
    package var lines: [String] = []
  }

  // More than any provider needs that is there: four requests.
  private static let patience: Int64 = 45_000

  /// Asks all of them, one after the other; blocks.
  package static func report(_ sites: [Site], _ listeners: [Listener]) -> Report {
    var report = Report()
    var asked: [OpenIDLoginSettings] = []
    for site in sites {
      for case .openID(let settings) in site.logins.map(\.kind) {
        let addresses = ProviderAddresses(site, listeners)
        report.lines += addresses.lines(settings)
        // Sites may share a client.
        guard !asked.contains(settings) else { continue }
        asked.append(settings)
        report.diagnostics += check(at: "site \(site.name), login oidc \(settings.issuer)") { pool, handle throws(Diagnostic) in
          let provider = try OpenIDProvider(settings, pool: pool, events: nil)
          return { await ProviderProbe(provider, redirectURI: addresses.redirect, handle: handle).findings() }
        }
      }
      if let settings = site.appLogin {
        let origin = ProviderAddresses(site, listeners).origin
        let host = String(origin.drop { $0 != "/" }.dropFirst(2))
        report.diagnostics += check(at: "site \(site.name), login app") { pool, handle throws(Diagnostic) in
          let probe = try AppLoginProbe(settings, site, host: host, pool: pool)
          return { await probe.findings(on: handle) }
        }
      }
      for case .forward(let settings) in site.logins.map(\.kind) {
        let addresses = ProviderAddresses(site, listeners)
        report.lines += addresses.lines(settings)
        report.diagnostics += check(at: "site \(site.name), login forward") { pool, handle throws(Diagnostic) in
          let probe = try ForwardProbe(settings, origin: addresses.origin, pool: pool)
          return { await probe.findings(on: handle) }
        }
      }
    }
    return report
  }

  private typealias Question = @Sendable () async -> [ProviderFinding]

  /// - Parameter make: reads the files that are needed, and asks when called.
  private static func check(
    at place: String, _ make: (BlockingPool, LoopHandle) throws(Diagnostic) -> Question
  ) -> [Diagnostic] {
    do throws(SystemError) {
      let pool = try BlockingPool(name: "look-up", threads: 1, limit: 8)
      let loop = try LoopThread(name: "check") { _ in }
      let answers = try Answers<[ProviderFinding]>(count: 1)
      defer {
        loop.stop()
        loop.join()
        _ = pool.finish(within: 0)
      }
      do throws(Diagnostic) {
        let question = try make(pool, loop.handle)
        // On the loop's thread: this one is about to wait, and may be one that others need to go on.
        Task(executorPreference: loop.handle) { answers.put(await question(), from: 0) }
      } catch {
        return [error]
      }
      guard let findings = answers.wait(milliseconds: patience)[0] else {
        return [Diagnostic(.error, file: place, line: 0, column: 0, "it takes too long to answer (try again)")]
      }
      return findings.map { Diagnostic($0.isError ? .error : .warning, file: place, line: 0, column: 0, $0.message) }
    } catch {
      return [Diagnostic(.error, file: place, line: 0, column: 0, "\(error)")]
    }
  }
}
