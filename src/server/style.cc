#include "server/screens.h"

namespace latchkey::server {
namespace {

// Mobile first: one column, 16 px text (or a phone zooms into the fields), 48 px
// targets, system fonts. All colours reach a contrast of 4.5 to 1 on their ground.
constexpr html::Literal kRules = R"(
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;
background:#f3f4f6;color:#1f2328;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","Noto Sans TC","PingFang TC","Microsoft JhengHei",sans-serif}
header{width:100%;max-width:27rem;display:flex;align-items:center;gap:.75rem;
padding:1.5rem 1.25rem 1rem}
header svg{width:2.5rem;height:2.5rem;flex:none}
.brand{font-weight:600;font-size:1.0625rem}
main{width:100%;max-width:27rem;background:#fff;padding:1.75rem 1.25rem;
border-top:4px solid var(--brand)}
h1{margin:0;font-size:1.5rem;line-height:1.3;font-weight:650;overflow-wrap:anywhere}
a.button{margin-top:1.5rem}
.lead{margin:.375rem 0 0;color:#57606a}
form{margin:1.5rem 0 0}
form+form{margin-top:.5rem}
label{display:block;font-weight:550;margin:1rem 0 .375rem}
input[type=text],input[type=password],textarea{width:100%;min-height:3rem;padding:.625rem .75rem;
font:inherit;color:inherit;background:#fff;border:1px solid #8c959f;border-radius:.5rem}
textarea{font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;resize:vertical;
background:#f6f8fa;word-break:break-all}
.check{display:flex;align-items:center;gap:.625rem;font-weight:400;min-height:3rem;margin:.5rem 0 0}
.check input{width:1.25rem;height:1.25rem;flex:none;accent-color:var(--brand)}
button,.button{display:flex;align-items:center;justify-content:center;width:100%;min-height:3rem;
margin:1rem 0 0;padding:.625rem 1rem;font:inherit;font-weight:600;text-align:center;
text-decoration:none;color:#fff;background:var(--brand);border:0;border-radius:.5rem;cursor:pointer}
button:hover,.button:hover{background:var(--brand-strong)}
button.allow{background:var(--allow)}
button.allow:hover{background:var(--allow-strong)}
button.quiet{color:var(--brand);background:#fff;border:1px solid #8c959f}
button.quiet:hover{background:#f3f4f6}
button.link{margin-top:0;color:var(--brand);background:none;text-decoration:underline}
a:focus-visible,button:focus-visible,input:focus-visible,textarea:focus-visible,
summary:focus-visible{outline:3px solid #0969da;outline-offset:2px}
.problem{margin:1.25rem 0 0;padding:.75rem 1rem;color:#82071e;background:#ffebe9;
border:1px solid #cf222e;border-radius:.5rem}
.help{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:1.25rem 0 0;color:#57606a}
summary{min-height:2.75rem;display:flex;align-items:center;cursor:pointer;color:var(--brand);
text-decoration:underline;list-style:none}
summary::-webkit-details-marker{display:none}
details p{margin:0 0 .5rem}
.who{margin:1.25rem 0 0;padding:.875rem 1rem;background:#f6f8fa;border-radius:.5rem;
overflow-wrap:anywhere}
.who strong{display:block;font-size:1.125rem}
.pair{display:flex;align-items:center;justify-content:center;gap:1rem;margin:0 0 1.25rem}
.pair svg{width:3rem;height:3rem}
.pair .tick{width:1.75rem;height:1.75rem}
.client{margin:1rem 0 0;overflow-wrap:anywhere}
.rights{margin:.75rem 0 0;padding:0;list-style:none;border:1px solid #d0d7de;border-radius:.5rem}
.rights li{padding:.75rem 1rem}
.rights li+li{border-top:1px solid #d0d7de}
.note{margin:1.25rem 0 0;font-size:.9375rem;color:#57606a;overflow-wrap:anywhere}
.note code,.detail{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
overflow-wrap:anywhere}
.detail{margin:1.25rem 0 0;padding:.75rem 1rem;color:#57606a;background:#f6f8fa;border-radius:.5rem}
.hint{margin:.375rem 0 0;font-size:.9375rem;color:#57606a}
footer{width:100%;max-width:27rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;
padding:1.25rem;font-size:.875rem;color:#57606a}
.mark .disc,.bank .disc{fill:var(--brand)}
.mark .line,.bank .line,.tick .line,.app .line{fill:none;stroke:#fff;stroke-width:2.5;
stroke-linecap:round;stroke-linejoin:round}
.app .disc{fill:#57606a}
.tick .disc{fill:var(--allow)}
@media (min-width:36rem){
body{padding:2.5rem 0}
header,main,footer{max-width:28rem}
main{padding:2.25rem;border-radius:.25rem .25rem .75rem .75rem;box-shadow:0 1px 3px rgba(31,35,40,.16)}
header{padding:0 0 1.25rem}
footer{padding:1.25rem 0}
}
)";

}  // namespace

html::StyleSheet style_of(const dialect::PageColours& colours) {
  return {kRules,
          {{"--brand", colours.brand},
           {"--brand-strong", colours.brand_strong},
           {"--allow", colours.allow},
           {"--allow-strong", colours.allow_strong}}};
}

}  // namespace latchkey::server
