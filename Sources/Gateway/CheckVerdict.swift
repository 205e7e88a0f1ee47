import Config
import Fetch
import Login
import Pages
import Session

/// Whom a checker has let in.
struct CheckedUser: Sendable, Equatable {
  /// Empty where nobody is named.
  var user = ""
  var name = ""
  var email = ""
  var groups: [String] = []
  /// What `copy` names, as whole lines for the app.
  var lines: [UInt8] = []
}

/// How a checker turns somebody away.
struct CheckRefusal: Sendable, Equatable {
  /// 401, 403, or that of a redirect.
  var status: Int
  /// The address that a browser is to go to, where it says one.
  var location: String?
  /// How to sign in by HTTP itself (RFC 9110, section 11.6.1), where it says so.
  var challenge: String?
}

/// What follows from a checker's answer.
enum CheckVerdict: Sendable, Equatable {
  case letIn(CheckedUser)
  case turnedAway(CheckRefusal)
  /// It cannot be known whether it lets in.
  case failed(Failure)
}

/// A checker's answer, read.
struct CheckAnswer: Sendable, Equatable {
  var verdict: CheckVerdict
  /// `Set-Cookie` values for the browser.
  var cookies: [String] = []
  /// For the log: why it cannot be used, or is not used whole, and the mend in parentheses.
  var fault: String?
}

/// Reads a checker's answers, for which `nginx`'s `auth_request` and Traefik's ForwardAuth have set the customs.
struct CheckReading: Sendable {
  private let settings: ForwardLoginSettings
  /// What a `Location` that is only a path is a path of.
  private let origin: String

  private static let longestValue = 8 << 10
  /// Of a user, a name or an address, which go into logs.
  private static let longestText = 1 << 10
  private static let mostCookies = 50

  /// - Parameter address: of the checker.
  init(_ settings: ForwardLoginSettings, address: FetchAddress) {
    self.settings = settings
    origin = "\(address.isSecure ? "https" : "http")://\(address.authority)"
  }

  func answer(_ answer: FetchAnswer) -> CheckAnswer {
    switch answer.status {
    case 200..<300: return letIn(answer)
    case 401, 403, 300..<400: return turnedAway(answer)
    default:
      return CheckAnswer(
        verdict: .failed(.checkFailed),
        fault: "it answers with status \(answer.status) (look at its log; 2xx, 401, 403 and redirects count)")
    }
  }

  /// No answer.
  func failure(_ fault: FetchFault) -> CheckAnswer {
    let failure: Failure =
      switch fault.kind {
      case .timedOut: .checkTimeout
      case .noRoom, .ended: .checkBusy
      case .unsendable: .badRequest
      default: .checkFailed
      }
    return CheckAnswer(verdict: .failed(failure), fault: failure == .badRequest ? nil : "\(fault)")
  }

  // MARK: In

  private struct Unusable: Error {
    let reason: String
  }

  private func letIn(_ answer: FetchAnswer) -> CheckAnswer {
    var checked = CheckedUser()
    do throws(Unusable) {
      for name in settings.copy {
        guard let value = try value(of: name, answer) else { continue }
        checked.lines += Array("\(name): ".utf8) + value + Array("\r\n".utf8)
      }
      checked.name = try text(settings.name, answer)
      checked.email = try text(settings.email, answer)
      checked.groups = try text(settings.groups, answer, limit: Self.longestValue).split { $0 == "," || $0 == "|" }.map(Self.trimmed).filter
      { !$0.isEmpty }
      checked.user = try text(settings.user, answer)
    } catch {
      return CheckAnswer(verdict: .failed(.checkFailed), fault: error.reason)
    }
    if let name = settings.user, checked.user.isEmpty {
      return CheckAnswer(
        verdict: .failed(.checkFailed),
        fault:
          "it lets somebody in and does not say whom: there is no `\(name)` in its answer of status \(answer.status) (is `check` the address for proxies, and not that of a page? If it names nobody, write `user none`)"
      )
    }
    return CheckAnswer(verdict: .letIn(checked), cookies: cookies(answer))
  }

  /// `nil` where there is none, or an empty one.
  private func value(of name: String, _ answer: FetchAnswer) throws(Unusable) -> [UInt8]? {
    let lines = answer.lines[name.lowercased()] ?? []
    guard let value = lines.first else { return nil }
    // With two of them nobody knows which one is meant.
    guard lines.count == 1 else { throw Unusable(reason: "there are \(lines.count) lines of `\(name)` in its answer (have it send one)") }
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw Unusable(reason: "`\(name)` in its answer has control characters (take them out there)")
    }
    guard value.count <= Self.longestValue else {
      throw Unusable(reason: "`\(name)` in its answer has more than \(Self.longestValue) bytes (have it send less)")
    }
    return value.isEmpty ? nil : value
  }

  /// Empty where there is none.
  private func text(_ name: String?, _ answer: FetchAnswer, limit: Int = longestText) throws(Unusable) -> String {
    guard let name, let value = try value(of: name, answer) else { return "" }
    guard let text = String(validating: value, as: UTF8.self), !text.unicodeScalars.contains(where: Self.isControl) else {
      throw Unusable(reason: "`\(name)` in its answer is not UTF-8 without control characters (mend it there)")
    }
    guard value.count <= limit else { throw Unusable(reason: "`\(name)` in its answer has more than \(limit) bytes (have it send less)") }
    return Self.trimmed(text[...])
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }

  private static func trimmed(_ text: Substring) -> String {
    String(String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
  }

  // MARK: Away

  private func turnedAway(_ answer: FetchAnswer) -> CheckAnswer {
    let given = answer.lines["location"] ?? []
    let location = given.count == 1 ? given.first.flatMap { self.location($0) } : nil
    var refusal = CheckRefusal(status: answer.status, location: location)
    if answer.status == 401, let value = answer.fields["www-authenticate"], value.utf8.count <= Self.longestValue,
      value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
    {
      refusal.challenge = value
    }
    var read = CheckAnswer(verdict: .turnedAway(refusal), cookies: cookies(answer))
    if !given.isEmpty, location == nil {
      read.fault = "its `Location` leads nowhere (have it send one whole address, https://HOST/PATH)"
    }
    return read
  }

  /// The address that a browser may be sent to; `nil` for what is no address of the web.
  private func location(_ value: [UInt8]) -> String? {
    guard value.count <= Self.longestValue, value.allSatisfy(Self.mayStand) else { return nil }
    var text = String(decoding: value, as: UTF8.self)
    if text.hasPrefix("//") {
      text = origin.prefix { $0 != "/" } + text
    } else if text.hasPrefix("/") {
      text = origin + text
    }
    // It goes on as it stands, once it is known to begin with a scheme and a host.
    let address = FetchAddress(String(text.prefix { $0 != "#" && $0 != "?" }))
    return address == nil ? nil : text
  }

  /// Visible ASCII that browsers read in one way.
  private static func mayStand(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && !#""<>\^`{|}"#.utf8.contains(byte) }

  // MARK: Cookies

  private func cookies(_ answer: FetchAnswer) -> [String] {
    answer.cookies.prefix(Self.mostCookies).compactMap { value in
      guard value.count <= Self.longestValue, value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), !CookieNames.isOurs(setCookie: value.span)
      else { return nil }
      return String(validating: value, as: UTF8.self)
    }
  }
}
