import Config
import HTTP
import Policy

/// What a site makes of inner addresses and cookies in its app's answers.
struct AnswerRewriting: Sendable {
  private let addresses: InnerAddresses?
  private let cookies: AppCookies

  /// `nil` where answers go on as the app wrote them.
  init?(_ site: Site) {
    guard site.upstreamSettings.rewrites || site.cookies != AppCookieSettings() else { return nil }
    addresses = site.upstreamSettings.rewrites ? InnerAddresses(site: site) : nil
    cookies = AppCookies(site.cookies, addresses: addresses)
  }

  /// The fields that are looked at.
  static let fields = KnownFieldSet([.location, .contentLocation, .refresh, .setCookie])

  /// What a field's value becomes; `nil` where it stays.
  func rewritten(_ known: KnownField, _ value: Span<UInt8>, to origin: PublicOrigin) -> [UInt8]? {
    switch known {
    case .location, .contentLocation: addresses?.rewritten(value, to: origin)
    case .refresh: addresses?.rewritten(refresh: value, to: origin)
    case .setCookie: cookies.rewritten(value, to: origin)
    default: nil
    }
  }
}

extension Exchange {
  /// What a field's value of the app's becomes for the browser; `nil` where it stays.
  func publicValue(_ known: KnownField, _ value: Span<UInt8>) -> [UInt8]? {
    guard let host = hostContext, let rewriting = host.settings.rewriting else { return nil }
    return rewriting.rewritten(known, value, to: host.publicOrigin)
  }

  /// The values that take the place of the app's, whose head is `span`; nearly always none.
  func answerReplacements(_ span: Span<UInt8>) -> [FieldReplacement] {
    guard response.present.containsAny(of: AnswerRewriting.fields) else { return [] }
    var replacements: [FieldReplacement] = []
    for (index, field) in response.fields.enumerated() where AnswerRewriting.fields.contains(field.known) {
      guard let value = publicValue(field.known, span.extracting(field.value.range)) else { continue }
      replacements.append(FieldReplacement(index: index, value: value))
    }
    return replacements
  }
}
