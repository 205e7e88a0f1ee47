/// Signing in with a provider.
extension ManualTopics {
  static let openID = ManualTopics(
    name: "openid", summary: "Signing in with an OpenID Connect provider.", title: "openid: signing in with a provider",
    text: """
      `login oidc` sends people who are not signed in to the provider where they sign in
      anyway, and takes them from there to the patient or page that they wanted. If it is
      the only login of the site they go there at once; with several they choose, and the
      browser remembers the choice.

      What to enter at the provider, for each host of the site:

          redirect address       https://app.example.com/.anteroom/callback
          after the logout       https://app.example.com/.anteroom/logout
          back-channel logout    https://app.example.com/.anteroom/backchannel
          front-channel logout   https://app.example.com/.anteroom/frontchannel

      The host is the one in the browser, and so is the scheme: where TLS ends in front
      of the gateway, the listener needs `scheme https`. The kind of client is a web
      application with the authorization code flow. PKCE (S256) is always used; ID tokens
      must be signed with RS256, RS384, RS512, PS256, ES256, ES384 or EdDSA, and not be
      encrypted. `anteroom check --online` asks the provider, and says what is wrong and
      which addresses to enter. For the usual providers see the topic `providers`.

      What the provider hears: the name of this client, the redirect address, the scopes,
      random values, and a sealed one that only the gateway can read. It hears nothing of
      the patient, and nothing of the page that somebody wants; nor does any address on
      the way there and back. It hears when somebody signs in, and while the session is
      renewed, that it still lasts. What the gateway asks by itself (the provider's
      settings and keys, the tokens, userinfo) goes from the gateway to the provider over
      TLS, 10 s and 1 MB at most, and follows no redirect.

      Who comes in: whoever the provider signs in and one `allow` fits, or anybody it
      signs in if there is none. The claims that `claims` names say who it is; what the ID
      token lacks is asked for at userinfo. User, name, e-mail address and groups go to
      the app in the headers that `identity` names, as UTF-8, characters outside ASCII
      included, as those of an accounts file do. Claims with control characters are not
      used. An address that is not verified (`email_verified` is false) is no address.

      A session follows the provider. If that gives out a refresh token (most do with the
      scope `offline_access`, some without), it is kept sealed, and used before the access
      token runs out: the groups and the rest are read anew, and `allow` is asked again.
      When the provider refuses, since the account is blocked or its session has ended,
      the session here ends too. A provider that tells of logouts (back-channel, or
      front-channel through the browser) ends it at once. `idle` and `lifetime` of
      `session` hold in any case, and alone where there is none of this.
      `provider_sessions` in `limits` says how many sessions are remembered.

      When the provider is down, who is signed in goes on working: a refresh that gets no
      answer is tried again. Who is not sees a page that says so, and the way to the
      patient is kept for the next try. Keys that the provider has changed are fetched
      when a token names a new one, at most once a minute.

      Clocks may differ by 60 s. If tokens are refused as too old or too new, look at the
      clock of this machine.

      Programs: with `bearer`, a request with `Authorization: Bearer TOKEN` is let in
      without a cookie. The token must be a JWT that the issuer has signed for `audience`;
      one that cannot be read (some providers' are for themselves alone) is none. The app
      gets the identity headers, and the token if `forward yes`. A token that is not good
      is answered 401 with `WWW-Authenticate: Bearer` (RFC 6750), and one of somebody whom
      no `allow` fits 403. A page in a browser never uses this.
      """)

