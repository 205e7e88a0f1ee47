import EventLoop
import Glibc

/// Finds out where on loopback nobody listens yet.
package enum LoopbackPort {
  /// Why a port cannot be had.
  package enum Fault: Error, Equatable {
    case taken
    /// The value is `errno`.
    case refused(Int32)
  }

  /// The loopback addresses, IPv4 and where there is one IPv6, at which `port` is free: all that `localhost` may mean to a browser.
  ///
  /// A listening socket of the gateway shares its port with others of the same user (`SO_REUSEPORT`), so that its own `bind` cannot tell
  /// that a port is taken.
  /// - Parameter port: 0 for one that the kernel chooses, the same for both.
  package static func addresses(port: UInt16) throws(Fault) -> [SocketAddress] {
    var tries = 0
    while true {
      guard let first = SocketAddress("127.0.0.1", port: port) else { throw .refused(EINVAL) }
      let v4 = try bind(first)
      guard let v6 = SocketAddress("::1", port: v4.port) else { return [v4] }
      do throws(Fault) { return [v4, try bind(v6)] } catch {
        if case .refused = error { return [v4] }
        tries += 1
        guard port == 0, tries < 16 else { throw error }
      }
    }
  }

  /// Binds and lets go again; the answer has the port.
  private static func bind(_ address: SocketAddress) throws(Fault) -> SocketAddress {
    let family = address.isIPv6 ? AF_INET6 : AF_INET
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .refused(errno) }
    defer { close(descriptor) }
    // Connections that were closed a moment ago do not count.
    var on: Int32 = 1
    // Safe: each structure lives for the call that takes it, and its true size goes with it.
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    let result: Int32
    if address.isIPv6 {
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = address.port.bigEndian
      name.sin6_addr = in6addr_loopback
      result = unsafe withUnsafePointer(to: &name) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    } else {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = address.port.bigEndian
      name.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
      result = unsafe withUnsafePointer(to: &name) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    let code = errno
    guard result == 0 else { throw code == EADDRINUSE ? .taken : .refused(code) }
    guard let bound = System.localAddress(descriptor) else { throw .refused(EINVAL) }
    return bound
  }
}
