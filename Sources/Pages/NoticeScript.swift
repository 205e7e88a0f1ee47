/// The script that tells people in the app's pages that their session is about to end.
///
/// It needs nothing of the page but to be allowed: its own style is made by script in a tree of its own, so that neither the page's style nor a
/// policy on styles matters. It asks seldom: when the end would be near if nothing had happened, and then only in a tab that is seen.
package enum NoticeScript {
  package static let bytes = [UInt8](text.utf8)

  private static let text = #"""
    "use strict";
    (function () {
      if (window.anteroomNotice || window.top !== window.self) return;
      window.anteroomNotice = true;
      var address = "/.anteroom/session", login = "/.anteroom/login?popup=";
      var wanted = 120, pause = 15, longest = 1800, rest = 60;
      var timer = 0, user = null, box = null, words = null, button = null, link = null, shown = "", asking = false, asked = 0, end = 0;
      var channel = null;
      try { channel = new BroadcastChannel("anteroom"); } catch (e) {}

      function later(seconds) {
        clearTimeout(timer);
        timer = setTimeout(look, Math.max(1, Math.min(seconds, longest)) * 1000 + Math.random() * 500);
      }

      // A tab that nobody sees asks nothing: it does when it is seen again.
      function look() { if (!document.hidden) ask("GET"); }

      function ask(method) {
        if (asking) return;
        asking = true;
        asked = Date.now();
        fetch(address, { method: method, credentials: "same-origin", cache: "no-store", headers: { "Accept": "application/json" } })
          .then(function (answer) { if (!answer.ok) throw 0; return answer.json(); })
          .then(function (state) {
            asking = false;
            take(state);
            if (channel) channel.postMessage({ type: "anteroom:session", state: state });
          })
          .catch(function () {
            asking = false;
            if (end && Date.now() > end) over();
            later(rest);
          });
      }

      function take(state) {
        if (!state.signed_in) {
          if (user === null) return;
          over();
          return later(rest);
        }
        // Where somebody else keeps the sessions nobody here knows their end.
        if (typeof state.ends_in !== "number") return;
        if (user === null) user = state.user;
        if (user !== state.user) return another();
        end = Date.now() + state.ends_in * 1000;
        // Where the idle limit itself is short, the notice comes later.
        var lead = Math.min(wanted, Math.max(1, state.idle / 2));
        if (state.ends_in > lead) {
          hide();
          return later(state.ends_in - lead);
        }
        if (state.lifetime_ends_in <= state.ends_in) {
          show("lifetime", "You will be signed out " + within(state.ends_in) + ". Save your work, or sign in again now.", "");
        } else {
          show("idle", "You will be signed out " + within(state.ends_in) + ", since nothing has happened for a while.", "Stay signed in");
        }
        later(Math.min(pause, state.ends_in + 1));
      }

      function within(seconds) { return seconds > 90 ? "in about two minutes" : seconds > 45 ? "in about a minute" : "in less than a minute"; }
      function over() { show("over", "You have been signed out. What is on the screen is not saved yet.", ""); }
      function another() { show("other", "Somebody else is signed in now. Load this page again before you go on.", ""); }

      function build() {
        var host = document.createElement("div");
        host.id = "anteroom-notice";
        var root = host.attachShadow({ mode: "open" });
        try {
          var sheet = new CSSStyleSheet();
          sheet.replaceSync(":host{all:initial}" +
            "div{position:fixed;left:0;right:0;bottom:0;z-index:2147483647;display:flex;flex-wrap:wrap;gap:.75rem 1.5rem;align-items:center;" +
            "justify-content:center;padding:.75rem 1rem;background:#14262b;color:#fff;font:1rem/1.4 system-ui,sans-serif;" +
            "border-top:2px solid #67c7d0}p{margin:0}" +
            "button,a{font:inherit;font-weight:600;padding:.5rem 1rem;min-height:2.75rem;box-sizing:border-box;border:1px solid #67c7d0;" +
            "border-radius:.5rem;background:#67c7d0;color:#06262b;cursor:pointer;text-decoration:none}" +
            "button:focus-visible,a:focus-visible{outline:3px solid #fff;outline-offset:2px}" +
            "[hidden]{display:none}@media print{div{display:none}}");
          root.adoptedStyleSheets = [sheet];
        } catch (e) {}
        box = document.createElement("div");
        box.hidden = true;
        words = document.createElement("p");
        words.setAttribute("role", "status");
        button = document.createElement("button");
        button.type = "button";
        button.addEventListener("click", function () { ask("POST"); });
        link = document.createElement("a");
        link.target = "_blank";
        link.textContent = "Sign in again";
        link.addEventListener("click", function (event) {
          if (window.open(link.href, "anteroom", "popup,width=520,height=720")) event.preventDefault();
        });
        box.append(words, button, link);
        root.append(box);
        document.body.append(host);
      }

      function show(kind, text, label) {
        if (!box) build();
        box.hidden = false;
        button.hidden = !label;
        button.textContent = label;
        link.href = login + (kind === "lifetime" ? "again" : "1");
        link.hidden = kind !== "lifetime" && kind !== "over";
        // Said once for each kind, and anew when the words change: no reader is to hear it every few seconds.
        if (shown !== kind + text) {
          shown = kind + text;
          setTimeout(function () { words.textContent = text; }, 50);
        }
      }

      function hide() {
        if (box) { box.hidden = true; words.textContent = ""; }
        shown = "";
      }

      function heard(event) {
        var data = event.data;
        if (!data) return;
        if (data.type === "anteroom:signed-in") { asking = false; ask("GET"); }
        if (data.type === "anteroom:session" && data.state && event.target === channel) take(data.state);
      }
      if (channel) channel.onmessage = heard;
      window.addEventListener("message", function (event) { if (event.origin === location.origin) heard(event); });
      document.addEventListener("visibilitychange", function () {
        if (!document.hidden) later(pause - (Date.now() - asked) / 1000);
      });
      look();
    })();

    """#
}
