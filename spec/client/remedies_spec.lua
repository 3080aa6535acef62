-- Mistakes that the author of a script makes. Each is fixed by its message alone: what the message says to
-- write is taken out of it and put in place of the mistake, and then the script works.

local patchbay = require "patchbay"
local json = require "patchbay.sandbox.json"
local support = require "spec.support.telegent_client"
local system = require "spec.support.system"

local CRID = support.CRID

-- Whether this Lua's pairs() asks the metamethod.
local HAS_PAIRS = not pcall(pairs, setmetatable({}, { __pairs = function() error "asked" end }))

-- The file that the mistakes with CSV read.
local CSV = "number,route_id\n+18018018011,CRID-1\n"

local TELEGENT = "telegent client (https://api.telegent.com)"

-- Each: the mistake (Lua, which returns what is checked), a pattern that takes the remedy out of the message,
-- the script with %s where the remedy goes (or a function of the remedy that makes the script), and what it
-- returns.
local MISTAKES = {
  -- ---- constructors ----
  { "return patchbay.telegant { token = 't' }", 'did you mean "(%w+)"', "return patchbay.%s { token = 't' }",
    TELEGENT },
  { "return patchbay.new { vendor = 'crazytel', api_key = 'k' }", "patchbay%.(crazytel){ … }",
    "return patchbay.%s { api_key = 'k' }", "crazytel client (https://crazytel.io)" },
  { "return patchbay:telegent { token = 't' }", "write (patchbay%.telegent){ … }",
    "return %s { token = 't' }",
    TELEGENT },
  { "return patchbay { token = 't' }", "such as (patchbay%.telegent){ … }", "return %s { token = 't' }",
    TELEGENT },

  -- ---- options ----
  { "return patchbay.telegent { token = 't', timout = 3 }", 'did you mean "(%w+)"',
    "return patchbay.telegent { token = 't', %s = 3 }", TELEGENT },
  { "return patchbay.telegent { token = 't', timeout = '3' }", "write (%d+)",
    "return patchbay.telegent { token = 't', timeout = %s }", TELEGENT },
  { "return patchbay.crazytel { key = 'k' }", "options for credentials: ([%w_]+)",
    "return patchbay.crazytel { %s = 'k' }", "crazytel client (https://crazytel.io)" },
  { "return patchbay.convirza { user = 'a@b', password = 'p' }", "options for credentials: ([%w_]+)",
    "return patchbay.convirza { %s = 'a@b', password = 'p' }",
    "convirza client (https://platform-api.convirza.com)" },
  { "return patchbay.telegent { token = 't', base_url = 'proxy.example' }", 'write ("[^"]+")',
    "return patchbay.telegent { token = 't', base_url = %s }", "telegent client (https://proxy.example)" },
  { "return patchbay.telegent { token = 't', base_url = 'https://api.telegent.com/v1.0' }", 'write ("[^"]+")',
    "return patchbay.telegent { token = 't', base_url = %s }", TELEGENT },
  { "return patchbay.telegent { token = 't', undocumented = 'allowed' }", 'did you mean ("%w+")',
    "return patchbay.telegent { token = 't', undocumented = %s }",
    TELEGENT },

  -- ---- credentials ----
  { "return sent { token = 't0ken\\n' }", 'file:read ("%*l")', function(format)
      return "local f = io.tmpfile() f:write 't0ken\\n' f:seek 'set' return sent { token = f:read "
        .. format .. " }"
    end, "Bearer t0ken" },
  { "return sent { token = ' t0ken' }", "white space around it; (leave that out)", function()
      return "return sent { token = 't0ken' }"
    end, "Bearer t0ken" },
  { "return sent { token = '\239\187\191t0ken' }", "byte order mark of a text file; (leave that out)",
    function()
      return "return sent { token = 't0ken' }"
    end, "Bearer t0ken" },
  { "return sent { token = 't0\226\128\170ken' }", "U%+(%x+), a character that cannot be seen", function(code)
      return ("return sent { token = ('t0\226\128\170ken'):gsub(%q, '') .. '' }"):format(
        ({ ["202A"] = "\226\128\170" })[code])
    end, "Bearer t0ken" },
  { "return sent { token = 'Bearer t0ken' }", 'write it without ("Bearer")', function(word)
      return "return sent { token = ('Bearer t0ken'):gsub(" .. word .. " .. ' ', '') .. '' }"
    end, "Bearer t0ken" },

  -- ---- collections, methods, keys ----
  { "return client.voiceroutes", 'did you mean "([%w_]+)"', "return client.%s", "telegent voice_routes" },
  { "return client.voice_routes:updaet(CRID, { RouteName = 'x' }).RouteName", 'did you mean "(%w+)"',
    "return client.voice_routes:%s(CRID, { RouteName = 'x' }).RouteName", "x" },
  { "return client.voice_routes.get(CRID).RouteType", "call it as collection(:get)%(",
    "return client.voice_routes%s(CRID).RouteType", "Trunk" },
  { "return client.voice_routes:fetch(CRID).RouteType", "voice_routes(%[key%]:fetch)%(", function(words)
      return "local key = CRID return client.voice_routes" .. words .. "().RouteType"
    end, "Trunk" },
  { "route.RouteName = 'x' return route:save().RouteName", 'did you mean "(%w+)"',
    "route.RouteName = 'x' return route:%s().RouteName", "x" },
  { "route.RouteName = 'x' return route.update().RouteName", "call it as record(:update)",
    "route.RouteName = 'x' return route%s().RouteName", "x" },
  { "return client.numbers['18018018011']", 'write ("[^"]+")', "return client.numbers[%s]",
    "numbers +18018018011" },
  { "return client.numbers[18018018011]", 'write ("[^"]+")', "return client.numbers[%s]",
    "numbers +18018018011" },
  { "local n = 0 for _ in pairs2(client.numbers) do n = n + 1 end return n > 1",
    "write (for record in client%.numbers:list%(%) do)",
    "local n = 0 %s n = n + (record and 1) end return n > 1", true },
  { "return client.numbers[1]", "write (for record in client%.numbers:list%(%) do)",
    "%s return record.Number:sub(1, 1) end", "+" },
  { "return client.voice_routes:update(route, { RouteName = 'x' }).RouteName",
    "write its key: record(%.%w+)",
      "return client.voice_routes:update(route%s, { RouteName = 'x' }).RouteName",
    "x" },
  { "return client.voice_routes:update(other.voice_routes[CRID], { RouteName = 'x' }).RouteName",
    "write its key: record(%.%w+)",
    "return client.voice_routes:update(other.voice_routes[CRID]%s, { RouteName = 'x' }).RouteName", "x" },
  { "return client.voice_routes:update(CRID, 'RouteName', 'x').RouteName", "such as ({ RouteName = … })",
    function(fields)
      return "return client.voice_routes:update(CRID, " .. fields:gsub("…", "'x'") .. ").RouteName"
    end, "x" },
  { "return route:update { RouteName = 'x' }.RouteName", "write record(%.RouteName = …) before the call",
    function(assignment)
      return "route" .. assignment:gsub("…", "'x'") .. " return route:update().RouteName"
    end, "x" },
  { "route.RouteName = 'x' return route:update { wiat = 1 }.RouteName", 'did you mean "(%w+)"',
    "route.RouteName = 'x' return route:update { %s = 1 }.RouteName", "x" },

  -- ---- fields and values ----
  { "route.Trunk1Priority = 1 return route.Trunk1Priortiy", 'did you mean "(%w+)"',
    "route.%s = 1 return route.Trunk1Priortiy", 1 },
  { "route.TrunkPort1 = 5061 return sends(route)",
    'write ("%d+")', "route.TrunkPort1 = %s return sends(route)",
    '{"TrunkPort1":"5061"}' },
  { "route.TrunkEnabled1 = 'yes' return sends(route)", "write (true)",
    "route.TrunkEnabled1 = %s return sends(route)", '{"TrunkEnabled1":true}' },
  { "route.Trunk1Weight = '10' return sends(route)", "write (%d+)",
    "route.Trunk1Weight = %s return sends(route)",
    '{"Trunk1Weight":10}' },
  { "route.TrunkTransport1 = 'udp' return sends(route)", 'did you mean ("%w+")',
    "route.TrunkTransport1 = %s return sends(route)", '{"TrunkTransport1":"UDP"}' },
  { "route.WssUri = 'https://calls.example/x' return sends(route)", 'write ("[^"]+")',
    "route.WssUri = %s return sends(route)", '{"WssUri":"wss://calls.example/x"}' },
  { "route.VoiceUrl = 'calls.example/a' return sends(route)", 'write ("[^"]+")',
    "route.VoiceUrl = %s return sends(route)", '{"VoiceUrl":"https://calls.example/a"}' },
  { "route.VoiceUrl = 'https://calls.example/a b' return sends(route)", 'write ("[^"]+")',
    "route.VoiceUrl = %s return sends(route)", '{"VoiceUrl":"https://calls.example/a%20b"}' },
  { "route.IpWhitelist = '192.0.2.1' return sends(route)", "write a list: (.*)$",
    "route.IpWhitelist = %s return sends(route)", '{"IpWhitelist":[{"IpAddress":"192.0.2.1"}]}' },
  { "route.IpWhitelist = { IpAddress = '192.0.2.1' } return sends(route)", "write a list of them: (.*)$",
    function(list) return "route.IpWhitelist = " .. list:gsub("…",
      "'192.0.2.1'") .. " return sends(route)" end,
    '{"IpWhitelist":[{"IpAddress":"192.0.2.1"}]}' },
  { "number.VoiceRouteId = route return sends(number)", "write its key: record(%.%w+)",
    "number.VoiceRouteId = route%s return sends(number)", '{"VoiceRouteId":"' .. CRID .. '"}' },
  { "number.VoiceRouteId = other.voice_routes[CRID] return sends(number)", "write its key: record(%.%w+)",
    "number.VoiceRouteId = other.voice_routes[CRID]%s return sends(number)",
      '{"VoiceRouteId":"' .. CRID .. '"}' },

  -- ---- files and runs ----
  { "for row in patchbay.csv(csv) do return row.Number end", 'did you mean "(%w+)"',
    "for row in patchbay.csv(csv) do return row.%s end", "+18018018011" },
  { "for row in patchbay.csv(csv) do return row.note or 'none' end", "named in (optional = { \"note\" })",
    "for row in patchbay.csv(csv, { %s }) do return row.note or 'none' end", "none" },
  { "for row in patchbay.csv(csv, { seperator = ',' }) do return row.number end", 'did you mean "(%w+)"',
    "for row in patchbay.csv(csv, { %s = ',' }) do return row.number end", "+18018018011" },
  { "return patchbay.each({ 1, 2 }, function() return true end, { concurrency = 2 }).done",
    "write (each%(items, options, function%(item%) … end%))", function(words)
      return "local items, options = { 1, 2 }, { concurrency = 2 } return patchbay."
        .. words:gsub("…", "return true") .. ".done"
    end, 2 },
  { "return patchbay.each({ 1, 2 }, { concurency = 2 }, function() return true end).done",
    'did you mean "(%w+)"', "return patchbay.each({ 1, 2 }, { %s = 2 }, function() return true end).done",
      2 },
  { "return patchbay.each({ 1, 2 }, { concurrency = '2' }, function() return true end).done", "write (%d+)",
    "return patchbay.each({ 1, 2 }, { concurrency = %s }, function() return true end).done", 2 },
  { "patchbay.sleep '0' return true", "write (%d+)", "patchbay.sleep(%s) return true", true },
}

