extension DirectiveTable {
  static let headerDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "identity", in: [.site], "identity { ... }", arguments: 0...0, braces: .required, opens: .identity,
      fallback: "{ user X-Auth-User }",
      summary: "The headers that tell the app who is signed in.",
      text: """
        With this block only what it names is sent; without it the user name alone, in
        X-Auth-User. They are on every request of somebody signed in, open paths
        included. What clients send under these names, in any spelling, never reaches
        the app. An empty value is not sent.
        """),
    identity("user", "The header with the user name.", "As it is written in the accounts file."),
    identity("name", "The header with the account's full name.", "The third field of the accounts file."),
    identity("email", "The header with the e-mail address.", "The fourth field of the accounts file."),
    identity("groups", "The header with the groups.", "The fifth field of the accounts file, separated by commas."),
    DirectiveDescription(
      "request", in: [.site], "request { ... }", arguments: 0...0, braces: .required, opens: .request,
      summary: "Headers that are set or dropped on the way to the app.",
      text: """
        For an app that wants a fixed login or a shared secret from its proxy, or that
        must not see something that browsers send.
        """),
    DirectiveDescription(
      "set", in: [.request], "set NAME VALUE", arguments: 2...2, repeatable: true,
      summary: "Sets a header on every request.",
      text: """
        What clients send under this name, in any spelling, never reaches the app. Take
        secrets from elsewhere: `set Authorization file:basic.secret` sends the first
        line of that file, `env:NAME` an environment variable. At most 8 KB, no control
        characters, no blank at either end.
        """),
    DirectiveDescription(
      "drop", in: [.request], "drop NAME...", arguments: 1...100, repeatable: true,
      summary: "Drops headers that clients send, in any spelling.",
      text: "Headers that the gateway or HTTP itself needs cannot be dropped or set; see the topic `headers`."),
  ]

  static let brandDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "brand", in: [.site], "brand { ... }", arguments: 0...0, braces: .required, opens: .brand,
      summary: "Whose pages the login page and the other pages of the gateway are.",
      text: "Clinicians should recognise them at a glance."),
    DirectiveDescription(
      "name", in: [.brand], "name TEXT", arguments: 1...1, fallback: "the host that the browser asked for",
      summary: "The practice's or product's name.",
      text: "At most 80 characters; put it in quotes if it has blanks."),
    DirectiveDescription(
      "logo", in: [.brand], "logo FILE", arguments: 1...1,
      summary: "A logo: PNG or SVG, at most 256 KB.",
      text: """
        It is read at start-up. An SVG must stand alone, without scripts or entities.
        """),
  ]

  private static func identity(_ name: String, _ summary: String, _ text: String) -> DirectiveDescription {
    DirectiveDescription(
      name, in: [.identity], "\(name) HEADER", arguments: 1...1, fallback: name == "user" ? "X-Auth-User without the block" : "not sent",
      summary: summary, text: text)
  }
}
