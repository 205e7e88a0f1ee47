import Config

/// The gateway's own pages for one site: its brand, and its start page to go to.
package struct SitePages: Sendable {
  /// Pages for a request whose site is not known, or not yet.
  package static let unbranded = SitePages(brand: Brand(), start: nil)

  private let name: String?
  private let mark: Markup
  let start: String?

  /// `start` is where "start page" leads: a path that begins with one `/`; anything else counts as `/`. With `nil` pages lead nowhere.
  /// The logo goes into every page, so its size is the configuration's to bound.
  package init(brand: Brand, start: String?) {
    let given = brand.name.flatMap { HTMLText.escape($0, limit: 80).isEmpty ? nil : $0 }
    name = given
    mark =
      switch brand.logo {
      case .some(let logo):
        "<img class=\"logo\" src=\"data:\(logo.type, limit: 64);base64,\(Base64.encode(logo.bytes), limit: .max)\" alt=\"\">"
      case .none: "<span class=\"mark\" aria-hidden=\"true\"></span>"
      }
    self.start = start.map { Self.staysHere($0) ? $0 : "/" }
  }

  static func staysHere(_ path: String) -> Bool {
    let bytes = path.utf8
    guard bytes.first == UInt8(ascii: "/") else { return false }
    guard let second = bytes.dropFirst().first else { return true }
    return second > 0x20 && second != UInt8(ascii: "/") && second != UInt8(ascii: "\\")
  }

  /// A whole document around `main`. `host` is the name the browser used, empty when it is not known; `next`, of which the caller is sure,
  /// is where the browser goes at once.
  func document(title: String, host: String, wide: Bool = false, next: String? = nil, main: Markup) -> Page {
    Page(markup(title: title, host: host, wide: wide, next: next, main: main))
  }

  func markup(title: String, host: String, wide: Bool, next: String?, main: Markup) -> Markup {
    let owner = name ?? host
    let titleOwner: Markup = owner.isEmpty ? "" : " – \(owner, limit: 80)"
    let refresh: Markup = next.map { "<meta http-equiv=\"refresh\" content=\"0; url=\($0, limit: .max)\">\n" } ?? ""
    let bodyClass: Markup = wide ? " class=\"wide\"" : ""
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="robots" content="noindex">
      <meta name="format-detection" content="telephone=no">
      \(refresh)<title>\(title)\(titleOwner)</title>
      <link rel="icon" href="data:,">
      <style>\(Stylesheet.markup)</style>
      </head>
      <body\(bodyClass)>
      \(header(host: host))<main>
      \(main)</main>
      </body>
      </html>

      """
  }

  private func header(host: String) -> Markup {
    let place: Markup =
      switch (name, host.isEmpty) {
      case (.some(let name), false): "<p>\(name, limit: 80)</p>\n<p class=\"host\">\(host, limit: 253)</p>"
      case (.some(let name), true): "<p>\(name, limit: 80)</p>"
      case (.none, false): "<p>\(host, limit: 253)</p>"
      case (.none, true): ""
      }
    return "<header>\n\(mark)\n<div>\(place)</div>\n</header>\n"
  }

  /// A link to the start page that looks like a button, or nothing where there is none.
  func startLink(_ words: String) -> Markup {
    guard let start else { return "" }
    return "<a class=\"button second\" href=\"\(start, limit: 2048)\">\(words)</a>\n"
  }
}
