import EventLoop
import Testing

@testable import Demo

@Suite struct DemoSitesTests {
  private func call(_ client: LoopbackClient, _ method: String, _ target: String, _ body: String = "", _ fields: String = "")
    -> LoopbackClient.Answer
  {
    let length = method == "POST" ? "Content-Length: \(body.utf8.count)\r\n" : ""
    client.send("\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(fields)\(length)\r\n\(body)")
    return client.answer(isHead: method == "HEAD")
  }

  @Test("the clinic has its page, which can only be read, and no other")
  func clinic() throws {
    let thread = try StandInThread()
    defer { thread.stop() }
    let client = try LoopbackClient(thread.serve { DemoSites.clinic(page: [UInt8]("<p>page".utf8)) })
    let page = call(client, "GET", "/")
    #expect(page.status == 200 && page.body == "<p>page" && page.fields["content-type"] == "text/html; charset=utf-8")
    let head = call(client, "HEAD", "/")
    #expect(head.status == 200 && head.fields["content-length"] == "7")
    #expect(call(client, "GET", "/favicon.ico").status == 404)
    let post = call(client, "POST", "/", "a=b")
    #expect(post.status == 405 && post.fields["allow"] == "GET, HEAD")
  }

  @Test("the app shows what arrived, and keeps a note from one request to the next")
  func app() throws {
    let thread = try StandInThread()
    defer { thread.stop() }
    let client = try LoopbackClient(thread.serve { DemoSites.app() })
    let record = call(client, "GET", "/patients?patient_id=1234", "", "X-Cliniko-Patient-Id: 1234\r\nX-Auth-Name: Anna Gruber\r\n")
    #expect(record.status == 200 && record.body.contains("O’Connell, Maya") && record.body.contains("Anna Gruber"))
    let saved = call(client, "POST", "/notes", "patient=1234&note=Walks+well", "X-Auth-User: anna\r\n")
    #expect(saved.status == 303 && saved.fields["location"] == "/patients?patient_id=1234#notes" && saved.fields["content-length"] == "0")
    #expect(call(client, "GET", "/notes").body.contains("Walks well"))
    #expect(call(client, "GET", "/nowhere").status == 404)
    #expect(call(client, "PUT", "/notes").fields["allow"] == "GET, HEAD, POST")
    #expect(call(client, "PUT", "/about").fields["allow"] == "GET, HEAD")
  }

  @Test("the length that a HEAD of the app gives is that of the GET")
  func head() throws {
    let thread = try StandInThread()
    defer { thread.stop() }
    let client = try LoopbackClient(thread.serve { DemoSites.app() })
    let length = call(client, "GET", "/about").fields["content-length"]
    #expect(length != nil && call(client, "HEAD", "/about").fields["content-length"] == length)
  }
}
