import Testing

@testable import Login

@Suite struct FormSummaryTests {
  private func summary(_ type: String, _ body: String) -> FormSummary { FormSummary(contentType: type.bytes, body: body.bytes) }

  @Test("fields of an encoded form are counted", arguments: [("", 0), ("a=1", 1), ("a=1&b=&&c", 3), ("&&", 0)])
  func encoded(body: String, fields: Int) {
    #expect(summary("application/x-www-form-urlencoded", body) == FormSummary(fields: fields))
  }

  private func part(_ disposition: String, _ content: String) -> String {
    "--xY\r\nContent-Disposition: form-data; \(disposition)\r\nContent-Type: text/plain\r\n\r\n\(content)\r\n"
  }

  @Test(
    "fields and files of a multipart form are told apart, files with name and size",
    arguments: ["xY", "\"xY\"", "xY; charset=utf-8"])
  func multipart(boundary: String) {
    let body =
      part("name=\"a\"", "1") + part("name=\"f\"; filename=\"x %22ray.jpg\"", "12345") + part("name=\"empty\"; filename=\"\"", "")
      + part("name=\"b\"", "--xYz\r\n-xY") + "--xY--\r\n"
    #expect(
      summary("Multipart/Form-Data; Boundary=\(boundary)", body)
        == FormSummary(fields: 2, files: [FormSummary.File(name: "x \"ray.jpg", size: 5)], fileCount: 1))
  }

  @Test("many files are counted and the first ones named; long names are cut")
  func many() {
    let body = (0..<50).map { _ in part("name=\"f\"; filename=\"\(String(repeating: "n", count: 300))\"", "1") }.joined() + "--xY--"
    let summary = summary("multipart/form-data; boundary=xY", body)
    #expect(summary.fileCount == 50 && summary.files.count == 20 && summary.files[0].name.utf8.count == 200 && summary.fields == 0)
  }

  @Test(
    "what is no such body is no fault",
    arguments: [
      "", "--xY", "--xY\r\n", "--xY--", "xY", "--xY\r\nContent-Disposition: form-data; filename=\"", "--xY\r\n\r\n", "\r\n--xY\r\n",
    ])
  func broken(body: String) {
    #expect(summary("multipart/form-data; boundary=xY", body).fileCount == 0)
  }
}
