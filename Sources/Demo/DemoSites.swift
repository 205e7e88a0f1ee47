import HTTP
import Pages

/// What the demo's two stand-ins serve.
package enum DemoSites {
  private static let html: (name: String, value: String) = ("Content-Type", Page.contentType)
  private static let noStore: (name: String, value: String) = ("Cache-Control", "no-store")

  /// The practice-management page, at `/` and nowhere else.
  package static func clinic(page: [UInt8]) -> (StandInRequest) -> StandInAnswer {
    { request in
      guard request.path == "/" else { return .text(404, "The demo's clinic has one page: /") }
      guard request.method == "GET" || request.method == "HEAD" else {
        return notAllowed("GET, HEAD", .text(405, "This page can only be read."))
      }
      return StandInAnswer(status: 200, fields: [html, noStore], body: page)
    }
  }

  /// The legacy app, with notes of its own.
  package static func app() -> (StandInRequest) -> StandInAnswer {
    var app = DemoApp()
    return { request in
      // A page shows the method that it was asked for with; what a HEAD is told must be true of the GET (RFC 9110, section 9.3.2).
      let method = request.method == "HEAD" ? "GET" : request.method
      let arrived = DemoRequest(method: method, path: request.path, query: request.query, fields: request.fields)
      let answer = app.respond(to: arrived, body: request.body)
      var fields = [html]
      if let location = answer.location { fields.append(("Location", location)) }
      let whole = StandInAnswer(status: answer.status, fields: fields, body: answer.body)
      guard answer.status == 405 else { return whole }
      return notAllowed(request.path == "/notes" ? "GET, HEAD, POST" : "GET, HEAD", whole)
    }
  }

  private static func notAllowed(_ methods: String, _ answer: StandInAnswer) -> StandInAnswer {
    var answer = answer
    answer.fields.append(("Allow", methods))
    return answer
  }
}
