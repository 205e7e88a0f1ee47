extension DirectiveTable {
  static let openIDDirectives: [DirectiveDescription] = [
    DirectiveDescription(
      "issuer", in: [.oidc], "issuer URL", arguments: 1...1,
      summary: "The provider. Needed.",
      text: """
        URL is what the provider calls itself, letter by letter: https, with its path,
        and with or without a final slash as the provider has it. What it says of itself
        is read from below it, at /.well-known/openid-configuration, and must name this
        very text. Plain http is possible on loopback only.

        A Microsoft Entra issuer for every tenant (`common`, `organizations`,
        `consumers`) needs `allow claim tid ID`. One with your tenant's id in its path is
        better.
        """),
    DirectiveDescription(
      "client_id", in: [.oidc], "client_id NAME", arguments: 1...1,
      summary: "What the provider calls this gateway. Needed.",
      text: "The provider shows or asks for it where the gateway is registered with it."),
    DirectiveDescription(
      "client_secret", in: [.oidc], "client_secret VALUE", arguments: 1...1,
      summary: "The secret by which the provider knows this gateway.",
      text: """
        Write it as `file:oidc.secret` or `env:NAME` to keep it out of gateway.conf.
        Without it and without `private_key` the gateway is a public client, which PKCE
        protects. PKCE is used in any case.
        """),
    DirectiveDescription(
      "private_key", in: [.oidc], "private_key FILE", arguments: 1...1,
      summary: "The key by which the provider knows this gateway.",
      text: """
        In place of a secret (`private_key_jwt`): the provider has the public half. FILE
        is PEM of an RSA, P-256 or P-384 key, and must not be readable by every user of the
        machine. A configuration has this or `client_secret`, never both.
        """),
    DirectiveDescription(
      "scopes", in: [.oidc], "scopes NAME...", arguments: 1...50, fallback: "openid profile email",
      summary: "What the provider is asked for.",
      text: """
        `openid` is asked for in any case. Some providers hand out refresh tokens only
        with `offline_access`, and groups only with `groups`: see the topic `providers`.
        """),
    DirectiveDescription(
      "allow", in: [.oidc], "allow email_domain DOMAIN | allow group NAME | allow claim NAME VALUE", arguments: 1...10, repeatable: true,
      summary: "Who may come in. Any one that fits is enough.",
      text: """
        Without any, whoever the provider signs in for this client.

        `email_domain` compares all that stands behind the last `@`, without case; a
        subdomain is another domain. An address that the provider says is not verified
        does not count. `group` is one of the groups (`claims`), letter by letter.
        `claim` is any claim: its text, or one of its texts, is VALUE letter by letter;
        numbers, and true and false, are compared as they are written.

        It is asked again whenever the session is renewed with the provider. Whoever is
        not let in sees a page that says so, and may sign in otherwise.
        """),
    DirectiveDescription(
      "claims", in: [.oidc], "claims { ... }", arguments: 0...0, braces: .required, opens: .claims,
      summary: "Which claims say who somebody is.",
      text: """
        Name only those that differ. Claims are taken from the ID token, and from the
        provider's userinfo where the token lacks them.
        """),
    DirectiveDescription(
      "user", in: [.claims], "user NAME", arguments: 1...1, fallback: "preferred_username",
      summary: "The claim with the user's name.",
      text: """
        Nobody signs in without it. Choose one that nobody can change to be somebody
        else: `sub` is the safest, and the hardest to read.
        """),
    DirectiveDescription(
      "name", in: [.claims], "name NAME", arguments: 1...1, fallback: "name", summary: "The claim with the name of the person.",
      text: "Left out if there is none."),
    DirectiveDescription(
      "email", in: [.claims], "email NAME", arguments: 1...1, fallback: "email", summary: "The claim with the e-mail address.",
      text: "Left out if there is none, and if `email_verified` is false."),
    DirectiveDescription(
      "groups", in: [.claims], "groups NAME", arguments: 1...1, fallback: "groups", summary: "The claim with the groups.",
      text: "A text, or a list of texts. Left out if there is none."),
    DirectiveDescription(
      "max_age", in: [.oidc], "max_age DURATION", arguments: 1...1,
      summary: "How long ago the provider may have checked the person.",
      text: """
        The provider asks for the password again if it was longer ago, and the gateway
        checks that it did. Without this line that is the provider's to decide. From 0s
        (each time) to 1y.
        """),
    DirectiveDescription(
      "logout", in: [.oidc], "logout provider|local", arguments: 1...1, fallback: "provider",
      summary: "What a logout ends besides the session here.",
      text: """
        With `provider` the browser goes on to the provider, which ends its own session
        too: on a shared computer nobody is signed in again by a click. With `local`, or
        if the provider has no address for it, the provider's own session stays.
        """),
    DirectiveDescription(
      "response_mode", in: [.oidc], "response_mode query|form_post", arguments: 1...1, fallback: "query",
      summary: "How the provider's answer comes through the browser.",
      text: """
        With `form_post` the answer is in a form, and thus in no address and no log of a
        proxy. It is of use only once, and with a secret of this gateway, either way.
        """),
    DirectiveDescription(
      "bearer", in: [.oidc], "bearer { ... }", arguments: 0...0, braces: .required, opens: .bearer,
      summary: "Lets programs in that bring an access token of this provider.",
      text: """
        A request with `Authorization: Bearer TOKEN` needs no cookie then. The token is a
        signed JWT of this issuer, for this audience, not expired; `allow` and `claims`
        hold for it as well. One that is not good is answered 401, and never sent to a
        login page. See the topic `openid`.
        """),
    DirectiveDescription(
      "audience", in: [.bearer], "audience NAME", arguments: 1...1,
      summary: "Whom a token must be meant for (`aud`). Needed.",
      text: "Letter by letter, as the provider calls the app or API."),
    DirectiveDescription(
      "forward", in: [.bearer], "forward yes|no", arguments: 1...1, fallback: "no",
      summary: "Whether the app gets the token too.",
      text: "With `no` the app gets the identity headers alone, which is what most apps need."),
    DirectiveDescription(
      "access_token_header", in: [.oidc], "access_token_header NAME", arguments: 1...1,
      summary: "The header that carries the user's access token to the app.",
      text: """
        For apps that call the provider, or an API behind it, in the user's name. Without
        this line the app gets no token. Under the name `Authorization` the token stands
        behind `Bearer`, under any other by itself. What a client sends under this name
        is removed.
        """),
    DirectiveDescription(
      "ca", in: [.oidc], "ca FILE", arguments: 1...1,
      summary: "Whose word is taken that the provider is the provider.",
      text: """
        Without it: the authorities that the system trusts. FILE is PEM of one or more
        authorities; with it those of the system do not count.
        """),
  ]
}
