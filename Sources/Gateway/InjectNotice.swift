import HTTP
import Upstream

/// The notice of the session's end in the app's own pages: one line behind the last byte of a page, while it streams past.
extension Exchange {
  /// What is put behind a page.
  static let noticeLine: StaticString = "<script src=\"/.anteroom/notice.js\" defer></script>\n"

  /// Whether the answer may be such a page: somebody who is signed in goes to an address in a browser.
  var mayTakeNotice: Bool {
    guard let settings = hostContext?.settings, settings.injectsNotice, session != nil, case .get = head.method,
      !(tokenUse?.isProgram ?? false), !mayUpgrade, head.minorVersion == 1
    else { return false }
    return isNavigation
  }

  /// Whether the line goes behind the app's answer: a whole page, as it is, which nobody has forbidden to change.
  /// - Parameter span: the answer's head.
  func takesNotice(_ span: Span<UInt8>) -> Bool {
    guard mayTakeNotice, response.status == 200, response.fieldCount(.contentType) == 1, let type = response.firstField(.contentType),
      isPlainHTML(contentType: span.extracting(type.value.range))
    else { return false }
    switch response.body {
    case .none, .length(0): return false
    case .length, .chunked, .untilClose: break
    }
    for field in response.fields {
      let value = span.extracting(field.value.range)
      switch field.known {
      case .contentEncoding where !equalIgnoringCase(value, "identity"): return false
      // RFC 9111, section 5.2.2.6.
      case .cacheControl where Self.names(value, "no-transform"): return false
      case .contentDisposition where Self.names(value, "attachment"): return false
      default: break
      }
    }
    return true
  }

  private static func names(_ value: Span<UInt8>, _ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    var rest = value
    while rest.count >= count {
      if equalIgnoringCase(rest.extracting(first: count), word.description) { return true }
      rest = rest.extracting(droppingFirst: 1)
    }
    return false
  }
}
