import Testing

@testable import Config

@Suite struct HeaderReaderTests {
  private func found(_ lines: String) -> [String] { messages(load(minimal(site: lines))) }

  @Test(
    "fields that HTTP or the gateway owns cannot be named by any directive, however they are spelled",
    arguments: [
      "Host", "Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Keep-Alive", "Cookie", "Set-Cookie",
      "Forwarded", "X-Forwarded-For",
      "x_forwarded_for", "X-FORWARDED-HOST", "Via", "X-Request-Id", "X_Request_ID", "X-Anteroom-Site", "X-Anteroom", "x.anteroom.x",
      "X-Client-Certificate-Subject", "x_client_certificate",
      "Expect", "Proxy-Authorization",
      "Sec-Fetch-Mode", "HTTP2-Settings", "Content_Length",
    ])
  func owned(_ name: String) {
    for line in ["patient /p { header \(name) }", "identity { user \(name) }", "request { set \(name) x }", "request { drop \(name) }"] {
      #expect(found(line).count == 1)
      #expect(found(line).first?.contains("error: `\(name)` belongs to HTTP or to the gateway itself") == true, "\(found(line))")
    }
  }

  @Test(
    "the names that apps behind other gateways know a user by are free for the identity",
    arguments: ["X-Forwarded-User", "x_forwarded_email"])
  func borrowed(_ name: String) { #expect(found("identity { user \(name) }").isEmpty) }

  @Test("names are tokens", arguments: ["X Y", "X:Y", "X-Ä", "", "X(Y)", "X\\\"Y", String(repeating: "x", count: 129)])
  func tokens(_ name: String) {
    #expect(found("identity { user \"\(name)\" }").count == 1)
    #expect(found("identity { user \"\(name)\" }").first?.contains("is not a header name") == true)
  }

  @Test(
    "two directives of a site cannot name one header, however they spell it",
    arguments: [
      ("identity { user X-A; email x_a }", "identity user"), ("identity { user X-P }\npatient /p { header X.P }", "identity user"),
      ("patient /p\nidentity { user x_cliniko_patient_id }", "patient"), ("request { set X-Auth-User x }", "request set"),
      ("request { drop X_AUTH_USER }", "request drop"),
      ("identity { name X-N }\nrequest { set X-N x }", "identity name"), ("request { set X-A 1; drop x-a }", "request set"),
      ("request { drop X-Cliniko-Patient-Id }\npatient /p", "request drop"),
      ("patient /p { header X-A }\npatient /q { header X-B }\nrequest { set X-B x }", "patient"),
    ])
  func clashes(_ lines: String, _ purpose: String) {
    #expect(found(lines).count == 1)
    #expect(found(lines).first?.contains("used by `\(purpose)`") == true, "\(found(lines))")
  }

  @Test("the same header twice in one directive is an error", arguments: ["request { set X-A 1; set X_A 2 }", "request { drop X-A x-a }"])
  func twice(_ lines: String) { #expect(found(lines).first?.contains("is named twice at line 5") == true, "\(found(lines))") }

  @Test("several patient rules may share a header, and sites do not clash with each other")
  func shared() {
    #expect(found("patient /p\npatient /q { header x-cliniko-patient-id }\nrequest { set X-Other 1 }").isEmpty)
    #expect(found("identity { user Remote-User; groups X-Groups }\nrequest { set Authorization x; drop Referer X-Auth-User }").isEmpty)
    let other = "site b.example.com { upstream http://127.0.0.1:9000; login password { users users.passwd }; request { set X-P 1 } }"
    #expect(load(minimal(top: other, site: "patient /p { header X-P }")).diagnostics.isEmpty)
  }
}
