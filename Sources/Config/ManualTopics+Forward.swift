/// Leaving sign-in to a gateway that is there already.
extension ManualTopics {
  static let forward = ManualTopics(
    name: "forward", summary: "Authelia, authentik, oauth2-proxy, Pomerium say who may pass.",
    title: "forward: a sign-in gateway that is there already",
    text: """
      `login forward` is for those who run a sign-in gateway already, for nginx's
      `auth_request` or Traefik's ForwardAuth. It is called the checker here. About each
      request it is asked whether it may pass, and as whom. Anteroom adds what is lost
      there otherwise: after signing in people come to the very patient that they
      clicked on, from several tabs too. It is the only login of its site.

      What the checker hears with each question: GET, with the cookies of the browser
      (Anteroom's own excepted), `Authorization`, `User-Agent`, `Accept` and
      `Accept-Language` as the browser sent them; and, whatever the browser may say
      itself, `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` and `-For`,
      `X-Original-Method` and `X-Original-URL`. `X-Forwarded-Uri` and `X-Original-URL`
      have the path alone: queries name patients, and no patient is told to a checker. So
      it can have rules by host, path and method, and none by query. Paths go as the
      browser wrote them, percent-encoded or not: let its rules allow what is known, and
      not only deny what is known.

      What its answer means:

          2xx             in, if the field that `user` names is there, once
          401             not in; browsers go to `sign_in`, or else to its `Location`
          redirects       not in; browsers go to its `Location`
          403             may not, whoever it is; browsers go to its `Location`, if any
          anything else   nobody comes in (502; 504 if it takes longer than 10 s)

      Browsers that open a page go over /.anteroom/login?return=TICKET. About that address
      the checker is asked with the ticket, which only this gateway can read, and it is
      the one to come back to. So the checker must allow addresses of this site to come
      back to, and its rules must ask for the same at /.anteroom/login as at the pages of
      patients. A program gets 401 or 403, and no redirect. Where neither `sign_in` nor
      `Location` says where to sign in, `WWW-Authenticate` of the checker is handed on.

      The fields that `copy` names go to the app, and nobody else can send them. Cookies
      that the checker sets reach the browser. Its own cookie must be one for this host
      too, such as `Domain=example.com` for auth.example.com and app.example.com: else
      people sign in there and are strangers here. Each request waits for the checker,
      unless `cache` has its answers believed for a while. WebSockets and streams of
      events are asked about again every minute, or as often as `cache` says, and end
      when the checker does not let in any more. What `open` names is open, even while
      the checker is down; who brings a cookie is asked about there too, so that the app
      knows them. `/.anteroom/session` is asked about like any other address, which may
      keep the checker's session alive.

      `anteroom check --online` asks the checker about a stranger, and says what is wrong.

      Authelia (4.38 or newer)

          login forward {
              check https://auth.example.com/api/authz/auth-request
              sign_out https://auth.example.com/logout
              copy Remote-User Remote-Name Remote-Email Remote-Groups
              cache 10s
          }

        The site must be https. Where to sign in comes from `authelia_url` of its
        session's cookie settings, which need `domain: example.com`. Rules of
        `access_control` that name `resources` must have the same policy for
        ^/\\.anteroom/login as for the patients' pages. Before 4.38:
        `check https://auth.example.com/api/verify` and
        `sign_in https://auth.example.com/?rd={url}`.

      authentik

          login forward {
              check https://auth.example.com/outpost.goauthentik.io/auth/nginx
              sign_in https://auth.example.com/outpost.goauthentik.io/start?rd={url}
              sign_out https://auth.example.com/outpost.goauthentik.io/sign_out
              copy X-authentik-username X-authentik-name X-authentik-email X-authentik-groups
              cache 10s
          }

        A proxy provider of the kind `Forward auth (domain level)`, with the cookie domain
        example.com and auth.example.com as its external host, and its application at an
        outpost. (The kind for a single application needs /outpost.goauthentik.io at the
        app's own host.) Its groups are separated
        by `|`.

      oauth2-proxy

          login forward {
              check https://auth.example.com/oauth2/auth
              sign_in https://auth.example.com/oauth2/start?rd={url}
              sign_out https://auth.example.com/oauth2/sign_out
              copy X-Auth-Request-User X-Auth-Request-Email X-Auth-Request-Groups
              cache 10s any_path
          }

        Started with --reverse-proxy --set-xauthrequest --cookie-domain=.example.com
        --whitelist-domain=.example.com. `user X-Auth-Request-Email` where the user is a
        number. It looks at no path, unless it has routes to skip.

      Pomerium (up to 0.20: newer ones have no such endpoint)

          login forward {
              check https://fwdauth.example.com/verify?uri={url}
              sign_in https://fwdauth.example.com/?uri={url}
              copy X-Pomerium-Claim-Email X-Pomerium-Claim-Groups
              cache 10s
          }

        With forward_auth_url https://fwdauth.example.com, a route for this host, and
        `jwt_claims_headers` for the fields.
      """)
}
