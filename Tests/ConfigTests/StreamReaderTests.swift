import Testing

@testable import Config

@Suite struct StreamReaderTests {
  @Test("without the blocks the site's own pages alone open WebSockets, and both kinds end with the session")
  func defaults() throws {
    let loaded = site("")
    let site = try #require(loaded)
    #expect(site.webSocket == WebSocketSettings() && site.eventStream == EventStreamSettings())
    #expect(site.webSocket.origin == .same(others: []) && site.webSocket.endsWithSession && site.eventStream.endsWithSession)
    #expect(
      site.webSocket.idleTimeout == nil && site.eventStream.idleTimeout == nil && site.webSocket.connections == nil
        && site.webSocket.connectionsPerUser == nil)
  }

  @Test("what the blocks say")
  func read() throws {
    let loaded = site(
      "websocket { origin same https://Portal.Example.com:443 http://127.0.0.1:81; idle_timeout 5m; ends_with_session no; connections 20; connections_per_user 3 }\n"
        + "event_stream { idle_timeout 90s; ends_with_session no }")
    let site = try #require(loaded)
    #expect(site.webSocket.origin == .same(others: ["https://portal.example.com", "http://127.0.0.1:81"]))
    #expect(
      site.webSocket.idleTimeout == .seconds(300) && !site.webSocket.endsWithSession && site.webSocket.connections == 20
        && site.webSocket.connectionsPerUser == 3)
    #expect(site.eventStream.idleTimeout == .seconds(90) && !site.eventStream.endsWithSession)
  }

  @Test(
    "origins in the forms that there are",
    arguments: [
      ("any", WebSocketSettings.Origin.any), ("same", .same(others: [])), ("https://[::1]:8443", .same(others: ["https://[::1]:8443"])),
    ])
  func origins(_ text: String, _ expected: WebSocketSettings.Origin) {
    #expect(site("websocket { origin \(text) }")?.webSocket.origin == expected)
  }

  @Test(
    "anything else is an error",
    arguments: [
      "websocket { origin portal.example.com }", "websocket { origin any https://a.example.com }",
      "websocket { origin https://a.example.com/x }",
      "websocket { origin null }", "websocket { origin https://*.example.com }", "websocket { origin https://a.example.com:0 }",
      "websocket { idle_timeout 1ms }", "websocket { idle_timeout 8d }", "websocket { ends_with_session maybe }",
      "websocket { connections 0 }", "websocket { connections_per_user 0 }", "websocket { connections_per_user 1000001 }",
      "event_stream { origin same }", "event_stream { idle_timeout off }",
    ])
  func bad(_ line: String) {
    let loaded = load(minimal(site: line))
    #expect(loaded.configuration == nil && loaded.errors.count == 1, "\(messages(loaded))")
  }
}
