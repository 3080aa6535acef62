--- Checks a built site: every link and every anchor leads somewhere, and no page loads anything from outside.

local links = require "bin.generate.site.links"
local tree = require "bin.generate.site.tree"

local check = {}

-- Elements whose addresses a browser loads without being asked.
local LOADS = { script = "src", img = "src", iframe = "src", source = "src", embed = "src", object = "data",
  audio = "src", video = "src" }

local REFERENCES = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

local function unescape(text)
  text = text:gsub("&(#?%w+);", REFERENCES)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- The start tags of a page, without those that scripts write and comments hold.
local function tags(text)
  text = text:gsub("<!%-%-.-%-%->", ""):gsub("(<script[^>]*>).-</script>", "%1")
    :gsub("(<style[^>]*>).-</style>", "%1")
  return text:gmatch "<(%a[%w-]*)(%s[^<>]*)>"
end

local function attribute(rest, name)
  return rest:match("%s" .. name .. '="([^"]*)"') or rest:match("%s" .. name .. "='([^']*)'")
    or rest:match("%s" .. name .. "=([^%s\"'>]+)")
end

-- The anchors of a page, as a set.
local function anchors_of(text)
  local set = { [""] = true, __top = true }
  for name, rest in tags(text) do
    local id = attribute(rest, "id") or name == "a" and attribute(rest, "name")
    if id then set[unescape(id)] = true end
  end
  return set
end

-- Addresses that a style sheet loads from outside.
local function outside_of_css(path, text, faults)
  for address in text:gmatch "url%(%s*[\"']?([^)\"']+)" do
    if links.is_outside(address) and not address:find "^data:" then
      faults[#faults + 1] = ("%s loads %s"):format(path, address)
    end
  end
  for address in text:gmatch "@import%s+[\"']([^\"']+)" do
    if links.is_outside(address) then faults[#faults + 1] = ("%s loads %s"):format(path, address) end
  end
end

--- The faults of a site's folder, as sentences; and how many `pages` and `links` it has.
function check.folder(folder)
  local faults, counts, pages, files = {}, { pages = 0, links = 0 }, {}, {}
  for _, path in ipairs(tree.files(folder)) do
    local name = path:sub(#folder + 2)
    files[name] = true
    if name:find "%.html$" then
      pages[name] = tree.read(path)
      counts.pages = counts.pages + 1
    elseif name:find "%.css$" or name:find "%.svg$" then
      outside_of_css(name, tree.read(path), faults)
    end
  end
  if counts.pages == 0 then return { folder .. " has no page; make site builds it" }, counts end
  local anchors = {}
  local function has_anchor(page, anchor)
    anchors[page] = anchors[page] or anchors_of(pages[page])
    return anchors[page][anchor]
  end
  local function check_link(page, target)
    counts.links = counts.links + 1
    local path, anchor = unescape(target):match "^([^#?]*)[^#]*#?(.*)$"
    local named = path == "" and page or links.resolve(page, path)
    if named == "" then
      named = "index.html"
    elseif named and path:find "/$" then
      named = named .. "/index.html"
    end
    if not named or not files[named] then
      faults[#faults + 1] = ("%s: there is no %s"):format(page, target)
    elseif pages[named] and not has_anchor(named, anchor) then
      faults[#faults + 1] = ("%s: there is no anchor %s"):format(page, target)
    end
  end
  local names = {}
  for page in pairs(pages) do names[#names + 1] = page end
  table.sort(names)
  for _, page in ipairs(names) do
    -- The page that a server shows for an address that it does not have knows no folder of its own.
    local is_error_page = page == "404.html"
    outside_of_css(page, pages[page], faults)
    for name, rest in tags(pages[page]) do
      local loaded = LOADS[name] and attribute(rest, LOADS[name])
        or name == "link" and attribute(rest, "href")
      local target = loaded or attribute(rest, "href")
      if target and not links.is_outside(target) and not is_error_page then
        check_link(page, target)
      elseif loaded and links.is_outside(loaded) and not loaded:find "^data:" then
        faults[#faults + 1] = ("%s loads %s"):format(page, loaded)
      end
    end
  end
  return faults, counts
end

return check
