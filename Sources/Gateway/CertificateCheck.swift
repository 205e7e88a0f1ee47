import Config
import EventLoop
import TLS

/// Finds what is wrong with the certificates and keys that a configuration names, which only reading them tells.
package enum CertificateCheck {
  // Time enough for somebody to see the warning.
  private static let soon: Int64 = 14 * 86_400

  /// Errors and warnings, in the order of the configuration.
  package static func diagnostics(_ configuration: Configuration) -> [Diagnostic] {
    let now = System.wallMilliseconds() / 1000
    return configuration.listeners.flatMap { listener in
      listener.tls.map { check($0, configuration.sites, now) } ?? []
    } + WatchedAuthorities.check(configuration.sites) + ProviderFiles.check(configuration.sites)
  }

  private static func check(_ settings: ListenerTLS, _ sites: [Site], _ now: Int64) -> [Diagnostic] {
    var found: [Diagnostic] = []
    var facts: [CertificateFacts] = []
    for files in settings.certificates {
      do throws(Diagnostic) {
        let read = try WatchedCertificates.certificate(files)
        let certificate = read.facts
        facts.append(certificate)
        if let message = timeFault(certificate, now) {
          found.append(Diagnostic(.warning, at: files.position, "the certificate \(files.chain) \(message)"))
        }
        if certificate.names.isEmpty, certificate.addresses.isEmpty {
          found.append(
            Diagnostic(.warning, at: files.position, "the certificate \(files.chain) is for no host: browsers look at subjectAltName only"))
        }
        let staple = FoundStaple(files, read)
        if let fault = staple.fault(at: now) {
          found.append(Diagnostic(.warning, at: files.position, "the OCSP answer \(staple.file) is not sent along: \(fault)"))
        }
      } catch {
        found.append(error)
      }
    }
    if found.contains(where: { $0.severity == .error }) { return found }
    // Whatever else is wrong shows when all of it is put together.
    do throws(Diagnostic) { _ = try WatchedCertificates(settings, tickets: TicketSecrets { 0 }) } catch { found.append(error) }
    let open = sites.flatMap(\.hosts).map(\.text).filter { host in !facts.contains { $0.covers(host) } }
    if !open.isEmpty {
      let names = open.map { "`\($0)`" }.joined(separator: ", ")
      found.append(
        Diagnostic(
          .warning, at: settings.certificates[0].position,
          "no certificate of this listener is for \(names): browsers will refuse to go there (add one with `tls CERTIFICATE KEY`)"))
    }
    return found
  }

  private static func timeFault(_ certificate: CertificateFacts, _ now: Int64) -> String? {
    if certificate.notAfter < now { return "has expired: browsers refuse it (put a new one in its place)" }
    if certificate.notBefore > now { return "is not valid yet: browsers refuse it (is this machine's clock right?)" }
    guard certificate.notAfter < now + soon else { return nil }
    let days = (certificate.notAfter - now) / 86_400
    return "expires in \(days) \(days == 1 ? "day" : "days") (put a new one in its place)"
  }
}
