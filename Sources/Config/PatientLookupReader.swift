/// Reads `lookup` of a `patient` rule.
enum PatientLookupReader {
  static func read(_ entry: Entry, context: inout LoadContext) -> PatientLookupSettings? {
    let reader = BlockReader(entry.block ?? [], kind: .lookup, context: &context)
    let isPost = context.choice(entry.values[0], ["GET": false, "POST": true])
    let target = target(entry.values[1], mayBeFixed: isPost ?? true, context: &context)
    let body = body(reader, entry, isPost: isPost, target: target, context: &context)
    let id = reader.first("id").flatMap { source($0.values[0], context: &context) }
    if !reader.isGiven("id") {
      context.error(entry.position, "`lookup` does not say where the app's id is in its answer (add `id json:PATH` or `id header:NAME`)")
    }
    let conditions = reader.all("where").compactMap { condition($0, id, context: &context) }
    let timeout = reader.first("timeout").flatMap { context.duration($0.values[0], .milliseconds(100) ... .seconds(60)) }
    let requests = reader.first("requests").flatMap { context.number($0.values[0], 1...1000) }
    guard let target, let id, isPost != nil else { return nil }
    var settings = PatientLookupSettings(target: target, body: body, id: id, conditions: conditions)
    if let timeout { settings.timeout = timeout }
    if let requests { settings.requests = requests }
    return settings
  }

  private static func target(_ value: Value, mayBeFixed: Bool, context: inout LoadContext) -> PatientTemplate? {
    guard let target = PatientReader.template(value, for: "lookup", allowed: [.patientID], mayBeFixed: mayBeFixed, context: &context) else {
      return nil
    }
    guard target.hasFragment else { return target }
    context.error(value.position, "`\(value.shown)` cannot be the address of `lookup` (leave out the `#`: it never reaches a server)")
    return nil
  }

  private static func body(
    _ reader: BlockReader, _ entry: Entry, isPost: Bool?, target: PatientTemplate?, context: inout LoadContext
  ) -> PatientLookupSettings.Body? {
    let type = reader.first("type").flatMap { mediaType($0.values[0], context: &context) }
    let text = reader.first("body")?.values[0]
    if isPost == false {
      for name in ["body", "type"] {
        guard let given = reader.first(name) else { continue }
        context.error(given.position, "`\(name)` with `lookup GET` (a GET carries nothing: write `lookup POST`, or leave it out)")
      }
      return nil
    }
    guard isPost == true else { return nil }
    if let text, text.text.utf8.count > 64 << 10 {
      context.error(text.position, "the body is too long (at most 64k)")
    }
    let namesPatient = text.map { PatientLookupSettings.fill($0.text, patientID: "") != $0.text } ?? false
    if let target, !target.hasPlaceholder, !namesPatient, text != nil || !reader.isGiven("body") {
      context.error(
        text?.position ?? entry.position,
        "neither the address of `lookup` nor its body names the patient (write `body \"{patient_id}\"`, say)")
    }
    return PatientLookupSettings.Body(text?.text ?? "", type: type ?? "application/json")
  }

  private static func mediaType(_ value: Value, context: inout LoadContext) -> String? {
    let parts = value.text.prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, parts.allSatisfy({ HeaderName.isToken(String($0)) }), value.text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }),
      value.text.utf8.count <= 128
    {
      return value.text
    }
    context.error(value.position, "`\(value.shown)` is not a media type (write `text/plain` or `application/json`, say)")
    return nil
  }

  private static func source(_ value: Value, context: inout LoadContext) -> PatientLookupSettings.Source? {
    if value.text.hasPrefix("header:") {
      let name = String(value.text.dropFirst(7))
      if HeaderName.isToken(name), name.utf8.count <= 64 { return .header(name) }
      context.error(value.position, "`\(value.shown)` names no field (letters, digits and dashes, such as `header:X-Patient`)")
      return nil
    }
    guard value.text.hasPrefix("json:") else {
      context.error(
        value.position, "`\(value.shown)` does not say where the id is (write `json:` and a path of names, or `header:` and a name)")
      return nil
    }
    let names = value.text.dropFirst(5).split(separator: ".", omittingEmptySubsequences: false)
    guard names.count <= 16, names.allSatisfy({ isMember(String($0)) || $0 == "*" }) else {
      context.error(
        value.position,
        "`\(value.shown)` is no path in a JSON answer (names with dots between, `*` for the elements of a list: `json:entry.*.resource.id`)"
      )
      return nil
    }
    if let index = names.first(where: { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) {
      context.error(
        value.position,
        "`\(index)` in `\(value.shown)` would take one element of a list, whoever it is (write `*`: of several patients none is opened)")
      return nil
    }
    return .json(names.map { $0 == "*" ? .each : .member(String($0)) })
  }

  private static func condition(
    _ entry: Entry, _ source: PatientLookupSettings.Source?, context: inout LoadContext
  ) -> PatientLookupSettings.Condition? {
    let name = entry.values[0]
    guard isMember(name.text) else {
      context.error(name.position, "`\(name.shown)` is no name of a member (one name: that of a neighbour of the id)")
      return nil
    }
    switch source {
    case .json(let steps):
      if case .member = steps.last { break }
      context.error(
        entry.position, "`where` looks at the object that holds the id, and there is none (end `id json:` with a member's name)")
    case .header: context.error(entry.position, "`where` looks at a JSON answer (write `id json:PATH`, or leave it out)")
    case nil: break
    }
    return PatientLookupSettings.Condition(name.text, entry.values[1].text)
  }

  private static func isMember(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "_-$@:".utf8.contains(byte)
        }
      }
  }
}
