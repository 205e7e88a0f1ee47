extension DirectiveTable {
  static let patientDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "patient", in: [.site], "patient PATTERN [{ ... }]", arguments: 1...1, braces: .optional, opens: .patient, repeatable: true,
      summary: "The address that is registered for the patient button.",
      text: """
        `patient /patients` means that path with or without a final slash. A GET of it
        by somebody who is not signed in goes to the login page, and comes back to the
        same address, byte for byte, afterwards. For somebody signed in it is passed on
        with the patient's id in a header.

        The id must be a number as Cliniko makes them: digits without a leading zero or
        sign, that fit a signed 64-bit integer. An empty, malformed or repeated
        parameter is answered 400, and so is any other spelling that an app might read
        as the parameter. Answers carry `Cache-Control: no-store`.
        """),
    DirectiveDescription(
      "query", in: [.patient], "query NAME", arguments: 1...1, fallback: "patient_id",
      summary: "The query parameter that holds the patient's id.",
      text: """
        Letters, digits, `_` and `-`, at most 64.
        """),
    DirectiveDescription(
      "header", in: [.patient], "header NAME", arguments: 1...1, fallback: "X-Cliniko-Patient-Id",
      summary: "The header that carries the patient's id to the app.",
      text: """
        What clients send under this name, in any spelling, never reaches the app.
        """),
    DirectiveDescription(
      "missing", in: [.patient], "missing pass|reject", arguments: 1...1, fallback: "pass",
      summary: "What a GET of this path without the parameter gets.",
      text: """
        `pass` sends it to the app without a patient header (a list of patients, say);
        `reject` answers 400 with a page that says so.
        """),
    DirectiveDescription(
      "cache", in: [.patient], "cache app", arguments: 1...1, fallback: "Cache-Control: no-store on every answer",
      summary: "Leaves the app's own Cache-Control on answers about a patient.",
      text: """
        Without it nothing of a patient stays in the browser's cache for whoever uses the
        computer next. Use it only where the app takes care of that itself. An answer
        that sets the gateway's own cookie, as one does each minute or so, is `no-store`
        all the same, on every path.
        """),
    DirectiveDescription(
      "to", in: [.patient], "to TEMPLATE", arguments: 1...1, fallback: "the click is passed on to the app",
      summary: "Where the app really shows a patient: a signed-in click is sent on to it.",
      text: """
        For apps whose pages of patients are elsewhere, in a path of their own or behind
        a `#`:

            to "/app/explorer.html#patient?uuid={patient_id}"

        TEMPLATE is an address of this site that begins with one `/`, in quotes because
        of its braces. `{patient_id}` stands for the checked number. A GET of the
        `patient` path by a browser that goes to a page is answered 302 to it, and noted
        in the audit trail as any other; everything else is passed on as without `to`.
        It must not lead to a `patient` path with a `to` again. See the topic
        `patient-address`.
        """),
  ]
}
