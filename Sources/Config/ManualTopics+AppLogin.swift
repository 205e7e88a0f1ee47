/// The app keeps its own login.
extension ManualTopics {
  static let appLogin = ManualTopics(
    name: "app-login", summary: "The app keeps its own accounts and its own login page.", title: "app-login: the app keeps its own login",
    text: """
      `login app` is for an app that has accounts and a login page of its own, which stay
      as they are. Anteroom adds what such apps lack: after the app's login people are at
      the patient that they clicked on, in each tab at its own; and nothing but the login
      page and what is `open` is seen before. It is the only login of its site.

          login app {
              page /accounts/login/
              signed_in cookie sessionid
              probe /api/me { user json:username }
              logout /accounts/logout/
          }

      What to write there:

          page        the address of the login page, as the browser shows it, and after it
                      all others that its forms and scripts send to, and those of a second
                      step: `page /login /login/* /api/session`
          signed_in   the app's session cookie, as the browser's developer tools show it
                      after the login
          probe       an address that answers 2xx to who is signed in, and 401, 403 or a
                      redirect to all others, best with the user's name. Look at what the
                      app's own pages fetch after a login. `anteroom check --online` asks
                      it as a stranger would, and says what is wrong
          logout      the app's logout address, so that its end is noticed at once

      For some apps (see what yours has):

          Django              signed_in cookie sessionid; page /accounts/login/
          Django REST         probe /api/users/me/ { user json:username }
          OPAL                probe /api/v0.1/userprofile/ { user json:full_name }
          Laravel             signed_in cookie laravel_session; probe /api/user
          Rails with Devise   page /users/sign_in; signed_in cookie _APP_session
          PHP                 signed_in cookie PHPSESSID
          Express             signed_in cookie connect.sid

      What happens. A click without a session leads to the login page, whose address gets
      a field `anteroom=` with a random name for this tab. A cookie of that name holds
      the sealed way back; up to 8 tabs of a browser may wait, for 12 hours. The app never
      sees the field. Where a form is sent to another address the tab is known by the
      `Referer`, and put into that address by a redirect that sends the form again (307),
      so that a second step, a wrong password and a refused form keep it, without scripts
      too. When the app answers with a redirect away from `page`, or to one that
      `after_login` names, the app is asked with the cookies that it has just set; if it
      says that somebody is signed in, the browser goes to what was clicked in place of
      where the app would send it. A login by script is followed in the same way, as soon
      as its page loads another one. One that never loads another page cannot be sent
      anywhere.

      Where it cannot be told which tab it is, a page shows what was chosen in this
      browser, and asks; nothing is ever opened by guessing. That happens in browsers
      that send no `Referer`, or when somebody signs in on a login page that was opened by
      itself.

      Who it is. The app is asked with GET, with the browser's own cookies, `User-Agent`
      and `Accept-Language`, the forwarding headers, and what `request` sets. Its answer
      holds for this cookie, at this host, for `recheck`; those who ask at the same time
      wait for one answer. It is dropped at once when the login page or a logout address
      is asked for, when an answer sets the session cookie, and, as long as nobody is
      signed in, with each request that is not a GET. An app that gives out a new session
      cookie with every answer (Laravel) is asked with every request. With 5xx, no
      answer, or none that can be read, nobody is let in and nobody is forgotten. The
      user's name goes to the app in the header that `identity` names, to the log and to
      the audit trail.

      A session ends when the app says so; `session` is not for this login. A WebSocket
      or a stream of events is asked about every `recheck`, and ends when nobody is signed
      in. /.anteroom/logout ends a session here, whatever the app says of it later, and
      takes its cookie from the browser; the app's own logout is the better address for a
      link. After a restart the app is asked anew, and nobody notices.

      Forms that are sent after the end of a session are not held (topic `forms`): the
      token that such an app puts into its forms would be that of another session.
      """)
}
