import Audit
import Config
import Synchronization
import TLS
import Upstream

/// What https upstreams with the same settings are verified by and are shown, read again when the files change.
final class WatchedAuthorities: Sendable {
  private let settings: UpstreamTLS
  private let upstreams: [SecureUpstream]
  private let position: Position
  private let seen: Mutex<[FileStamp?]>

  /// - Throws: `Diagnostic`, when a file is faulty.
  init(_ settings: UpstreamTLS, _ upstreams: [SecureUpstream], at position: Position) throws(Diagnostic) {
    self.settings = settings
    self.upstreams = upstreams
    self.position = position
    seen = Mutex(Self.stamps(settings))
    let client = try Self.read(settings, at: position)
    for upstream in upstreams { upstream.use(client) }
  }

  /// Those of all records that speak TLS.
  static func all(_ records: [UpstreamRecord]) throws(Diagnostic) -> [WatchedAuthorities] {
    var upstreams: [UpstreamTLS: [SecureUpstream]] = [:]
    for record in records {
      if let secure = record.secure { upstreams[record.settings.tls, default: []].append(secure) }
    }
    var all: [WatchedAuthorities] = []
    for (settings, upstreams) in upstreams { all.append(try WatchedAuthorities(settings, upstreams, at: settings.place)) }
    return all
  }

  /// Finds out whether the files that a configuration names for https upstreams can be used.
  static func check(_ sites: [Site]) -> [Diagnostic] {
    let used = Set(sites.filter { $0.upstreams.contains { $0.isSecure } }.map(\.upstreamSettings.tls))
    return used.compactMap { settings in
      do throws(Diagnostic) {
        _ = try read(settings, at: settings.place)
        return nil
      } catch {
        return error
      }
    }
  }

  /// Reads the files if they are not those read last; what was read before stays in force while they are broken. Blocks: for the pool.
  func refresh(events: Events) {
    let stamps = Self.stamps(settings)
    let isNew = seen.withLock { seen in
      defer { seen = stamps }
      return seen != stamps
    }
    guard isNew else { return }
    do throws(Diagnostic) {
      let client = try Self.read(settings, at: position)
      for upstream in upstreams { upstream.use(client) }
      events.info("certificates for an upstream read", ["upstream": upstreams.first?.serverName ?? ""])
    } catch {
      events.error(
        "new certificates for an upstream cannot be used: the old ones stay in force",
        ["place": "\(error.file):\(error.line)", "reason": error.message])
    }
  }

  private static func stamps(_ settings: UpstreamTLS) -> [FileStamp?] {
    [settings.authorities?.path, settings.certificate?.chain, settings.certificate?.key].map { $0.flatMap { FileStamp.of($0) } }
  }

  private static func read(_ settings: UpstreamTLS, at position: Position) throws(Diagnostic) -> TLSClient {
    var authorities: [UInt8]?
    if let file = settings.authorities {
      authorities = try WatchedCertificates.bytes(file.path, "the authorities", file.position)
    }
    var certificate: Certificate?
    if let files = settings.certificate { certificate = try WatchedCertificates.certificate(files) }
    do throws(TLSFault) {
      return try TLSClient(TLSClientSettings(authorities: authorities, verifies: settings.verifies, certificate: certificate))
    } catch {
      throw Diagnostic(.error, at: position, settings.authorities.map { "\($0.path): \(error)" } ?? error.description)
    }
  }
}

extension UpstreamTLS {
  /// Where a fault of it belongs.
  fileprivate var place: Position { authorities?.position ?? certificate?.position ?? Position(file: "TLS", line: 0, column: 0) }
}