  static let providers = ManualTopics(
    name: "providers", summary: "Entra, Google, Okta, Keycloak, Authentik: what to write, and what to enter there.",
    title: "providers: what to write, and what to enter there",
    text: """
      The addresses to enter, for the host app.example.com, each below
      https://app.example.com/.anteroom/ (topic `openid`):

          callback        the redirect address
          logout          where the provider sends people after the logout
          backchannel     back-channel logout
          frontchannel    front-channel logout

      What each can do:

                       groups           refreshed    tells of logouts   signs out too
          Entra        ids, or roles    yes          front-channel      yes
          Google       none (`hd`)      no           no                 no
          Okta         names            yes          front-channel      yes
          Keycloak     names, paths     yes          back-channel       yes
          Authentik    names            yes          back-channel       yes

      Microsoft Entra

          login oidc {
              issuer https://login.microsoftonline.com/TENANT-ID/v2.0
              client_id APPLICATION-ID
              client_secret file:oidc.secret
              scopes openid profile email offline_access
              allow group 0f3c...                # the group's object id
          }

        Entra ID > App registrations > New registration, accounts in this directory only.
        Authentication: platform Web with callback, and logout as a further redirect
        address; frontchannel as the front-channel logout URL.
        Certificates & secrets: a new client secret. It ends at the date shown there.
        Token configuration > Add groups claim, in ID tokens. Groups come as object ids, and
        for whoever is in more than 200 of them not at all: choose `Groups assigned to the
        application`, or make app roles and write `claims { groups roles }`.
        For front-channel logout add the optional claim `sid` to ID tokens.
        A user name may be given to somebody else later; `claims { user oid }` never is.
        For `bearer`, `audience` is the application id, and the manifest must say
        `requestedAccessTokenVersion: 2`.

      Google

          login oidc {
              issuer https://accounts.google.com
              client_id 1234-abcd.apps.googleusercontent.com
              client_secret file:oidc.secret
              allow claim hd clinic.example      # the domain of your Google Workspace
              claims { user email }
          }

        Google Cloud console > APIs & Services > Credentials > Create credentials > OAuth
        client ID, Web application; callback as authorized redirect URI. The consent screen:
        Internal.
        `hd` is the domain of the Workspace that an account belongs to; an e-mail address
        alone may belong to a private account. Google tells no groups, and of no logout; its
        own session stays after a logout here. Its access tokens cannot be checked by
        others, so there is no `bearer`.

      Okta

          login oidc {
              issuer https://clinic.okta.com
              client_id 0oa...
              client_secret file:oidc.secret
              scopes openid profile email groups offline_access
              allow group Clinicians
          }

        Applications > Create App Integration > OIDC, Web Application; grant types
        Authorization Code and Refresh Token; callback as sign-in redirect URI, logout as
        sign-out redirect URI; then assign people or groups.
        Sign On > OpenID Connect ID Token > Groups claim type Filter, `groups` with a filter
        that the groups match.
        Where single logout by the front channel is on for your organisation: frontchannel
        as the logout request URL, with user session details.
        `bearer` needs a custom authorization server
        (`issuer https://clinic.okta.com/oauth2/default`): there the groups claim, and the
        scope, are added in Security > API.

      Keycloak

          login oidc {
              issuer https://login.example.com/realms/REALM
              client_id anteroom
              client_secret file:oidc.secret
              allow group clinicians
          }

        Clients > Create client, OpenID Connect; client authentication on, standard flow;
        callback in Valid redirect URIs, logout in Valid post logout redirect URIs. Under
        Logout settings: front channel logout off, backchannel as the backchannel logout
        URL, backchannel logout session required on. The secret is under Credentials.
        Client scopes > anteroom-dedicated > Add mapper > Group Membership: token claim name
        `groups`, full group path off (with it on, names begin with `/`), add to ID token.
        Refresh tokens come by themselves: leave `offline_access` out, whose tokens outlive
        the logout there. Addresses count once `Email verified` is on. Before version 17
        there is /auth before /realms.
        For `bearer`, add an Audience mapper with the name that `audience` has.

      Authentik

          login oidc {
              issuer https://login.example.com/application/o/SLUG/     # with the slash
              client_id ...
              client_secret file:oidc.secret
              scopes openid profile email offline_access
              allow group clinicians
          }

        Applications > Create with provider, OAuth2/OpenID; client type Confidential;
        callback and logout as strict redirect URIs; backchannel as the logout URI with the
        method back-channel (from 2025.8 on).
        Choose a signing key, or tokens are signed with the secret (HS256), which is not
        accepted; choose no encryption key. Add the scope mapping `offline_access`.
        Groups are in `profile`. From 2025.10 on addresses count as not verified: for
        `allow email_domain`, or the address in a header, make a mapping of the scope
        `email` that says `email_verified`.
      """)
}
