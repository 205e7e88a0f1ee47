import Config
import Crypto
import TLS

/// The files that a `login oidc` names.
enum ProviderFiles {
  private static let limit = 1 << 20

  /// What the provider's certificate is verified by.
  /// - Parameter path: of a PEM file; `nil` for the authorities of the system.
  static func client(_ path: String?) throws(Diagnostic) -> TLSClient {
    var authorities: [UInt8]?
    if let path { authorities = try bytes(path, "the authorities") }
    do throws(TLSFault) { return try TLSClient(TLSClientSettings(authorities: authorities)) } catch {
      throw Diagnostic(.error, file: path ?? "TLS", line: 0, column: 0, "\(error)")
    }
  }

  static func credential(_ credential: OpenIDLoginSettings.Credential) throws(Diagnostic) -> ProviderClient.Credential {
    switch credential {
    case .none: return .none
    case .secret(let secret): return .secret(secret)
    case .privateKey(let path):
      let pem = try bytes(path, "the private key")
      do throws(KeyFault) { return .key(try PrivateKey(pem: pem)) } catch {
        throw Diagnostic(.error, file: path, line: 0, column: 0, "\(error)")
      }
    }
  }

  /// Finds out whether the files that a configuration names can be used.
  static func check(_ sites: [Site]) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for kind in sites.flatMap(\.logins).map(\.kind) {
      do throws(Diagnostic) {
        switch kind {
        case .openID(let settings):
          if settings.authorities != nil { _ = try client(settings.authorities) }
          _ = try credential(settings.credential)
        case .forward(let settings): if settings.authorities != nil { _ = try client(settings.authorities) }
        case .password, .app: break
        }
      } catch {
        // Sites may share them.
        if !found.contains(error) { found.append(error) }
      }
    }
    return found
  }

  private static func bytes(_ path: String, _ what: String) throws(Diagnostic) -> [UInt8] {
    guard let bytes = FileStamp.read(path, limit: limit) else {
      throw Diagnostic(.error, file: path, line: 0, column: 0, "\(what) cannot be read (make it readable for the gateway)")
    }
    return bytes
  }
}
