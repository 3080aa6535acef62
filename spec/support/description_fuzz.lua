-- Describes vendors with random changes, and uses what comes of them; prints each problem, and at the end the
-- numbers of descriptions that were accepted and whose client was used:
--
--   lua spec/support/description_fuzz.lua VENDOR ROUNDS [FIRST]
--
-- A program of its own, as its credentials and values are the same words, which the watch for secrets of the
-- specs would take for secrets that are shown.

local checked = require "patchbay.vendor.checked"
local described_vendor = require "spec.support.described_vendor"
local made_up_vendor = require "spec.support.made_up_vendor"
local mutations = require "spec.support.description_mutations"
local new_random = require("patchbay.sandbox.random").new
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

-- Credentials of any form that a change may ask for.
local ACCOUNTS = { "AC" .. ("0"):rep(32), "Sid", "a", "0", "https://a.example", "+18018018011", "call",
  "73af1e73-d7b3-4696-bdd9-5b407d9e99ee" }

-- Requests that one use may make: a list may go on as long as its pages do.
local MOST_REQUESTS = 400

-- Whether what was raised comes from this spec's own calls, or is an error value: not an error of Lua's from
-- inside the module.
local function is_told(raised)
  if type(raised) == "table" then return raised.kind ~= nil and type(raised.message) == "string" end
  if type(raised) ~= "string" then return false end
  return not raised:find "lua/patchbay/[%w_/]*%.lua:%d" and not raised:find "attempt to"
    and not raised:find "bad argument"
end

-- A response to anything: what the description's resources have in them, or anything else.
local function answer(random, resource)
  local kind = random:below(6)
  if kind == 0 then return scripted.answer(200, "") end
  if kind == 1 then
    return scripted.answer(404, { error = { message = "no" }, errors = { { detail = "x" } } })
  end
  local object = {}
  for _, field in ipairs(resource.fields) do
    if random:below(2) == 0 then
      object[field[1]] = random:below(2) == 0 and "x" or random:below(2) == 0 and 7 or random:below(2) == 0
    end
  end
  if kind == 2 then return scripted.answer(200, patchbay.array { object }) end
  if kind == 3 then return scripted.answer(200, { data = object, meta = { total = 1 }, code = 200 }) end
  if kind == 4 then
    return scripted.answer(200, { items = patchbay.array { object }, total = random:below(3),
      next_page_uri = "/a" })
  end
  return scripted.answer(200, object)
end

