/// `lookup`: the app's own API is asked what it calls a patient.
package struct PatientLookupSettings: Sendable, Equatable {
  /// One step into a JSON document.
  package enum Step: Sendable, Equatable {
    case member(String)
    /// All elements of a list.
    case each
  }

  /// Where the app's id is in its answer.
  package enum Source: Sendable, Equatable {
    /// At least one step; the last one is a member where there are conditions.
    case json([Step])
    /// A field of the answer, a token (RFC 9110, section 5.6.2).
    case header(String)
  }

  /// `where MEMBER VALUE`: what the object that holds the id has to say beside it.
  package struct Condition: Sendable, Equatable {
    package var member: String
    /// With `{patient_id}` for the digits.
    package var value: String

    package init(_ member: String, _ value: String) {
      self.member = member
      self.value = value
    }
  }

  /// The body of a POST.
  package struct Body: Sendable, Equatable {
    /// With `{patient_id}` for the digits; other braces are the app's own.
    package var text: String
    /// A media type.
    package var type: String

    package init(_ text: String, type: String = "application/json") {
      self.text = text
      self.type = type
    }
  }

  /// Path and perhaps query that is asked; no fragment, and of placeholders `{patient_id}` alone.
  package var target: PatientTemplate
  /// `nil` for a GET.
  package var body: Body?
  package var id: Source
  package var conditions: [Condition]
  /// How long the app may take: 100 ms to 60 s.
  package var timeout: Duration
  /// How many may be under way at once: 1 to 1000.
  package var requests: Int

  package init(
    target: PatientTemplate, body: Body? = nil, id: Source, conditions: [Condition] = [], timeout: Duration = .seconds(10),
    requests: Int = 32
  ) {
    self.target = target
    self.body = body
    self.id = id
    self.conditions = conditions
    self.timeout = timeout
    self.requests = requests
  }

  /// What `{patient_id}` stands for in a body or a condition.
  package static func fill(_ text: String, patientID: String) -> String {
    var filled = ""
    var rest = text[...]
    let mark = "{\(PatientTemplate.Placeholder.patientID.rawValue)}"
    while !rest.isEmpty {
      if rest.hasPrefix(mark) {
        filled += patientID
        rest = rest.dropFirst(mark.count)
      } else {
        filled.append(rest.removeFirst())
      }
    }
    return filled
  }
}
