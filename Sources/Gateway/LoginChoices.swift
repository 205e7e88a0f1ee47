import Config
import Login
import Pages

/// A site with several logins: which one somebody gets, and how to come to the others.
extension Exchange {
  /// The login that was asked for, or chosen last, or is the only one; `nil` where the choice is to be shown.
  func chosenLogin(_ fields: URLEncodedForm?, _ settings: SiteSettings) -> SiteLogin? {
    let logins = settings.logins
    if logins.count == 1 { return logins.first }
    if let asked = fields?.value("with").flatMap({ Int(String(decoding: $0, as: UTF8.self)) }), logins.indices.contains(asked - 1) {
      let login = logins[asked - 1]
      remember(login)
      return login
    }
    guard fields?.value("choose") == nil else { return nil }
    let remembered = ownCookies(.login).first?.value
    return remembered.flatMap { value in logins.first { value.elementsEqual($0.id.utf8) } }
  }

  private static let remembered: Int64 = 365 * 86_400

  private func remember(_ login: SiteLogin) {
    guard let names = hostContext?.cookieNames else { return }
    addCookie(names.setCookie(names.login, value: login.id, maxAge: Self.remembered))
  }

  /// All logins that are elsewhere, as links that keep the ticket.
  func otherLogins(_ ticket: [UInt8]) -> [LoginChoice] {
    guard let logins = siteState?.settings.logins else { return [] }
    return logins.enumerated().compactMap { place, login in
      switch login.kind {
      case .openID, .forward: break
      case .password, .app: return nil
      }
      // The only one is gone to by itself, unless something has to be said before.
      let with = logins.count > 1 ? "with=\(place + 1)" : ""
      return LoginChoice(label: login.title, address: Self.loginAddress([with], ticket))
    }
  }

  /// Where all logins can be chosen from.
  func choiceAddress(_ ticket: [UInt8]) -> String { Self.loginAddress(["choose=1"], ticket) }

  static func loginAddress(_ fields: [String], _ ticket: [UInt8]) -> String {
    let all = (fields + [ticket.isEmpty ? "" : "return=\(String(decoding: ticket, as: UTF8.self))"]).filter { !$0.isEmpty }
    return "/.anteroom/login" + (all.isEmpty ? "" : "?" + all.joined(separator: "&"))
  }
}
