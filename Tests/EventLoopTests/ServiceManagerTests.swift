import Glibc
import Testing

@testable import EventLoop

// What the environment says is shown by the integration tests: here it would be that of all tests.
@Suite struct ServiceManagerTests {
  /// A datagram socket bound to a path, or to a name of the abstract kind.
  private func manager(_ name: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in
      for (place, byte) in name.utf8.enumerated() { room[place] = byte }
      if name.hasPrefix("@") { room[0] = 0 }
    }
    let length = socklen_t(2 + name.utf8.count + (name.hasPrefix("@") ? 0 : 1))
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    #expect(bound == 0)
    return descriptor
  }

  @Test("a path and a name of the abstract kind are told; nobody, nonsense and one who is gone do no harm")
  func notify() throws {
    for name in ["/tmp/anteroom-notify-\(getpid())", "@anteroom-notify-\(getpid())"] {
      let descriptor = try manager(name)
      ServiceManager.notify(name, "READY=1\nSTATUS=fine")
      var bytes = [UInt8](repeating: 0, count: 100)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      #expect(count > 0 && String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "READY=1\nSTATUS=fine")
      close(descriptor)
      ServiceManager.notify(name, "READY=1")
      unlink(name)
    }
    ServiceManager.notify(nil, "READY=1")
    ServiceManager.notify("vsock:2:1", "READY=1")
    ServiceManager.notify("@" + String(repeating: "x", count: 200), "READY=1")
  }
}
