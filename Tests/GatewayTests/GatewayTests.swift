import Config
import Dispatch
import EventLoop
import Testing

@testable import Gateway

@Suite struct GatewayTests {
  private func configuration(_ directory: TemporaryDirectory, _ app: SocketAddress) throws -> Configuration {
    try directory.write("users.passwd", Fixtures.accounts)
    return Configuration(
      file: "gateway.conf", workers: 2, listeners: [Listener(address: "127.0.0.1", port: 0), Listener(address: "127.0.0.1", port: 0)],
      keys: directory.file("keys"), state: directory.file("state"), log: EventLog(path: directory.file("events.log")),
      accessLog: .to(EventLog(path: directory.file("access.log"))), audit: directory.file("audit"), limits: Limits(),
      sites: [Fixtures.site(users: directory.file("users.passwd"), upstreams: [app])], shutdownTimeout: .seconds(10))
  }

  @Test("it serves on every listener, stops when it is told to, and comes back with what it keeps")
  func life() throws {
    let directory = try TemporaryDirectory()
    let app = try App()
    let configuration = try configuration(directory, app.address)
    for round in 0..<2 {
      let gateway = try Gateway(configuration)
      #expect(gateway.addresses.count == 2 && gateway.addresses.allSatisfy { $0.port != 0 } && Set(gateway.addresses).count == 2)
      for address in gateway.addresses {
        let client = Peer(try System.connect(to: address))
        try client.send(request("GET", "/open/\(round)"))
        let peer = try app.accept()
        _ = try peer.message()
        try peer.send(answer())
        #expect(try client.message().text == "fine")
      }
      gateway.stop()
    }
    #expect(directory.lines("access.log").count == 4)
    let events = directory.lines("events.log")
    #expect(events.filter { $0.contains(" ready listening=") && $0.contains("workers=2") }.count == 2)
    #expect(events.last?.contains("stopped") == true)
  }

  @Test("what is in flight is finished before it stops, and what does not end is cut off in time")
  func stopping() throws {
    let directory = try TemporaryDirectory()
    let app = try App()
    var configuration = try configuration(directory, app.address)
    configuration.shutdownTimeout = .milliseconds(50)
    let gateway = try Gateway(configuration)
    let client = Peer(try System.connect(to: gateway.addresses[0]))
    try client.send(request("GET", "/open/x"))
    let peer = try app.accept()
    _ = try peer.message()
    gateway.stop()
    #expect(try client.toEnd().isEmpty)
    #expect(directory.lines("access.log").count == 1 && directory.lines("access.log")[0].hasSuffix(" shutdown"))
    #expect(directory.lines("events.log").contains { $0.contains("cut off") })
  }

  @Test("a reload that takes too long, as the look-up of a name may, does not hold up the end")
  func slowReload() throws {
    let directory = try TemporaryDirectory()
    let configuration = try configuration(directory, try App().address)
    let (entered, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    defer { release.signal() }
    let gateway = try Gateway(configuration) {
      entered.signal()
      release.wait()
      return ConfigurationLoader.load(path: directory.file("none.conf"), files: SystemFiles.access, environment: [:])
    }
    gateway.reloadSoon()
    entered.wait()
    let start = System.monotonicMilliseconds()
    gateway.stop()
    #expect(System.monotonicMilliseconds() - start < 20_000)
    let events = directory.lines("events.log")
    #expect(events.contains { $0.contains("what takes too long is given up") } && events.last?.contains("stopped") == true)
  }
}
