--- Finds signs in a response that there is more than the list in it: for vendors whose paging is not
-- described, where one page could be mistaken for the whole list. Names are compared without letter case and
-- separators.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"

local more_pages = {}

local null = core.json.null

local function set(names)
  local found = {}
  for name in names:gmatch "%S+" do found[name] = true end
  return found
end

-- The address, number or cursor of the next page; false, null, 0 and "" mean that there is none.
local next_names = set [[ next nextpage nexturl nexturi nextlink nexthref nextpageurl nextpageuri
  odatanextlink nextcursor nexttoken nextpagetoken nextoffset nextmarker nextkey nextrecordsurl
  continuationtoken lastevaluatedkey ]]
local more_names = set [[ hasmore hasnext hasnextpage hasmoreresults hasmoreitems more morepages
  istruncated truncated ]]
local last_names = set "islast islastpage last lastpage"
local count_names = set [[ total count totalcount totalresults totalitems totalrecords totalelements
  totalentries totalhits recordstotal numfound ]]
local page_names = set "totalpages pagecount lastpage pages numpages pagestotal"
local current_names = set "page currentpage pagenumber pageindex"
-- Objects that hold such members.
local containers = set [[ meta metadata pagination paging page pageinfo links cursors cursor data result
  response ]]

local function fold(name) return (ascii.lower(name):gsub("[^a-z0-9]", "")) end

-- A number, or the number that a text is; else nil.
local function number_of(value)
  if type(value) == "string" and value:find "^%d+$" then value = tonumber(value) end
  return type(value) == "number" and value == value and value or nil
end

local function is_true(value) return value == true or value == "true" or value == 1 or value == "1" end

local function names_next(value)
  if value == nil or value == null or value == false or value == "" or value == "false" then return false end
  local number = number_of(value)
  if number then return number > 0 end
  if type(value) == "table" then
    return next(value) ~= nil and (value.href == nil or names_next(value.href))
  end
  return true
end

-- The sign in a member, as words, or nil. `shown`: the number of entries in the list.
local function sign_in(name, value, shown)
  local folded = fold(name)
  if next_names[folded] and names_next(value) then return ("has %q"):format(name) end
  if more_names[folded] and (is_true(value) or type(value) == "number" and value > 0) then
    return ("says %s = true"):format(name)
  end
  if last_names[folded] and value == false then return ("says %s = false"):format(name) end
  local count = count_names[folded] and number_of(value)
  if count and count > shown then return ("says %s = %.0f"):format(name, count) end
end

-- The sign in an object that gives the numbers of the page and of the pages, or nil.
local function sign_of_pages(object)
  local current, last, last_name
  for name, value in pairs(object) do
    local folded = type(name) == "string" and fold(name)
    if folded and current_names[folded] then current = current or number_of(value) end
    if folded and page_names[folded] and number_of(value) then last, last_name = number_of(value), name end
  end
  if last and last > 1 and last > (current or 1) then return ("says %s = %.0f"):format(last_name, last) end
end

local function sign_of_object(object, shown, depth)
  local names = {}
  for name in pairs(object) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local found = sign_in(name, object[name], shown)
    if found then return found end
  end
  local found = sign_of_pages(object)
  if found then return found end
  for _, name in ipairs(names) do
    local value = object[name]
    if depth > 0 and type(value) == "table" and containers[fold(name)]
      and getmetatable(value) ~= core.json.array_mt then
      found = sign_of_object(value, shown, depth - 1)
      if found then return found end
    end
  end
end

local function sign_of_headers(header, shown)
  local link = header "link"
  if link and ascii.lower(link .. ","):find 'rel%s*=%s*"?[^",;]*%f[a-z0-9]next%f[^a-z0-9]' then
    return 'has a header Link with rel="next"'
  end
  local total = (header "content-range" or ""):match "/%s*(%d+)%s*$"
  for _, name in ipairs { "x-total-count", "x-total" } do total = total or header(name) end
  total = number_of(total)
  if total and total > shown then return ("says in a header that there are %.0f"):format(total) end
  if names_next(header "x-next-page") then return "has a header X-Next-Page" end
end

--- The sign in a response that there are more entries than the `shown` ones of its list, as words that follow
-- "the response" ('has "next"'); or nil. `response`: decoded; `headers`: of the response, a table by name in
-- lower case, a transfer, or nil.
function more_pages.sign(response, headers, shown)
  if type(response) == "table" and getmetatable(response) ~= core.json.array_mt then
    local found = sign_of_object(response, shown, 2)
    if found then return found end
  end
  if not headers then return nil end
  return sign_of_headers(function(name)
    local value
    if type(headers) == "userdata" then value = headers:header(name) else value = headers[name] end
    return value ~= nil and tostring(value) or nil
  end, shown)
end

return more_pages
