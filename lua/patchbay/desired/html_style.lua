--- The style sheet of a plan's page: light and dark as the reader's system has it, narrow and wide, printed.
--
-- Colours come in pairs of a text and its ground, with a contrast of 4.5 to 1 at least (WCAG 2.2, AA);
-- spec/desired/html_spec.lua works it out. No colour says anything that a sign or a word does not say, too.

return [[
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--soft:#525b66;--line:#c9d0d8;--panel:#f4f6f8;
--create:#0b5c26;--create-ground:#e6f5ea;--update:#6f4400;--update-ground:#fff3d6;
--delete:#98081f;--delete-ground:#ffe9e7;--link:#0a4fa8}
@media (prefers-color-scheme:dark){:root{--ground:#15181c;--text:#e7eaee;--soft:#a9b2bd;--line:#3d454f;
--panel:#1d2127;
--create:#7bd694;--create-ground:#12291a;--update:#f2c063;--update-ground:#2c2410;
--delete:#ffa59d;--delete-ground:#34181a;--link:#8fc0ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;background:var(--ground);color:var(--text);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.2rem;line-height:1.3;margin:2rem 0 .5rem}
p{margin:.25rem 0 .75rem}
ul,ol{margin:.25rem 0 .75rem;padding-left:1.5rem}
a{color:var(--link)}
.soft{color:var(--soft)}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:1rem 0;padding:0}
.counts li{flex:1 1 8rem;border:1px solid var(--line);border-radius:.375rem;padding:.5rem .75rem;
background:var(--panel)}
.counts b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
.counts .create{color:var(--create);background:var(--create-ground)}
.counts .update{color:var(--update);background:var(--update-ground)}
.counts .delete{color:var(--delete);background:var(--delete-ground)}
.refused{border:2px solid var(--delete);border-radius:.375rem;padding:.25rem 1rem;margin:1rem 0;
color:var(--delete);background:var(--delete-ground)}
.refused h2{margin-top:.5rem}
table{width:100%;border-collapse:collapse;table-layout:fixed;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:0 0 .5rem}
th,td{text-align:left;vertical-align:baseline;padding:.3rem .6rem;border-bottom:1px solid var(--line);
font-weight:400}
thead th{font-weight:600;border-bottom:2px solid var(--soft)}
thead th:first-child{width:28%}
tbody th[scope=row]{padding-left:1.6rem}
td{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9rem;
white-space:pre-wrap}
td i,td b,tbody small{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
font-size:.85rem}
td i{color:var(--soft)}
td b{font-weight:600}
.record th{font-weight:600;border-top:2px solid var(--line);padding:.5rem .6rem}
tbody small{display:block;font-weight:400}
.create .record th{color:var(--create);background:var(--create-ground)}
.update .record th{color:var(--update);background:var(--update-ground)}
.delete .record th{color:var(--delete);background:var(--delete-ground)}
.unread .record th{background:var(--panel)}
.part{content-visibility:auto;contain-intrinsic-size:auto 11000px}
@media (max-width:36rem){
body{padding:1rem .5rem 3rem;font-size:.95rem}
h1{font-size:1.3rem}
table,thead,tbody,caption{display:block}
tr{display:grid;grid-template-columns:1fr 1fr}
th{grid-column:1/-1}
thead tr{border-bottom:2px solid var(--soft)}
thead th{border-bottom:0}
thead th:first-child{width:auto}
thead th:nth-child(2){grid-column:1}
thead th:nth-child(3){grid-column:2}
th,td{padding:.3rem .35rem}
td{padding-left:.9rem}
thead th:not(:first-child){padding:0 .35rem .3rem .9rem}
tbody th[scope=row]{padding:.35rem .35rem 0;border-bottom:0}
.counts li{flex-basis:40%}
}
@media print{
:root{color-scheme:light;--ground:#fff;--text:#000;--soft:#3b424a;--line:#9aa3ad;--panel:#fff;
--create:#000;--create-ground:#fff;--update:#000;--update-ground:#fff;--delete:#000;--delete-ground:#fff;
--link:#000}
@page{margin:15mm}
body{max-width:none;padding:0;font-size:10pt}
td{font-size:9pt}
th,td,.record th{padding:.15rem .4rem}
h2{break-after:avoid}
thead{display:table-header-group}
tbody,.few,li{break-inside:avoid}
thead+tbody{break-inside:auto}
.record{break-after:avoid}
.part{content-visibility:visible}
a{text-decoration:none}
}
]]
