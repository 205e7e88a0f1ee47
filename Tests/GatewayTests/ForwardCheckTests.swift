import Config
import EventLoop
import TestServers
import Testing

@testable import Gateway

@Suite struct ForwardCheckTests {
  private let patient = "/patients?patient_id=7"

  /// Runs `test` with a rig whose checker lets in whoever brings the cookie `portal=ann`, in front of an app that says fine.
  private func withRig(_ test: (Rig, Visit, Peer) throws -> Void) throws {
    let checker = try TestServer { connection in
      if connection.request().contains("portal=ann") {
        connection.answer(200, ["Remote-User: ann"], "")
      } else {
        connection.answer(401, [], "")
      }
    }
    defer { checker.stop() }
    let app = try TestServer { connection in
      _ = connection.request()
      connection.answer(200, [], "fine")
    }
    defer { app.stop() }
    let check = "http://127.0.0.1:\(checker.address.port)"
    let rig = try Rig(
      apps: [app.address],
      changeSite: { site in
        let settings = ForwardLoginSettings(
          check: "\(check)/check", signIn: "\(check)/page?rd={url}", copy: ["Remote-User"], user: "Remote-User")
        site.logins = [LoginSettings(.forward(settings))]
        site.session = SessionSettings(idle: .seconds(1), lifetime: .seconds(3600))
      })
    defer { rig.stop() }
    try test(rig, Visit(rig), try rig.connect())
  }

  @Test("an old ticket asks before it opens the patient, and only somebody who is let in")
  func old() throws {
    try withRig { rig, visit, client in
      let ticket = try visit.ticket(patient, age: 31 * 60)
      let cookies = "Cookie: \(visit.bindingCookie); portal=ann"
      try client.send(request("GET", "/.anteroom/login?return=\(ticket)", [navigation, cookies]))
      let page = try client.message()
      #expect(page.status == 200 && page["Location"] == nil && page.text.contains(ticket))
      let token = try visit.token(.confirm, subject: [UInt8](ticket.utf8))
      let fields = { (token: String) in [("token", token), ("confirm", "open"), ("return", ticket)] }
      try client.send(visit.form("/.anteroom/login", fields("x"), cookies: ["portal=ann"]))
      #expect(try client.message().status == 403)
      try client.send(visit.form("/.anteroom/login", fields(token)))
      let stranger = try client.message()
      #expect(stranger.status == 200 && stranger["Location"] == nil && stranger.text.contains("/.anteroom/login?return="))
      try client.send(visit.form("/.anteroom/login", fields(token), cookies: ["portal=ann"]))
      let opened = try client.message()
      #expect(opened.status == 303 && opened["Location"] == patient)
    }
  }

  @Test("whoever a checker lets in gets no cookie of ours")
  func noCookie() throws {
    try withRig { _, _, client in
      for _ in 0..<2 {
        try client.send(request("GET", "/x", ["Cookie: portal=ann"]))
        let answer = try client.message()
        #expect(answer.status == 200 && answer.setCookies.isEmpty)
      }
    }
  }

  @Test("the app's logout revokes nothing of ours, and tells the browser to forget what it has kept")
  func appLogout() throws {
    try withRig { _, _, client in
      for _ in 0..<2 {
        try client.send(request("GET", "/bye", ["Cookie: portal=ann"]))
        let answer = try client.message()
        #expect(answer.status == 200 && answer.setCookies.isEmpty && answer["Clear-Site-Data"] == "\"cache\"")
      }
    }
  }
}
