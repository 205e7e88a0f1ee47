import Config
import Fetch
import JOSE
import Pages

/// What a probe's answer says.
enum AppProbeOutcome: Sendable, Equatable {
  /// `user` is empty where the configuration names no place for it.
  case signedIn(user: String)
  /// With the reason, for `check --online`.
  case notSignedIn(String)
  /// It says nothing: nobody is let in, and nobody is taken for gone.
  case unknown(Failure, String)

  private static let longestUser = 256

  /// Reads an answer: 2xx with a name where there has to be one is somebody; other 2xx, 3xx and 4xx are nobody.
  init(_ answer: FetchAnswer, _ source: AppLoginSettings.UserSource) {
    switch answer.status {
    case 200..<300: self = Self.read(answer, source)
    // The app is too busy to say.
    case 408, 425, 429: self = .unknown(.checkFailed, "status \(answer.status)")
    case 300..<500: self = .notSignedIn("status \(answer.status)")
    default: self = .unknown(.checkFailed, "status \(answer.status)")
    }
  }

  init(_ fault: FetchFault) {
    if case .timedOut = fault.kind { self = .unknown(.checkTimeout, "\(fault)") } else { self = .unknown(.checkFailed, "\(fault)") }
  }

  private static func read(_ answer: FetchAnswer, _ source: AppLoginSettings.UserSource) -> AppProbeOutcome {
    let name: String?
    switch source {
    case .none: return .signedIn(user: "")
    case .header(let field):
      let lines = answer.lines[field.lowercased()] ?? []
      guard lines.count < 2 else { return .notSignedIn("it has \(lines.count) fields \(field)") }
      name = lines.first.flatMap { String(validating: $0, as: UTF8.self) }
      guard name != nil else { return .notSignedIn("it has no field \(field)") }
    case .json(let path):
      guard let document = try? JSONValue(answer.body) else { return .notSignedIn("it is no JSON document") }
      guard let found = path.reduce(Optional(document), { value, member in value?[member] }) else {
        return .notSignedIn("it has no member \(path.joined(separator: "."))")
      }
      switch found {
      case .text(let text): name = text
      case .integer(let number): name = "\(number)"
      default: return .notSignedIn("\(path.joined(separator: ".")) is neither a text nor a whole number")
      }
    }
    guard let name, !name.isEmpty else { return .notSignedIn("the user's name is empty") }
    guard name.utf8.count <= longestUser, !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return .notSignedIn("the user's name is longer than \(longestUser) bytes, or has control characters")
    }
    return .signedIn(user: name)
  }
}
