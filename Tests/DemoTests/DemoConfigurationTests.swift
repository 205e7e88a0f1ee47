import Config
import EventLoop
import Testing

@testable import Demo

@Suite struct DemoConfigurationTests {
  @Test("everything that the gateway keeps is in the folder, and it forwards to the app")
  func make() throws {
    let app = try #require(SocketAddress("127.0.0.1", port: 4711))
    let configuration = DemoConfiguration.make(folder: "/f", listeners: [Listener(address: "127.0.0.1", port: 1)], app: app)
    let site = try #require(configuration.sites.first)
    #expect([configuration.keys, configuration.state, configuration.audit, site.password?.users ?? ""].allSatisfy { $0.hasPrefix("/f/") })
    #expect(site.upstreams == [UpstreamAddress(host: "127.0.0.1", port: 4711)])
    #expect(site.hosts == [.exact("localhost"), .exact("127.0.0.1")] && site.protect == .all)
    #expect(configuration.accessLog == .off)
  }
}
