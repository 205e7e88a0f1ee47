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
        a `#`: `to "/app/explorer.html#patient?uuid={patient_id}"`.

        TEMPLATE is an address of this site that begins with one `/`. `{patient_id}`
        stands for the checked number. A GET of the
        `patient` path by a browser that goes to a page is answered 302 to it, and noted
        in the audit trail as any other; everything else is passed on as without `to`.
        It must not lead to a `patient` path with a `to` again. With `lookup` there is
        `{app_id}` too, the app's own id, percent-encoded. See the topic
        `patient-address`.
        """),
    DirectiveDescription(
      "lookup", in: [.patient], "lookup GET|POST TEMPLATE { ... }", arguments: 2...2, braces: .required, opens: .lookup,
      summary: "Asks the app's own API what it calls the patient, before `to`.",
      text: """
        TEMPLATE is an address of the app, perhaps with `{patient_id}` in it. It is asked
        as the signed-in user: with the browser's cookies less the gateway's own, the
        identity headers, and what `request` sets. The topic `patient-address` has
        examples.

        Only if exactly one id is found does the browser go on. Where there is none, or
        the app answers 404, a page says that the app does not know the patient (404);
        where there are several, another one says so (409). No answer, or one that makes
        no sense, is 502, 503 or 504; a 403 of the app is one. Nothing is remembered: the
        app is asked at each click, once or, where the first server takes no connection,
        twice. Answers have at most 1 MB.
        """),
    DirectiveDescription(
      "body", in: [.lookup], "body TEXT", arguments: 1...1, fallback: "an empty one",
      summary: "What a `lookup POST` carries, with `{patient_id}` for the number.",
      text: """
        Other braces are the app's own: `body "{\\"number\\": \\"{patient_id}\\"}"`. At most
        64k.
        """),
    DirectiveDescription(
      "type", in: [.lookup], "type MEDIA-TYPE", arguments: 1...1, fallback: "application/json",
      summary: "The `Content-Type` of the body.",
      text: """
        Such as text/plain or application/x-www-form-urlencoded.
        """),
    DirectiveDescription(
      "id", in: [.lookup], "id json:PATH|header:NAME", arguments: 1...1,
      summary: "Where the app's id is in its answer. Needed.",
      text: """
        `json:` and names with dots between them, from the outside in; `*` stands for all
        elements of a list: `json:patient.id`, `json:*.ID`, `json:entry.*.resource.id`.
        The id is a text or a whole number. Where a member is absent or null, or a list
        is empty, there is none. `header:` names a field of the answer.
        """),
    DirectiveDescription(
      "where", in: [.lookup], "where MEMBER VALUE", arguments: 2...2, repeatable: true,
      summary: "Takes an id only where the object that holds it has this value too.",
      text: """
        For lists with other things in them (`where Type Patient`), and for searches that
        find more than was asked for: `where cliniko_id "{patient_id}"`. Texts, whole
        numbers, `true` and `false`, compared to the letter. If it is given several
        times, all must hold.
        """),
    DirectiveDescription(
      "timeout", in: [.lookup], "timeout DURATION", arguments: 1...1, fallback: "10s",
      summary: "How long the app may take. From 100ms to 60s.",
      text: "Then the click is answered 504."),
    DirectiveDescription(
      "requests", in: [.lookup], "requests NUMBER", arguments: 1...1, fallback: "32",
      summary: "How many lookups of this rule may be under way at once. From 1 to 1000.",
      text: "A further click is answered 503 with `Retry-After`."),
  ]
}
