/// The way to the right login.
extension ManualTopics {
  static let whichLogin = ManualTopics(
    name: "which-login", summary: "Which login is the right one, in five questions.", title: "which-login: five questions",
    text: """
      Answer them in order; the first yes decides.

      1. Does a sign-in gateway stand in front of your apps already (Authelia, authentik,
         oauth2-proxy, Pomerium), and does it work well?

             login forward      it goes on deciding who is signed in: topic `forward`

      2. Do people sign in to the app itself, with accounts that the app must go on using,
         since it shows or does something else for each of them?

         Then look at the app. It needs a login page of its own, a session cookie that
         the browser's developer tools show after the login (`sessionid`, `PHPSESSID`,
         `connect.sid`, ...), and an address that answers 2xx to who is signed in and
         401, 403 or a redirect to all others: often one that tells the user's name, such
         as `/api/me`. Try it without a cookie:

             curl -i https://app.example.com/api/me

             login app          people go on signing in there: topic `app-login`

         If the app can do OpenID Connect itself, that is no reason against this one. If
         it has no such address, go on: it may be able to take the user from a header.

      3. Do people have accounts at an OpenID Connect provider (Microsoft Entra, Google
         Workspace, Okta, Keycloak, ...), and may somebody register an application there?

             login oidc         they sign in as everywhere else, with their second
                                factor, and whoever leaves is locked out in one place:
                                topics `openid` and `providers`

      4. Are those some of the people, and have others, such as locums, no account there?

             login oidc and login password, both in one site: people choose, and the
                                browser remembers the choice

      5. Is it a handful of people, or a first try?

             login password     an accounts file on this machine: topic `accounts`

      What each of them means for later:

                             password    oidc         app           forward
          accounts           a file      provider     the app       the other gateway
          second factor      no          provider's   the app's     the other's
          a session ends     `session`   `session`,   when the app  when the other
                                         provider     says so       says so
          patient is kept    yes         yes          yes           yes
          over the login
          a form is kept     yes         yes          no            no
          over the login
          app gets user in   header      header       its cookie,   copied headers
                                                      header
          if it is down      -           who is in    nobody comes  nobody comes in
                                         stays        in            (but `cache`)

      `password` and `oidc` may stand together, up to 10 in a site; `app` and `forward`
      stand alone. Each site has its own: one gateway may have all of them.

      In doubt between 2 and 3: an app that takes the user from a header (Django's
      RemoteUserMiddleware, Grafana's auth proxy, many others) needs no login of its own
      any more, and one password less is known to people.
      """)
}
