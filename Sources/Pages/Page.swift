/// One page that the gateway shows: the bytes, and the policy that lets a browser apply its style and nothing else.
package struct Page: Sendable, Equatable {
  /// UTF-8 HTML, complete.
  package var body: [UInt8]
  /// The value of `Content-Security-Policy`.
  package var contentSecurityPolicy: String

  /// The value of `Content-Type`.
  package static let contentType = "text/html; charset=utf-8"

  /// - Parameter scripts: the only ones that may run, as CSP writes their hashes.
  init(_ markup: Markup, scripts: [String]) {
    body = Array(markup.text.utf8)
    contentSecurityPolicy = Stylesheet.contentSecurityPolicy + "; script-src" + scripts.map { " '\($0)'" }.joined()
  }

  init(_ markup: Markup) {
    body = Array(markup.text.utf8)
    contentSecurityPolicy = Stylesheet.contentSecurityPolicy
  }
}
