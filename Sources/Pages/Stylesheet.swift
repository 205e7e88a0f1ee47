/// The one style of every page, and the policy that admits it.
enum Stylesheet {
  /// `form-action` stays at our own origin; where a browser goes after a form is ours to say in `Location`.
  static let contentSecurityPolicy =
    "default-src 'none'; style-src '\(hash)'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  /// SHA-256 of `markup` as CSP Level 3 writes it; a test computes it anew.
  static let hash = "sha256-0UP5UY0j78S0oZxapn2YJG+mas3rkVZ0dQ1RnLFWQQ0="

  static let markup: Markup = """
    :root{color-scheme:light dark;--ground:#eef3f3;--card:#fff;--ink:#14262b;--soft:#4a5f66;--line:#d3dddf;--edge:#788b91;\
    --accent:#0b5f6b;--press:#084a54;--on:#fff;--ring:#0b5f6b;--bad:#a32020;--badground:#fcf1f0;--note:#0b5f6b;--noteground:#edf6f7;\
    --shade:0 1px 2px rgba(16,42,48,.06),0 12px 32px -12px rgba(16,42,48,.18)}
    @media (prefers-color-scheme:dark){:root{--ground:#0e1618;--card:#172124;--ink:#e5eef0;--soft:#a6b8bd;--line:#2b393d;--edge:#72868d;\
    --accent:#67c7d0;--press:#8bd8df;--on:#06262b;--ring:#8bd8df;--bad:#ff9d94;--badground:#2c1b1b;--note:#67c7d0;--noteground:#14292d;\
    --shade:0 12px 32px -12px rgba(0,0,0,.6)}}
    *,::before,::after{box-sizing:border-box}
    html{font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;-webkit-text-size-adjust:100%;\
    text-size-adjust:100%}
    body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;background:var(--ground);\
    color:var(--ink);border-top:4px solid var(--accent);padding:0 1rem 2rem;overflow-wrap:anywhere}
    header,main{width:100%;max-width:27rem}
    .wide header,.wide main{max-width:34rem}
    header{display:flex;align-items:center;gap:.75rem;padding:clamp(1.5rem,9vh,5.5rem) .25rem 1.25rem}
    header p{margin:0;font-size:1.125rem;font-weight:600;line-height:1.25;letter-spacing:-.005em}
    header .host{margin-top:.125rem;color:var(--soft);font-size:.875rem;font-weight:400;letter-spacing:0}
    .mark{flex:none;position:relative;width:2.75rem;height:2.75rem;border-radius:.75rem;background:var(--accent)}
    .mark::before,.mark::after{content:"";position:absolute;bottom:.5625rem}
    .mark::before{left:.625rem;right:.625rem;top:.5625rem;border:.1875rem solid var(--on);border-bottom-width:0;\
    border-radius:.75rem .75rem 0 0}
    .mark::after{left:1.125rem;right:1.125rem;top:1.0625rem;border-radius:.25rem .25rem 0 0;background:var(--on)}
    .logo{flex:none;display:block;height:2.75rem;width:auto;max-width:9rem;object-fit:contain}
    main{background:var(--card);border:1px solid var(--line);border-radius:1rem;box-shadow:var(--shade);padding:clamp(1.25rem,6vw,2.25rem)}
    h1{margin:0;font-size:1.5rem;font-weight:650;line-height:1.25;letter-spacing:-.015em;text-wrap:balance}
    main p{margin:.75rem 0 0}
    h1+p,.lead{color:var(--soft)}
    .wide h1+p{color:var(--ink)}
    .notice{margin-top:1.25rem;padding:.75rem 1rem;border-left:4px solid var(--note);border-radius:.25rem .5rem .5rem .25rem;\
    background:var(--noteground)}
    .notice p{margin:0;color:var(--ink)}
    .notice p+p{margin-top:.25rem;color:var(--soft)}
    .bad{border-left-color:var(--bad);background:var(--badground)}
    .notice strong{font-weight:650}
    .bad strong{color:var(--bad)}
    form{margin:1.5rem 0 0}
    label{display:block;margin:1.125rem 0 .375rem;font-weight:600;font-size:.9375rem}
    input{display:block;width:100%;min-height:3rem;padding:.625rem .875rem;border:1px solid var(--edge);border-radius:.5rem;\
    background:var(--card);color:var(--ink);font:inherit;font-size:1rem}
    input[aria-invalid=true]{border-color:var(--bad)}
    button,.button{display:block;width:100%;min-height:3rem;margin-top:1.75rem;padding:.6875rem 1rem;border:1px solid transparent;\
    border-radius:.5rem;background:var(--accent);color:var(--on);font:inherit;font-size:1rem;font-weight:600;text-align:center;\
    text-decoration:none;cursor:pointer}
    button:hover,.button:hover{background:var(--press)}
    .second{margin-top:1.5rem;background:transparent;border-color:var(--edge);color:var(--ink)}
    .second:hover{background:var(--ground)}
    form+.second,.button+.second{margin-top:.75rem}
    nav{margin-top:1.5rem}
    nav .second:first-child{margin-top:0}
    nav p+.second{margin-top:.75rem}
    a{color:var(--accent);text-underline-offset:.2em}
    :focus-visible{outline:3px solid var(--ring);outline-offset:2px}
    input:focus-visible{outline-offset:0;border-color:var(--ring)}
    h2{margin:1.5rem 0 0;font-size:1rem;font-weight:650}
    h2+p{margin-top:.25rem}
    dl{margin:1.75rem 0 0;padding-top:1rem;border-top:1px solid var(--line);display:flex;flex-wrap:wrap;gap:.375rem 2rem;\
    color:var(--soft);font-size:.875rem}
    dl div{display:flex;flex-wrap:wrap;gap:0 .5rem}
    dt{margin:0}
    dd{margin:0;color:var(--ink);font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.8125rem;\
    line-height:1.3125rem}
    @media (prefers-color-scheme:dark){.logo{padding:.25rem;border-radius:.5rem;background:#fff}}
    @media (prefers-reduced-motion:no-preference){button,.button{transition:background-color .12s}}
    @media (forced-colors:active){main,button,.button,.mark{border:1px solid}\
    .mark::before{border-color:CanvasText}.mark::after{background:CanvasText}}

    """
}
