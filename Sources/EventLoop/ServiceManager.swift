import CLinux
import Glibc

// Names and texts end in NUL and live for the calls; what getenv gives is copied at once, on the only thread that there is: that is why `unsafe`
// is safe throughout this file.

/// What a service manager such as systemd passes to its services, and wants to hear of them: sd_listen_fds(3) and sd_notify(3).
package enum ServiceManager {
  private static let firstDescriptor: Int32 = 3
  private static let mostDescriptors: Int32 = 1024

  /// The descriptors that were passed to this process. The variables that told of them go, so that no child takes them for its own. To be called
  /// once, on the main thread before any other thread is started.
  package static func takeDescriptors() -> [Int32] {
    defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsafe unsetenv(name) } }
    guard let process = variable("LISTEN_PID").flatMap({ pid_t($0) }), process == getpid(),
      let count = variable("LISTEN_FDS").flatMap({ Int32($0) }), count > 0, count <= mostDescriptors
    else { return [] }
    return Array(firstDescriptor..<firstDescriptor + count)
  }

  /// An environment variable; `nil` if there is none. To be called before other threads are started.
  package static func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }

  /// Takes a variable away that was meant for this process alone.
  package static func removeVariable(_ name: String) { unsafe unsetenv(name) }

  /// Tells the service manager, where there is one that wants to know.
  /// - Parameter address: as NOTIFY_SOCKET has it: a path, or a name after an `@`; `nil` for nobody.
  /// - Parameter state: lines as sd_notify(3) lists them, such as `READY=1`.
  package static func notify(_ address: String?, _ state: String) {
    guard let address, address.hasPrefix("/") || address.hasPrefix("@") else { return }
    _ = unsafe anteroom_unix_datagram(address, state, state.utf8.count)
  }
}
