import Audit
import Config
import EventLoop
import Synchronization
import TLS

/// A listener's certificates, which are read again when their files change. New connections take what was read last.
final class WatchedCertificates: Sendable {
  private let settings: ListenerTLS
  private let tickets: TicketSecrets
  private let current: Mutex<Reading>
  private let seen: Mutex<[FileStamp?]>
  // By file, what was said last of OCSP answers that are not sent.
  private let told: Mutex<[String: String]>

  private static let limit = 1 << 20

  /// What the files come to.
  private struct Reading {
    let server: TLSServer
    /// Of each certificate.
    let staples: [FoundStaple]
  }

  /// - Throws: `Diagnostic`, about the line that names the faulty file. What is wrong with OCSP answers, `CertificateCheck` tells.
  init(_ settings: ListenerTLS, tickets: TicketSecrets, now: Int64 = System.wallMilliseconds() / 1000) throws(Diagnostic) {
    self.settings = settings
    self.tickets = tickets
    seen = Mutex(Self.stamps(settings))
    let read = try Self.read(settings, tickets)
    told = Mutex(Self.faults(read.staples, now: now))
    current = Mutex(read)
  }

  /// What new connections take.
  var server: TLSServer { current.withLock { $0.server } }

  /// Of each certificate, the file that it was read from and what it says.
  var facts: [(file: String, facts: CertificateFacts)] {
    zip(settings.certificates, server.certificates).map { ($0.chain, $1) }
  }

  /// Reads the files if they are not those read last. As long as they are broken, what was read before stays in force. Blocks: for the pool.
  /// - Parameter now: seconds since 1970 UTC.
  func refresh(events: Events, now: Int64 = System.wallMilliseconds() / 1000) {
    readAgain(events)
    let faults = Self.faults(current.withLock { $0.staples }, now: now)
    let before = told.withLock { told in
      defer { told = faults }
      return told
    }
    for (file, fault) in faults.sorted(by: { $0.key < $1.key }) where before[file] != fault {
      events.warning("an OCSP answer is not sent along with its certificate", ["file": file, "reason": fault])
    }
  }

  private func readAgain(_ events: Events) {
    let stamps = Self.stamps(settings)
    let isNew = seen.withLock { seen in
      defer { seen = stamps }
      return seen != stamps
    }
    guard isNew else { return }
    do throws(Diagnostic) {
      let read = try Self.read(settings, tickets)
      current.withLock { $0 = read }
      for (files, facts) in zip(settings.certificates, read.server.certificates) {
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

  private static func read(_ settings: ListenerTLS, _ tickets: TicketSecrets) throws(Diagnostic) -> Reading {
    var certificates: [(certificate: Certificate, staple: Staple?)] = []
    var staples: [FoundStaple] = []
    for files in settings.certificates {
      let certificate = try certificate(files)
      let found = FoundStaple(files, certificate)
      certificates.append((certificate, found.staple))
      staples.append(found)
    }
    var authorities: [UInt8]?
    if let authority = settings.clientAuthority { authorities = try bytes(authority.path, "the authorities", authority.position) }
    let position = settings.clientAuthority?.position ?? settings.certificates[0].position
    do throws(TLSFault) {
      let server = try TLSServer(
        TLSServerSettings(
          certificates: certificates, clientAuthorities: authorities,
          clientMustHaveCertificate: settings.clientAuthority?.isRequired ?? true, clock: { System.wallMilliseconds() / 1000 }),
        tickets: tickets)
      return Reading(server: server, staples: staples)
    } catch {
      throw Diagnostic(.error, at: position, error.description)
    }
  }

  private static func faults(_ staples: [FoundStaple], now: Int64) -> [String: String] {
    var faults: [String: String] = [:]
    for staple in staples { faults[staple.file] = staple.fault(at: now) }
    return faults
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

/// The OCSP answer that lies beside a certificate, as far as there is one.
struct FoundStaple: Sendable {
  let file: String
  /// `nil` where there is none that can be sent.
  private(set) var staple: Staple?
  private var fault: String?

  init(_ files: CertificateFiles, _ certificate: Certificate) {
    file = files.staple
    guard FileStamp.of(file) != nil else { return }
    guard let bytes = FileStamp.read(file, limit: 1 << 16) else {
      fault = "it cannot be read, or has more than 64 KB (make it readable for the gateway)"
      return
    }
    do throws(TLSFault) { staple = try Staple(bytes, for: certificate) } catch { fault = error.description }
  }

  /// Why it is not sent at a time, in seconds since 1970 UTC; `nil` if it is, or if there is none.
  func fault(at now: Int64) -> String? { fault ?? staple?.fault(at: now)?.description }
}
