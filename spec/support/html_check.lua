--- A strict check of a page of HTML: every element is closed in its order, every attribute is quoted and
-- known, every reference to a character is one of five. It knows no more of HTML than the pages of this
-- project use.

local html_check = {}

local VOID = { meta = true, br = true }
local KNOWN = {
  html = "lang", head = "", meta = "charset http-equiv content name", title = "", style = "", body = "",
    main = "",
  h1 = "", h2 = "", p = "class", ul = "class", ol = "", li = "class", b = "", i = "", a = "href", bdi = "",
  section = "class", div = "class", table = "", caption = "", thead = "", tbody = "id", tr = "class",
  th = "scope colspan", td = "", small = "", br = "", time = "datetime",
}
-- Elements that stand in these alone.
local PARENTS = { li = "ul ol", tr = "thead tbody", th = "tr", td = "tr", thead = "table", tbody = "table",
  caption = "table", title = "head", meta = "head", style = "head" }

local function has(list, word) return (" " .. list .. " "):find(" " .. word .. " ", 1, true) ~= nil end

local function check_text(text)
  assert(not text:find "[<>]", "a loose < or >: " .. text)
  for reference in text:gmatch "&[^;]*;?" do
    assert(has("&amp; &lt; &gt; &quot; &#39;", reference), "a loose &: " .. reference)
  end
end

local function attributes_of(name, text)
  local attributes, rest = {}, text
  while rest ~= "" do
    local key, value, after = rest:match '^%s+([%a-]+)="([^"]*)"(.*)$'
    assert(key, ("attributes of <%s>: %s"):format(name, rest))
    assert(has(KNOWN[name], key), ("<%s %s>"):format(name, key))
    assert(not attributes[key], "an attribute twice: " .. key)
    check_text(value)
    attributes[key], rest = value, after
  end
  return attributes
end

--- Raises where the page is not well formed. Returns the list of its elements, { name, attributes, text },
-- the text being the one directly behind the start tag, and all text without tags.
function html_check.parse(page)
  local at = assert(select(2, page:find "^<!DOCTYPE html>\n"), "no doctype") + 1
  local open, elements, texts = {}, {}, {}
  while at <= #page do
    local text, tag, after = page:match("^([^<]*)<([^>]*)>()", at)
    if not tag then
      text, after = page:sub(at), #page + 1
      assert(not text:find "%S", "text behind the page: " .. text)
    end
    check_text(text)
    texts[#texts + 1] = text
    if tag then
      local closing, name, rest = tag:match "^(/?)([%a%d]+)(.*)$"
      assert(name and KNOWN[name], "an unknown tag: <" .. tag .. ">")
      if closing == "/" then
        assert(rest == "" and open[#open] == name, ("</%s> within <%s>"):format(name, tostring(open[#open])))
        open[#open] = nil
      else
        local parents = PARENTS[name]
        assert(not parents or has(parents, open[#open] or "nothing"), ("<%s> within <%s>"):format(name,
          tostring(open[#open])))
        elements[#elements + 1] = { name = name, attributes = attributes_of(name, rest),
          text = page:match("^[^<]*", after) }
        if not VOID[name] then open[#open + 1] = name end
        if name == "style" then after = assert(page:find("</style>", after, true)) end
      end
    end
    at = after
  end
  assert(not open[1], "not closed: " .. table.concat(open, " "))
  return elements, table.concat(texts)
end

return html_check
