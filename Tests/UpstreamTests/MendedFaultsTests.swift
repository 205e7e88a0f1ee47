import EventLoop
import Glibc
import Testing

@testable import Upstream

@Suite struct MendedFaultsTests {
  @Test("bytes beyond the answer that the kernel still holds end the use of a connection")
  func leftoverInKernel() throws {
    let bench = try Bench(inputBytes: 16)
    try bench.connect()
    #expect(System.send(bench.far[0], [UInt8](repeating: 1, count: 20), 0..<20) == .moved(20))
    try bench.until("readable") { $0.connections[0].canRead }
    let isKept = try bench.onLoop { state in
      let connection = state.connections[0]
      _ = connection.fill()
      connection.consumeInput(16)
      state.server.release(connection, isReusable: true)
      return !connection.isClosed || state.server.takeIdle() != nil
    }
    #expect(!isKept)
  }

  @Test("an end that the kernel has announced ends the use of a connection")
  func announcedEnd() throws {
    let bench = try Bench()
    try bench.connect()
    #expect(System.send(bench.far[0], [1], 0..<1) == .moved(1))
    bench.closeFar(0)
    try bench.until("readable") { $0.connections[0].canRead }
    let isKept = try bench.onLoop { state in
      let connection = state.connections[0]
      _ = connection.fill()
      connection.consumeInput(1)
      state.server.release(connection, isReusable: true)
      return !connection.isClosed || state.server.takeIdle() != nil
    }
    #expect(!isKept)
  }
}
