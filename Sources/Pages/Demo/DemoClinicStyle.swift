extension DemoPages {
  static let clinicStyle: Markup = """
    :root{color-scheme:light dark;--ground:#f4f6f9;--card:#fff;--ink:#1c2636;--soft:#55637a;--line:#dde3ec;--accent:#3353b8;--press:#26409a;\
    --on:#fff;--tint:#eaeffb;--tintink:#26409a;--bar:#1d2b4f;--barink:#dfe6f7}
    @media (prefers-color-scheme:dark){:root{--ground:#10141c;--card:#191f2a;--ink:#e6ebf4;--soft:#a5b1c6;--line:#2d3646;--accent:#9db4ff;\
    --press:#b9c9ff;--on:#0f1c45;--tint:#232d45;--tintink:#c5d3ff;--bar:#161c2b;--barink:#dfe6f7}}
    *,::before,::after{box-sizing:border-box}
    html{font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--ground);color:var(--ink);overflow-wrap:anywhere}
    h1,h2,h3,p,ol,ul,dl,dd{margin:0;padding:0}
    ol,ul{list-style:none}
    .skip{position:absolute;left:-100vw}
    .skip:focus{left:1rem;top:.75rem;padding:.25rem .75rem;background:var(--card);color:var(--ink)}
    header{display:flex;flex-wrap:wrap;gap:.25rem 2.5rem;align-items:center;padding:.875rem 2rem;background:var(--bar);color:var(--barink)}
    .brand{display:flex;align-items:center;gap:.75rem;font-size:1.0625rem;font-weight:650}
    .brand span:not(.mark){white-space:nowrap;font-weight:400;opacity:.8;margin-left:.375rem}
    .mark{width:1.75rem;height:1.75rem;border-radius:50%;background:linear-gradient(180deg,#8fb4ff 0 52%,#4f78e0 52%)}
    header ul{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;font-size:.9375rem}
    header li{padding:.25rem 0;opacity:.75}
    header .current{opacity:1;font-weight:600;box-shadow:0 2px 0 #8fb4ff}
    .columns{display:grid;grid-template-columns:minmax(0,1fr) 22rem;gap:2rem;max-width:77rem;margin:0 auto;padding:1.75rem 2rem}
    h1{font-size:1.75rem;font-weight:680;letter-spacing:-.02em;line-height:1.2}
    .lead{margin-top:.25rem;color:var(--soft)}
    .patient{margin-top:1.125rem;background:var(--card);border:1px solid var(--line);border-radius:.875rem;padding:1.25rem 1.5rem}
    .who{display:flex;flex-wrap:wrap;align-items:center;gap:.875rem 1rem}
    .who>div{flex:1 1 9rem}
    .who h2{font-size:1.1875rem;font-weight:650;line-height:1.3}
    .who p{color:var(--soft)}
    .face{display:grid;place-items:center;width:2.75rem;height:2.75rem;border-radius:50%;background:var(--tint);color:var(--tintink);\
    font-size:.9375rem;font-weight:650}
    .open{padding:.625rem 1.125rem;border:1px solid transparent;border-radius:.5rem;background:var(--accent);color:var(--on);\
    font-weight:600;text-decoration:none;text-align:center}
    .open:hover{background:var(--press)}
    .open span:first-child{font-weight:400}
    .patient dl{display:grid;grid-template-columns:5.5rem 6.75rem 7rem 8rem auto;gap:.75rem 1.375rem;margin-top:1.125rem;\
    padding-top:1rem;border-top:1px solid var(--line)}
    dt{color:var(--soft);font-size:.8125rem}
    dd{font-size:.9375rem}
    code,.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875rem}
    aside{align-self:start;background:var(--tint);border-radius:.875rem;padding:1.5rem}
    aside h2{font-size:1.125rem;font-weight:680}
    aside h3{margin-top:1.25rem;font-size:.9375rem;font-weight:650}
    aside p{margin-top:.375rem}
    aside a{color:var(--tintink);text-underline-offset:.2em}
    .steps{counter-reset:step}
    .steps li{counter-increment:step;position:relative;margin-top:.75rem;padding-left:2.25rem}
    .steps li::before{content:counter(step);position:absolute;left:0;top:.0625rem;width:1.5rem;height:1.5rem;border-radius:50%;\
    background:var(--accent);color:var(--on);font-size:.8125rem;font-weight:650;line-height:1.5rem;text-align:center}
    table{width:100%;margin-top:.375rem;border-collapse:collapse}
    th{padding:.25rem .5rem .25rem 0;color:var(--soft);font-size:.8125rem;font-weight:400;text-align:left}
    td{padding:.5rem .5rem .5rem 0;border-top:1px solid var(--line);vertical-align:top}
    td small{display:block;color:var(--soft);font-size:.8125rem}
    td code{user-select:all}
    .path{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem;margin-top:1.25rem;font-size:.8125rem}
    .path span{padding:.125rem .5rem;border:1px solid currentColor;border-radius:1rem}
    :focus-visible{outline:3px solid var(--accent);outline-offset:3px}
    @media (max-width:52rem){.patient dl{grid-template-columns:1fr 1fr}.patient dl div:last-child{grid-column:1/-1}}
    @media (max-width:64rem){.columns{grid-template-columns:minmax(0,1fr)}}
    @media (max-width:40rem){.brand span:not(.mark){display:block;margin:0;font-size:.875rem;line-height:1.2}\
    header{padding:.75rem 1rem}.columns{padding:1.25rem 1rem;gap:1.25rem}.patient{padding:1.125rem}\
    .open{flex:1 1 100%}header ul{gap:.25rem .75rem;font-size:.8125rem}}

    """
}