-- A response to a login: a token, and members that are as described or not.
local function login_answer(random, auth)
  local login = auth.login or {}
  local values = { "t-1", 3600, "2027-01-01T00:00:00Z", "05/02/2027 06:36:13 PM", false, "soon", {} }
  local tokens = {}
  for _, member in ipairs { "token", "expiry", "refresh", "successful" } do
    if login[member] then tokens[login[member]] = values[random:below(#values) + 1] end
  end
  if login.token and random:below(3) > 0 then tokens[login.token] = "t-1" end
  return scripted.answer(200, tokens)
end

-- A transport that answers at random, and raises where there is no end.
local function transport_for(random, api)
  local names = {}
  for name in pairs(api.resources) do names[#names + 1] = name end
  table.sort(names)
  local function is_login(url)
    for _, call in ipairs { api.auth.login, api.auth.refresh } do
      if url:sub(-#call.path) == call.path then return true end
    end
    return false
  end
  local transport = scripted.new(function(request, number)
    if number > MOST_REQUESTS then error("no end of requests", 0) end
    if is_login(request.url) then return login_answer(random, api.auth) end
    return answer(random, api.resources[names[random:below(#names) + 1]])
  end)
  return transport
end

local function any_value(random)
  local value = mutations.value(random)
  if type(value) == "function" or type(value) == "thread" then return "x" end
  return value
end

-- One of them is a key of most resources.
local KEYS = { "x1", 7, "CRID-1", "MRID-1", "LI00000000", "+18018018011", "61291234567",
  "73af1e73-d7b3-4696-bdd9-5b407d9e99ee" }

-- Uses a record in every way.
local function use_record(try, random, record, resource)
  for _, field in ipairs(resource.fields) do
    try(function() record[field[1]] = any_value(random) end)
    try(function() return record[field[1]] end)
  end
  for _, call in ipairs { "diff", "changes", "request", "update", "fetch", "confirm", "replace", "delete" } do
    try(function() return patchbay[call](record) end)
  end
  try(function() return tostring(record) end)
end

-- Uses one collection in every way. `try(work)` runs what may raise something that is told.
local function use_collection(try, random, collection, resource)
  local key
  for _, candidate in ipairs(KEYS) do
    if key == nil and resource.key and pcall(function() return collection[candidate] end) then
      key = candidate
    end
  end
  if resource.within then
    local values = {}
    for _, parameter in ipairs(resource.within) do values[parameter[1]] = any_value(random) end
    try(function() collection = collection:within(values) end)
  end
  local record
  try(function() record = resource.key and collection[key] or collection:one() end)
  if record then use_record(try, random, record, resource) end
  try(function() return collection:get(key) end)
  try(function() return collection:create { [resource.fields[1][1]] = any_value(random) } end)
  try(function()
    local count = 0
    for _ in collection:list() do
      count = count + 1
      if count > 50 then break end
    end
  end)
  try(function() return collection:delete(key) end)
end

local function use(api, constructor, random, name)
  local problems = {}
  local function try(work)
    local ok, raised = pcall(work)
    if not ok and not is_told(raised) then problems[#problems + 1] = tostring(raised) end
    return ok
  end
  local described
  try(function()
    described = patchbay.describe(constructor)
    return described.text .. described.page .. described.types
  end)
  local client
  for _, account in ipairs(ACCOUNTS) do
    local options = { transport = transport_for(random, api) }
    for _, credential in ipairs(api.credentials) do
      if credential[1] ~= "token" then options[credential[1]] = account end
    end
    for _, option in ipairs(api.options or {}) do
      if option[1] == "tokens" and random:below(2) == 0 then options.tokens = { access_token = "t-0" } end
    end
    if try(function() client = constructor(options) end) then break end
  end
  if client then
    try(function() return tostring(client) end)
    for resource_name, resource in pairs(api.resources) do
      local collection
      try(function() collection = client[resource_name] end)
      if collection then use_collection(try, random, collection, resource) end
      try(function() return patchbay.describe(name .. "." .. resource_name) end)
    end
    for lookup in pairs(api.lookups or {}) do try(function() return client[lookup](client) end) end
  end
  return problems, client ~= nil
end

local vendors = {
  described = described_vendor,
  header = function() return made_up_vendor.description(nil, "header") end,
  login = function() return made_up_vendor.description(nil, "login") end,
  basic = function() return made_up_vendor.description() end,
  telegent = function() return require "patchbay.apis.telegent" end,
  convirza = function() return require "patchbay.apis.convirza" end,
  crazytel = function() return require "patchbay.apis.crazytel" end,
}

local name, rounds, first = arg[1], tonumber(arg[2]), tonumber(arg[3]) or 0
local accepted, usable = 0, 0

local function report(round, problem) print(("%s, round %d: %s"):format(name, round, problem)) end

local function check_refusal(round, text)
  if type(text) ~= "string" or not text:find("patchbay.vendor: ", 1, true) or not is_told(text) then
    report(round, "not refused with its text, but: " .. tostring(text))
  elseif text:gsub("\n", ""):find "[%z\1-\31\127]" then
    report(round, ("control characters: %q"):format(text))
  elseif #text > 50000 then
    report(round, ("%d bytes of text"):format(#text))
  end
end

for round = first, first + rounds - 1 do
  local random = new_random(round * 7919 + #name * 31 + 1)
  random:below(2) -- the first numbers of near seeds are near
  local description = mutations.copy(vendors[name]())
  if round > 0 then mutations.change(random, description) end
  local ok, result = pcall(patchbay.vendor, description)
  if ok then
    local api = checked.copy(description)
    local problems, used = use(api, result, random, api.name)
    for _, problem in ipairs(problems) do report(round, problem) end
    accepted, usable = accepted + 1, usable + (used and 1 or 0)
  else
    check_refusal(round, result)
  end
end
print(("%d accepted, %d used"):format(accepted, usable))
