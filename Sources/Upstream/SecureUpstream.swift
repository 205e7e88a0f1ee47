import Config
import EventLoop
import Synchronization
import TLS

/// TLS to an address of an app, as all loops share it. What it trusts and shows may be replaced at any time, for connections that begin later.
package final class SecureUpstream: Sendable {
  /// What the app's certificate has to be for.
  package let serverName: String
  private let current: Mutex<TLSClient?>

  init(_ address: UpstreamAddress, _ settings: UpstreamTLS) {
    serverName = settings.serverName ?? address.host
    current = Mutex(nil)
  }

  /// What new connections take; `nil` before anything was read.
  package var client: TLSClient? { current.withLock { $0 } }

  /// Uses other authorities or another certificate from now on. Sessions that began before are not taken up again.
  package func use(_ client: TLSClient) { current.withLock { $0 = client } }
}
