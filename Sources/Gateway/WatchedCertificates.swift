import Audit
import Config
import Synchronization
import TLS

/// A listener's certificates, which are read again when their files change. New connections take what was read last.
final class WatchedCertificates: Sendable {
  private let settings: ListenerTLS
  private let tickets: TicketSecrets
  private let current: Mutex<TLSServer>
  private let seen: Mutex<[FileStamp?]>

  private static let limit = 1 << 20

  /// - Throws: `Diagnostic`, about the line that names the faulty file.
  init(_ settings: ListenerTLS, tickets: TicketSecrets) throws(Diagnostic) {
    self.settings = settings
    self.tickets = tickets
    seen = Mutex(Self.stamps(settings))
    current = Mutex(try Self.read(settings, tickets))
  }

  /// What new connections take.
  var server: TLSServer { current.withLock { $0 } }

  /// Of each certificate, the file that it was read from and what it says.
  var facts: [(file: String, facts: CertificateFacts)] {
    zip(settings.certificates, server.certificates).map { ($0.chain, $1) }
  }

  /// Reads the files if they are not those read last. As long as they are broken, what was read before stays in force. Blocks: for the pool.
  func refresh(events: Events) {
    let stamps = Self.stamps(settings)
    let isNew = seen.withLock { seen in
      defer { seen = stamps }
      return seen != stamps
    }
    guard isNew else { return }
    do throws(Diagnostic) {
      let read = try Self.read(settings, tickets)
      current.withLock { $0 = read }
      for (files, facts) in zip(settings.certificates, read.certificates) {
        events.info("certificate read", ["file": files.chain, "names": facts.names.joined(separator: " ")])
      }
    } catch {
      events.error(
        "new certificates cannot be used: the old ones stay in force", ["place": "\(error.file):\(error.line)", "reason": error.message])
    }
  }

  private static func stamps(_ settings: ListenerTLS) -> [FileStamp?] {
    var paths = settings.certificates.flatMap { [$0.chain, $0.key, $0.staple] }
    if let authority = settings.clientAuthority { paths.append(authority.path) }
    return paths.map { FileStamp.of($0) }
  }

  // MARK: Reading

  private static func read(_ settings: ListenerTLS, _ tickets: TicketSecrets) throws(Diagnostic) -> TLSServer {
    var certificates: [(certificate: Certificate, staple: [UInt8]?)] = []
    for files in settings.certificates {
      certificates.append((try certificate(files), FileStamp.of(files.staple).flatMap { _ in FileStamp.read(files.staple, limit: limit) }))
    }
    var authorities: [UInt8]?
    if let authority = settings.clientAuthority { authorities = try bytes(authority.path, "the authorities", authority.position) }
    let position = settings.clientAuthority?.position ?? settings.certificates[0].position
    do throws(TLSFault) {
      return try TLSServer(
        TLSServerSettings(
          certificates: certificates, clientAuthorities: authorities,
          clientMustHaveCertificate: settings.clientAuthority?.isRequired ?? true), tickets: tickets)
    } catch {
      throw Diagnostic(.error, at: position, error.description)
    }
  }

  /// A certificate with its key.
  static func certificate(_ files: CertificateFiles) throws(Diagnostic) -> Certificate {
    let chain = try bytes(files.chain, "the certificate", files.position)
    let key = try bytes(files.key, "the key", files.position)
    do throws(TLSFault) { return try Certificate(chain: chain, key: key) } catch {
      throw Diagnostic(.error, at: files.position, "the certificate \(files.chain) with the key \(files.key): \(error)")
    }
  }

  static func bytes(_ path: String, _ what: String, _ position: Position) throws(Diagnostic) -> [UInt8] {
    guard let bytes = FileStamp.read(path, limit: limit) else {
      throw Diagnostic(.error, at: position, "\(what) \(path) cannot be read (make it readable for the gateway)")
    }
    return bytes
  }
}
