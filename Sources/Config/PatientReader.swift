/// Reads `patient`.
enum PatientReader {
  static func read(_ entry: Entry, headers: inout HeaderNames, context: inout LoadContext) -> PatientRule? {
    guard let path = context.pattern(entry.values[0]) else {
      if let block = entry.block { _ = readBlock(block, PatientRule(path: PathPattern("/")), entry, &headers, &context) }
      return nil
    }
    return readBlock(entry.block ?? [], PatientRule(path: path), entry, &headers, &context)
  }

  private static func readBlock(
    _ block: [Directive], _ start: PatientRule, _ entry: Entry, _ headers: inout HeaderNames, _ context: inout LoadContext
  ) -> PatientRule {
    var rule = start
    let reader = BlockReader(block, kind: .patient, context: &context)
    if let value = reader.first("query")?.values[0], let name = queryName(value, context: &context) { rule.query = name }
    if let value = reader.first("header")?.values[0] {
      if let name = headers.claim(value, for: "patient", isRepeatable: true, context: &context) { rule.header = name }
    } else if !reader.isGiven("header") {
      headers.claimDefault(rule.header, for: "patient", at: entry.position, context: &context)
    }
    if let value = reader.first("missing")?.values[0],
      let missing = context.choice(value, ["pass": PatientRule.Missing.pass, "reject": .reject])
    {
      rule.missing = missing
    }
    if let value = reader.first("cache")?.values[0], context.choice(value, ["app": ()]) != nil { rule.appCaches = true }
    if let lookup = reader.first("lookup") {
      rule.lookup = PatientLookupReader.read(lookup, context: &context)
      if !reader.isGiven("to") {
        context.error(lookup.position, "`lookup` without `to` (add `to \"/PATH-OF-THE-APP/{app_id}\"`, where the patient is shown)")
      }
    }
    if let value = reader.first("to")?.values[0] {
      rule.to = template(value, for: "to", allowed: [.patientID, .appID], context: &context)
      if let to = rule.to, to.needsAppID, !reader.isGiven("lookup") {
        context.error(
          value.position, "`{app_id}` is not known without `lookup` (add `lookup`, which asks the app for it, or write `{patient_id}`)")
      }
    }
    return rule
  }

  /// An address with places for a patient, or `nil` after a diagnostic.
  static func template(
    _ value: Value, for directive: String, allowed: [PatientTemplate.Placeholder], mayBeFixed: Bool = false, context: inout LoadContext
  ) -> PatientTemplate? {
    do throws(PatientTemplate.Fault) {
      return try PatientTemplate(checking: value.text, allowed: allowed, mayBeFixed: mayBeFixed)
    } catch {
      context.error(value.position, "`\(value.shown)` cannot be the address of `\(directive)` (\(error.mend))")
      return nil
    }
  }

  /// Reports addresses that lead back to a rule which sends people on: a browser would go in circles.
  static func checkLoops(_ rules: [(rule: PatientRule, position: Position)], context: inout LoadContext) {
    for (rule, position) in rules {
      guard let to = rule.to else { continue }
      let next = rules.first { other in
        guard other.rule.to != nil, PatternOverlap.open(to.pathPattern, takesIn: other.rule.path.text) else { return false }
        // Without the parameter the app gets the request, unless that is refused.
        return to.hasQuery || other.rule.missing == .reject
      }
      if let next {
        context.error(
          position,
          "`to \(to.text)` leads to `patient \(next.rule.path.text)`, which sends people on again (name the page of the app that shows the patient)"
        )
      }
    }
  }

  private static func queryName(_ value: Value, context: inout LoadContext) -> String? {
    let isGood =
      (1...64).contains(value.text.utf8.count)
      && value.text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
      }
    if isGood { return value.text }
    context.error(value.position, "`\(value.shown)` is not a parameter name (letters, digits, `_` and `-`, at most 64)")
    return nil
  }
}
