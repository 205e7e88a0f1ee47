extension DemoPages {
  /// The request as the app got it: what the gateway added, patient and user first, apart from what the browser sent.
  static func arrived(_ request: DemoRequest) -> Markup {
    let target = request.path + (request.query.map { "?" + $0 } ?? "")
    let fields = request.fields.prefix(200)
    let added = fields.filter { isPatientOrUser($0.name) } + fields.filter { isGateways($0.name) && !isPatientOrUser($0.name) }
    let sent = fields.filter { !isGateways($0.name) }
    return """
      <p class="target"><span>Request line</span><code id="target">\(request.method, limit: 64) \(target, limit: 8192)</code></p>
      <div class="scroll">
      <table class="grid">
      <thead><tr><th scope="col">Field</th><th scope="col">Value</th></tr></thead>
      \(group("Set by the gateway; whatever a browser sends under these names never arrives", added))\
      \(group("From the browser", Array(sent)))</table>
      </div>

      """
  }

  private static func group(_ words: String, _ fields: [(name: String, value: String)]) -> Markup {
    guard !fields.isEmpty else { return "" }
    return """
      <tbody>
      <tr><th class="group" colspan="2" scope="rowgroup">\(words)</th></tr>
      \(fields.markup(row))</tbody>

      """
  }

  private static func row(_ field: (name: String, value: String)) -> Markup {
    let mark: Markup = isPatientOrUser(field.name) ? " class=\"mark\"" : ""
    return "<tr\(mark)><th scope=\"row\">\(field.name, limit: 128)</th><td>\(shown(field))</td></tr>\n"
  }

  /// Other programs on this machine may have set cookies for the same host, so their values are not shown.
  private static func shown(_ field: (name: String, value: String)) -> Markup {
    switch field.name.lowercased() {
    case "cookie":
      let names = field.value.split(separator: ";").prefix(50).map { pair in
        pair.prefix { $0 != "=" }.drop { $0 == " " }
      }
      return "\(names.joined(separator: ", ")) <i>(values not shown)</i>"
    case "authorization": return "<i>(not shown)</i>"
    default: return "\(field.value, limit: 2048)"
    }
  }

  private static func isPatientOrUser(_ name: String) -> Bool {
    let name = name.lowercased()
    return name == DemoRequest.patientField.lowercased() || name.hasPrefix("x-auth-")
  }

  private static func isGateways(_ name: String) -> Bool {
    let name = name.lowercased()
    return isPatientOrUser(name) || name.hasPrefix("x-anteroom-") || name.hasPrefix("x-forwarded-")
      || ["forwarded", "via", "x-request-id"].contains(name)
  }
}