describe("a mistake of a script's author is fixed by what the message says to write:", function()
  local path = os.tmpname()
  system.write(path, CSV)
  teardown(function() os.remove(path) end)

  -- Runs a script in an environment of its own, with clients of a simulated vendor. Returns what pcall does.
  local function run(text)
    local client, transport = support.new()
    local environment = setmetatable({ patchbay = patchbay, client = client, other = (support.new()),
      CRID = CRID, csv = path, route = client.voice_routes[CRID], number = client.numbers[support.NUMBER],
      pairs2 = function(value) return pairs(value) end }, { __index = _G })
    -- Without the metamethod (Lua 5.1, LuaJIT) a loop over a collection finds nothing, which nobody can mend.
    if not HAS_PAIRS then
      environment.pairs2 = function(value) return getmetatable(value).__pairs(value) end
    end
    --- The Authorization of a call that a client with these options makes.
    function environment.sent(options)
      local authorization
      function options.transport(request)
        authorization = request.headers.Authorization
        return { status = 200, body = '{"RouteName":"x"}' }
      end
      assert(patchbay.telegent(options).voice_routes:update(CRID, { RouteName = "x" }))
      return authorization
    end
    --- The body of a record's update, without the key.
    function environment.sends(record)
      assert(record:update())
      local requests = support.calls(transport)
      local body = json.decode(requests[#requests].body)
      body.CallRouteId, body.Number = nil, nil
      return patchbay.json.encode(body)
    end
    local chunk, problem = (loadstring or load)(text, "=script", "t", environment) -- luacheck: ignore
    assert(chunk, problem)
    if setfenv then setfenv(chunk, environment) end -- luacheck: ignore
    return pcall(chunk)
  end

  for _, mistake in ipairs(MISTAKES) do
    local wrong, pattern, right, expected = mistake[1], mistake[2], mistake[3], mistake[4]
    it(wrong, function()
      local good, message = run(wrong)
      assert.is_false(good)
      message = tostring(message)
      local remedy = message:match(pattern)
      assert(remedy, "no remedy in: " .. message)
      local script
      if type(right) == "function" then
        script = right(remedy)
      else
        script = right:gsub("%%s", (remedy:gsub("%%", "%%%%")))
      end
      local ran, result = run(script)
      assert(ran, script .. "\n" .. tostring(result))
      if type(expected) == "string" then result = tostring(result) end
      assert.equal(expected, result)
    end)
  end

  it("thirty and more", function() assert.is_true(#MISTAKES > 30) end)
end)
