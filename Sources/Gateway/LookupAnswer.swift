import Config
import Fetch
import JOSE

/// What an app's answer to `lookup` comes to.
enum LookupAnswer: Equatable, Sendable {
  /// Exactly one, in whatever words the app has for it.
  case known(String)
  case unknown
  case several
  /// This user may not know (403).
  case forbidden
  /// What is wrong with the answer; nothing of the patient is in it.
  case invalid(String)

  /// - Parameter patientID: digits, as asked for.
  init(_ answer: FetchAnswer, _ settings: PatientLookupSettings, patientID: String) {
    switch answer.status {
    case 200..<300: break
    case 403:
      self = .forbidden
      return
    case 404:
      self = .unknown
      return
    default:
      self = .invalid("it answers \(answer.status)")
      return
    }
    switch settings.id {
    case .header(let name):
      guard let value = answer.fields[name.lowercased()], !value.isEmpty else {
        self = .unknown
        return
      }
      // Lines of one name were joined: two of them are two ids.
      self = value.contains(",") ? .several : Self.isGood(value) ? .known(value) : .invalid("`\(name)` holds no id")
    case .json(let steps):
      do throws(Fault) {
        self = try Self.read(answer.body, steps, settings.conditions, patientID: patientID)
      } catch {
        self = .invalid(error.reason)
      }
    }
  }

  private struct Fault: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  private static func read(
    _ body: [UInt8], _ steps: [PatientLookupSettings.Step], _ conditions: [PatientLookupSettings.Condition], patientID: String
  ) throws(Fault) -> LookupAnswer {
    // 204, for one.
    if body.isEmpty { return .unknown }
    let document: JSONValue
    do throws(JSONFault) { document = try JSONValue(body) } catch { throw Fault("what it answers is no JSON") }
    let wanted = conditions.map { ($0.member, PatientLookupSettings.fill($0.value, patientID: patientID)) }
    var ids: Set<String> = []
    try collect(document, steps[...], wanted, into: &ids)
    if ids.count > 1 { return .several }
    return ids.first.map { .known($0) } ?? .unknown
  }

  private static func collect(
    _ value: JSONValue, _ steps: ArraySlice<PatientLookupSettings.Step>, _ wanted: [(member: String, value: String)],
    into ids: inout Set<String>
  ) throws(Fault) {
    if case .null = value { return }
    guard let step = steps.first else {
      guard let id = id(value), isGood(id) else { throw Fault("what stands where the id should be is none") }
      ids.insert(id)
      return
    }
    switch step {
    case .each:
      guard case .array(let elements) = value else { throw Fault("there is no list where `*` wants one") }
      for element in elements { try collect(element, steps.dropFirst(), wanted, into: &ids) }
    case .member(let name):
      guard case .object(let members) = value else { throw Fault("there is no object where `\(name)` is looked for") }
      if steps.count == 1, !wanted.allSatisfy({ text(members[$0.member] ?? .null) == $0.value }) { return }
      if let member = members[name] { try collect(member, steps.dropFirst(), wanted, into: &ids) }
    }
  }

  private static func id(_ value: JSONValue) -> String? {
    if case .bool = value { nil } else { text(value) }
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .text(let text): text
    case .integer(let number): "\(number)"
    case .bool(let bool): "\(bool)"
    case .null, .number, .array, .object: nil
    }
  }

  /// Control characters and what is longer than any id mean that something else was found.
  private static func isGood(_ id: String) -> Bool {
    (1...PatientTemplate.longestAppID).contains(id.utf8.count) && id.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
