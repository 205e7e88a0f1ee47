extension DemoPages {
  static let appStyle: Markup = """
    :root{color-scheme:light}
    *,::before,::after{box-sizing:border-box}
    html{font:15px/1.45 Tahoma,Verdana,"DejaVu Sans",Geneva,sans-serif;-webkit-text-size-adjust:100%}
    body{margin:0;padding:1.5rem;background:#3a6ea5;color:#000;overflow-wrap:anywhere}
    p,ul,dl,dd,h1,h2{margin:0;padding:0}
    .window{max-width:60rem;margin:0 auto;background:#ece9d8;border:1px solid #0b2a6b;border-radius:7px 7px 0 0;\
    box-shadow:2px 3px 10px rgba(0,0,0,.45)}
    header{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;padding:.5rem .75rem;border-radius:6px 6px 0 0;\
    background:linear-gradient(#1d5bd0,#0b3fa0 60%,#0a3690);color:#fff;font-weight:bold}
    #user{font-weight:normal}
    nav{display:flex;flex-wrap:wrap;gap:.25rem;padding:.5rem .75rem 0;border-bottom:1px solid #919b9c}
    nav a{margin-bottom:-1px;padding:.375rem .875rem;border:1px solid #919b9c;border-radius:3px 3px 0 0;background:#f4f3ea;color:#000;\
    text-decoration:none}
    nav a:hover{background:#fff}
    nav a[aria-current]{background:#fcfcfe;border-top:3px solid #e68b2c;border-bottom-color:#fcfcfe;padding-top:.25rem}
    nav .out{margin-left:auto}
    main,.arrived{padding:1rem 1.125rem;background:#fcfcfe}
    h1{font-size:1.3rem;color:#0b3fa0}
    h2{font-size:1rem;color:#0b3fa0}
    main p{margin-top:.5rem}
    a{color:#0b3fa0}
    fieldset{min-width:0;margin:.75rem 0 0;padding:.5rem .875rem .875rem;border:1px solid #b5b29f;border-radius:4px}
    legend{padding:0 .375rem;color:#0b3fa0}
    .pair{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem}
    fieldset dl{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:.25rem .75rem}
    dt{color:#4b4a40}
    dd{font-weight:bold}
    .history{list-style:none}
    .history li+li{margin-top:.625rem}
    .history span:not(.text){color:#4b4a40}
    .none{color:#4b4a40}
    form{margin-top:.625rem}
    label{display:block}
    textarea{display:block;width:100%;margin:.25rem 0 .5rem;padding:.375rem .5rem;border:1px solid #7f9db9;background:#fff;color:#000;\
    font:inherit;font-size:16px;resize:vertical}
    button{min-height:2.25rem;padding:.25rem 1.25rem;border:1px solid #003c74;border-radius:3px;background:linear-gradient(#fff,#e3e0d0);\
    color:#000;font:inherit}
    button:hover{box-shadow:inset 0 0 0 2px #f8b636}
    .arrived{border-top:1px solid #919b9c;background:#f4f3ea}
    .target{margin:.5rem 0}
    .target span{display:block;color:#4b4a40;font-size:.87rem}
    code,.arrived td{font-family:"Lucida Console",Consolas,"Liberation Mono",monospace;font-size:.87rem}
    #target{display:block;padding:.375rem .5rem;border:1px solid #7f9db9;background:#fff}
    .grid{width:100%;margin-top:.5rem;border-collapse:collapse;background:#fff;border:1px solid #7f9db9}
    .arrived .grid{margin:0}
    .arrived th,.arrived td{vertical-align:baseline}
    .grid th,.grid td{padding:.3125rem .5rem;border:1px solid #d8d5c4;text-align:left;vertical-align:top;font-weight:normal}
    .grid thead th{background:linear-gradient(#fff,#e3e0d0)}
    .arrived tbody th{width:15rem}
    .arrived .group{background:#e9edf7;color:#1c3d82}
    .arrived .mark th,.arrived .mark td{background:#fff6d6;font-weight:bold}
    footer{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;padding:.375rem .75rem;border-top:1px solid #fff;\
    color:#4b4a40;font-size:.8rem}
    :focus-visible{outline:2px solid #000;outline-offset:2px}
    header :focus-visible{outline-color:#fff}
    @media (max-width:46rem){body{padding:0}.window{border-radius:0;border-width:0}header{border-radius:0}.pair{grid-template-columns:1fr}\
    .arrived tbody th{width:auto}.arrived table,.arrived tbody{display:block}.arrived thead{display:none}.arrived tr{display:block;\
    border-bottom:1px solid #d8d5c4}.arrived th,.arrived td{display:block;border:0}.arrived td{padding-top:0}\
    fieldset dl{grid-template-columns:7rem minmax(0,1fr)}}

    """
}
