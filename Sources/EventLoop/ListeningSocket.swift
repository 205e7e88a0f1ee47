import CLinux
import Glibc

// Every call is given a descriptor and numbers: nothing here touches memory of C.

/// A listening TCP socket that several loops may accept on. It is closed with its last reference.
package final class ListeningSocket: Sendable {
  /// Non-blocking, and closed on exec.
  package let descriptor: Int32
  /// What it is bound to, with the port that the kernel chose.
  package let address: SocketAddress
  /// A service manager holds it too: what waits there is its next user's when this process ends.
  package let isPassed: Bool

  /// Why a socket cannot be used, with the mend.
  package struct Fault: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// Binds an address that other sockets of this kind may share, and listens.
  package init(on address: SocketAddress, backlog: Int32) throws(SystemError) {
    descriptor = try System.listen(on: address, backlog: backlog)
    self.address = System.localAddress(descriptor) ?? address
    isPassed = false
  }

  /// Takes over one that this process was started with.
  /// - Parameter isPassed: by a service manager; else by an earlier process of ours.
  package init(adopting descriptor: Int32, isPassed: Bool) throws(Fault) {
    let family = anteroom_family(descriptor)
    guard family >= 0 else { throw Fault(description: "descriptor \(descriptor) is no socket (start the gateway without LISTEN_FDS)") }
    guard family == AF_INET || family == AF_INET6, let address = System.localAddress(descriptor) else {
      throw Fault(description: "descriptor \(descriptor) is no internet socket (write ListenStream=ADDRESS:PORT in the socket unit)")
    }
    guard anteroom_listens(descriptor) == 1 else {
      throw Fault(description: "the socket of \(address) does not listen (write ListenStream=, and Accept=no, in the socket unit)")
    }
    // One that takes IPv4 as well would name its clients ::ffff:192.0.2.1, which no network of the configuration means.
    guard family == AF_INET || anteroom_is_ipv6_only(descriptor) == 1 else {
      throw Fault(
        description:
          "the socket of \(address) takes IPv4 too (write BindIPv6Only=ipv6-only in the socket unit, and a ListenStream for IPv4)")
    }
    guard anteroom_adopt(descriptor) == 0 else {
      throw Fault(description: "the socket of \(address): \(SystemError("fcntl", anteroom_errno()))")
    }
    _ = anteroom_set_nodelay(descriptor)
    self.descriptor = descriptor
    self.address = address
    self.isPassed = isPassed
  }

  deinit { System.close(descriptor) }
}
