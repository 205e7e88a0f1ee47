import Testing

@testable import Pages

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite("Demo: clinic page")
struct DemoClinicPageTests {
  @Test(
    "each patient has a button that opens the registered address in a new tab, with the id and nothing else", arguments: DemoPatient.all)
  func button(patient: DemoPatient) {
    let page = text(demoClinic)
    #expect(page.contains("href=\"http://127.0.0.1:8080/patients?patient_id=\(patient.id)\" target=\"_blank\" rel=\"noopener\""))
    #expect(page.contains("<h2>\(HTMLText.escape(patient.name))</h2>"))
  }

  @Test("ids are ones that Cliniko could give, the largest included")
  func ids() {
    #expect(DemoPatient.all.map(\.id) == ["1234", "98765432101", "9223372036854775807"])
    #expect(DemoPatient.all.allSatisfy { Int64($0.id).map { $0 > 0 } == true })
    #expect(DemoPatient.with(id: "01234") == nil && DemoPatient.with(id: "1234")?.given == "Maya")
  }

  @Test("accounts and the way out are shown")
  func panel() {
    let page = text(demoClinic)
    for part in ["<code>jo</code>", "<code>harbour-demo-1</code>", "Amir Haddad", "href=\"http://127.0.0.1:8080/.anteroom/logout\""] {
      #expect(page.contains(part))
    }
  }

  @Test("address and accounts are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let page = text(DemoPages.clinic(gateway: "g" + raw, accounts: [("u" + raw, "p" + raw, "n" + raw)]))
    for part in ["href=\"g\(shown)/patients?", "<code>u\(shown)</code>", "<code>p\(shown)</code>", "<small>n\(shown)</small>"] {
      #expect(page.contains(part))
    }
    #expect(!page.contains("<script"))
  }
}

@Suite("Demo: legacy app page")
struct DemoAppPageTests {
  @Test("the record is that of the id that arrived, in the header or in the query", arguments: DemoPatient.all)
  func record(patient: DemoPatient) {
    for request in [demoRequest("/patients", patient: patient.id), demoRequest("/patients/", query: "a=b&patient%5Fid=\(patient.id)")] {
      let page = text(DemoPages.app(record: request))
      #expect(page.contains("<h1 id=\"patient-name\">\(HTMLText.escape("\(patient.family), \(patient.given)"))</h1>"))
      #expect(page.contains("<dd id=\"patient-id\">\(patient.id)</dd>"))
      #expect(page.contains("<title>\(HTMLText.escape(patient.name)) – Legacy Notes</title>"))
    }
  }

  @Test("an id without a file is told as such")
  func unknown() {
    let page = text(DemoPages.app(record: demoRequest("/patients", query: "patient_id=77", patient: "77")))
    #expect(page.contains("Unknown patient") && page.contains("<b id=\"patient-id\">77</b>") && !page.contains("patient-name"))
  }

  @Test("what arrived is shown: request line, the gateway's fields apart from the browser's")
  func arrived() throws {
    let page = text(DemoPages.app(record: demoRequest("/patients", query: "patient_id=1234&x=%2F", patient: "1234")))
    #expect(page.contains("<code id=\"target\">GET /patients?patient_id=1234&amp;x=%2F</code>"))
    #expect(page.contains("<th scope=\"row\">X-Cliniko-Patient-Id</th><td>1234</td>"))
    let gateway = try #require(page.firstRange(of: "Set by the gateway"))
    let browser = try #require(page.firstRange(of: "From the browser"))
    for name in ["X-Auth-User", "X-Request-Id", "Forwarded", "Via", "X-Forwarded-For"] {
      let row = try #require(page.firstRange(of: "<th scope=\"row\">\(name)</th>"))
      #expect(gateway.lowerBound < row.lowerBound && row.lowerBound < browser.lowerBound)
    }
    #expect(try #require(page.firstRange(of: "<th scope=\"row\">User-Agent</th>")).lowerBound > browser.lowerBound)
  }

  @Test("values of cookies and credentials are not shown")
  func secrets() {
    let page = text(
      DemoPages.app(record: demoRequest("/", extra: [("Cookie", "theme=s3cret; id=s3cret"), ("Authorization", "Basic s3cret")])))
    #expect(page.contains("<td>theme, id <i>") && !page.contains("s3cret"))
  }

  @Test("every page leads to patients, notes, the open page and the logout", arguments: demoRequests.map(\.request.path))
  func navigation(path: String) {
    let page = text(DemoPages.app(record: demoRequest(path)))
    for link in ["/", "/notes", "/about", "/.anteroom/logout"] { #expect(page.contains("href=\"\(link)\"")) }
  }

  @Test("path, query, fields and notes are escaped", arguments: hostile)
  func escaped(raw: String, shown: String) {
    let note = DemoNote(patientID: "1234", author: "a" + raw, text: "t" + raw)
    let request = demoRequest(
      "/patients", query: "patient_id=1234&q" + raw, method: "M" + raw, extra: [("N" + raw, "v" + raw)], notes: [note])
    let page = text(DemoPages.app(record: request))
    for part in ["<b>a\(shown)</b>", "t\(shown)</span>", "&amp;q\(shown)</code>", ">M\(shown) /", ">N\(shown)</th><td>v\(shown)</td>"] {
      #expect(page.contains(part))
    }
    let unknown = text(DemoPages.app(record: demoRequest("/patients", patient: "9" + raw)))
    #expect(unknown.contains("id=\"patient-id\">9\(shown)</b>"))
    #expect(!page.contains("<script") && !unknown.contains("<script"))
  }

  @Test("no page of the demo has scripts, style attributes or anything from elsewhere", arguments: demoRequests.map(\.request.path))
  func selfContained(path: String) {
    for page in [text(DemoPages.app(record: demoRequest(path))), text(demoClinic)] {
      for part in ["<script", " style=", "https:", "src=", "url(", "@import"] { #expect(!page.contains(part), "\(part)") }
    }
  }
}
