/// What becomes of people's work when a session ends.
extension ManualTopics {
  static let forms = ManualTopics(
    name: "forms", summary: "What becomes of a form that was sent too late.", title: "forms: what becomes of a form that was sent too late",
    text: """
      Somebody fills in a form, the session ends meanwhile, and the form is sent. With
      `login password` and `login oidc` it is kept until the same person has signed in
      again. A page then says that nothing has been sent yet, what would be (to which
      path, how many fields, which files), and has two buttons: send it, or throw it away.

      Kept is a POST of a browser that goes to a page, with a body of the type
      application/x-www-form-urlencoded or multipart/form-data, not longer than
      `hold_forms` (1m; `off` for none), from a page of the same origin (`Origin` is the
      site's own, and `Sec-Fetch-Site`, where it is sent, says so too), with a genuine
      session whose time has run out. Everything else is not sent and not kept, and the
      login page says so. So is what comes from scripts: see the topic `scripts`.

      It is sent once. Of several clicks one counts; who reloads or goes back is told that
      it was sent already. It goes to its own address with its own bytes, and the session,
      cookies and address of now; the patient rules are applied anew. If no app can be
      reached, nothing was sent, and it is offered again. Once an app may have got a part
      of it, it counts as sent; where no answer came, the page asks to look there first.

      The address that the form goes to has `anteroom-held=1` as its last field then,
      which the app does not see; a GET of such an address leads to the one without it.

      It is destroyed when somebody else signs in with that page, when it comes up in
      another browser, at the sender's logout, after 30 minutes, when a fifth form of the
      same user comes, and when it is thrown away. The page says which.

      It is kept in memory only, sealed under a key of its own (AES-256-GCM), and this key
      is nowhere but in the browser's address, sealed again. A restart loses what is kept,
      and so does a hand-over to a new binary; another gateway that shares the keys does
      not have it. All forms together take at most `held_forms` (64m) of memory; one
      user's have no claim on another's room. The audit trail has a record when a form is
      held, sent and destroyed.

      A form token of the app (against cross-site request forgery) is sent as it was. If
      it lives in a session of the app that has ended as well, the app refuses the form.
      """)

  static let scripts = ManualTopics(
    name: "scripts", summary: "How a page's scripts sign somebody in and go on.", title: "scripts: signing in from a page, and going on",
    text: """
      A script's request without a session is answered 401 with application/problem+json,
      and is never redirected. Where it can be, the answer has a member `login`, the
      address of the login for a window of its own:

          {"type":"about:blank","title":...,"status":401,
           "login":"/.anteroom/login?popup=1",...}

      A page opens that in a window. When somebody has signed in there, with a password or
      at a provider, the window tells the page and closes itself:

          {type: "anteroom:signed-in"}

      by `postMessage` to `window.opener`, and on a `BroadcastChannel` that is called
      `anteroom` (some providers' pages cut the tie between the two windows). Both reach
      pages of the same origin only. If the page was shown to somebody else than the one
      who signs in, it is told nothing, and the window says so.

      A request that is tried again after a login:

          async function send(address, options) {
            const answer = await fetch(address, options);
            if (answer.status !== 401) return answer;
            const problem = await answer.json();
            if (!problem.login) return answer;
            const signedIn = new Promise(done => {
              const channel = new BroadcastChannel("anteroom");
              channel.onmessage = event => {
                if (event.data.type !== "anteroom:signed-in") return;
                channel.close();
                done();
              };
            });
            window.open(problem.login, "anteroom", "popup,width=520,height=720");
            await signedIn;
            return fetch(address, options);
          }

      Browsers open windows on a click only: where a request has no click behind it, show
      a button first. To be sure that the same person goes on, compare `user` of
      /.anteroom/session before and after. `/.anteroom/login?popup=again` has somebody sign
      in anew though the session still lasts.

      /.anteroom/session tells with a GET, in JSON: `signed_in`; `user` and `name`;
      `ends_in`, the seconds left, and `ends_at`, the Unix time; `idle_ends_in` and
      `lifetime_ends_in`, what is left of each limit; `idle`, the limit without activity.
      Asking is no activity. A POST to it from the site's own pages is, and answers the
      same: "I am still here".
      """)

  static let notice = ManualTopics(
    name: "notice", summary: "The notice before a session ends.", title: "notice: the notice before a session ends",
    text: """
      One line in the app's pages

          <script src="/.anteroom/notice.js" defer></script>

      shows a quiet notice at the bottom two minutes before the session ends (where `idle`
      is less than four minutes, half of it). It does not take the focus, and is read
      aloud. Where inactivity ends the session it has a button to stay signed in; where its
      age does, a link that signs in again in a window of its own. After the end it says
      that what is on the screen is not saved yet.

      The script asks /.anteroom/session only when the notice would be due, and only in a
      tab that is seen; tabs tell each other. Nothing of this is activity but the button.

      `session { notice inject; }` has the gateway put the line in: behind the last byte of
      the answers with status 200 and the type text/html to a signed-in person's GET of a
      page. Answers that are compressed, partial, a download (`Content-Disposition:
      attachment`), in UTF-16, or marked `Cache-Control: no-transform` stay as they are.
      The app is asked for such pages with `Accept-Encoding: identity`, so that they pass
      uncompressed; `Content-Length` fits. `ETag` and `Last-Modified` stay the app's.

      The app's Content-Security-Policy is left alone. It must allow the script and what
      it asks: `script-src 'self'` and `connect-src 'self'`, or `default-src 'self'`. The
      notice's style needs no permission.

      Neither is there with `login app` and `login forward`: when a session of somebody
      else's ends is not known.
      """)
}
