-- Whole calls to a vendor (support/steady_vendor.lua), for specs that refuse them memory:
--
--   local calls = require "spec.support.whole_calls" (base_url, journal)
--   for _, job in ipairs(calls.jobs) do … end
--
-- A job: { name, prepare =, call =, succeeded =, failed =, again = }. `prepare()` returns the subject of
-- `call(subject)`, which the spec disturbs. Then the spec calls, undisturbed, `succeeded(subject, value)` or
-- `failed(subject)`, if present, and always `again(subject)`: whatever the result, the next call works.
-- Call `calls.refresh()` before each job: it makes sure that the client has a retry budget.

local core = require "patchbay.core"
local patchbay = require "patchbay"

return function(base_url, journal)
  local calls = {}

  local function new_client()
    return patchbay.telegent { base_url = base_url, account_key = "DID-1",
      account_secret = "secret-of-the-account", timeout = 5 }
  end

  local keys = 0

  -- A unique key: "CRID-OK-1", or "CRID-TWICE-1" for a call that fails at the first attempt.
  local function new_key(how)
    keys = keys + 1
    return ("CRID-%s-%d"):format(how, keys)
  end

  local function assign(route)
    route.RouteName = "name of " .. core.record.key(route)
    route.TrunkEnabled2 = false
    return route
  end

  local function still_assigned(route)
    local changes = route:changes()
    assert(changes.RouteName == "name of " .. core.record.key(route) and changes.TrunkEnabled2 == false,
      "what was assigned is lost")
  end

  -- A client that has a token and a connection.
  local client, used = nil, 0

  function calls.refresh()
    used = used + 1
    if client and used % 20 > 0 then return end
    client = new_client()
    assert(assign(client.voice_routes[new_key "OK"]):update())
    assert(client.voice_routes:get(new_key "OK"))
  end

  calls.refresh()
  local known = assert(client.voice_routes:get(new_key "OK"))

  local function update_of(name, how, client_of)
    return { name,
      prepare = function() return assign(client_of().voice_routes[new_key(how)]) end,
      call = function(route) return route:update() end,
      failed = still_assigned,
      again = function(route) assert(route:update()) end,
    }
  end

  local function present_client() return client end

  local function count_routes()
    local n = 0
    for _ in client.voice_routes:list() do n = n + 1 end
    return n
  end

  local function in_bulk(items, options)
    -- No tail call: by its line the journal knows the call again, wherever this function is called.
    local report = patchbay.each(items, options, function(key)
      return assign(client.voice_routes[key]):update()
    end)
    return report
  end

  -- Changes two records in each body, which survives what the changes raise.
  local function in_bulk_with(items, common)
    return patchbay.each(items, { concurrency = 2 }, function(own)
      local changed = 0
      for _, key in ipairs { own, common, own } do
        local ok, updated = pcall(function() return assign(client.voice_routes[key]):update() end)
        if ok and updated then changed = changed + 1 end
      end
      return changed == 3, "not all was changed"
    end)
  end

  local function each_of(name, options)
    return { name,
      prepare = function()
        if options.journal then os.remove(options.journal) end
        return { new_key "OK", new_key "TWICE", new_key "OK" }
      end,
      call = function(items) return in_bulk(items, options) end,
      succeeded = function(items, report)
        assert(report.done + report.failed == #items, "the report does not add up: " .. tostring(report))
      end,
      again = function(items)
        local report = in_bulk(items, options)
        assert(report.failed == 0 and report.done + report.skipped == #items, tostring(report))
      end,
    }
  end

  calls.jobs = {
    { "make a client", prepare = new_client, call = new_client, again = new_client },
    update_of("log in and update", "OK", new_client),
    update_of("update", "OK", present_client),
    update_of("update at the second try", "TWICE", present_client),
    { "update what has changed",
      prepare = function()
        known = assert(client.voice_routes:get(new_key "OK"))
        known.TrunkIp1 = known.TrunkIp1
        return assign(known)
      end,
      call = function(route) return route:update { changed_only = true } end,
      failed = still_assigned,
      again = function(route) assert(assign(route):update { changed_only = true }) end,
    },
    { "update what nobody else has changed",
      prepare = function() return assign(assert(client.voice_routes:get(new_key "OK"))) end,
      call = function(route) return route:update { if_unchanged = true } end,
      failed = still_assigned,
      again = function(route) assert(assign(route):update()) end,
    },
    { "update a second record in a body",
      prepare = function()
        return { assign(client.voice_routes[new_key "OK"]), assign(client.voice_routes[new_key "OK"]),
          good = false }
      end,
      call = function(pair)
        local report = patchbay.each({ 1 }, function()
          assert(pair[1]:update())
          pair.good = pair[2]:update()
        end)
        return report.failed == 0 or nil, report
      end,
      again = function(pair)
        if not pair.good then still_assigned(pair[2]) end
        assert(assign(pair[1]):update())
        assert(assign(pair[2]):update())
      end,
    },
    -- If a change that was raised in kept its turn, `again` would wait forever. Few steps are taken from the
    -- third item on at the latest.
    { "update two records in each of many, one of them for all",
      prepare = function()
        local keys_of = { common = new_key "OK" }
        for i = 1, 4 do keys_of[i] = new_key "OK" end
        return keys_of
      end,
      call = function(keys_of) return in_bulk_with(keys_of, keys_of.common) end,
      succeeded = function(keys_of, report)
        assert(report.done + report.failed == #keys_of, "the report does not add up: " .. tostring(report))
      end,
      again = function(keys_of)
        local report = in_bulk_with(keys_of, keys_of.common)
        assert(report.failed == 0 and report.done == #keys_of, tostring(report))
      end,
    },
    { "get",
      prepare = function() return new_key "OK" end,
      call = function(key) return client.voice_routes:get(key) end,
      succeeded = function(key, route) assert(route.CallRouteId == key) end,
      again = function(key) assert(client.voice_routes:get(key)) end,
    },
    { "list",
      prepare = function() end,
      call = count_routes,
      succeeded = function(_, n) assert(n == 3) end,
      again = function() assert(count_routes() == 3) end,
    },
    { "create",
      prepare = function()
        return { RouteName = "new", RouteType = "URL", VoiceUrl = "https://example.com/" }
      end,
      call = function(fields) return client.voice_routes:create(fields) end,
      succeeded = function(_, route) assert(route.CallRouteId == "CRID-NEW") end,
      again = function(fields) assert(client.voice_routes:create(fields)) end,
    },
    { "show",
      prepare = function()
        known:revert()
        return assign(known)
      end,
      call = function(route)
        return { tostring(route:diff()), tostring(route:request()), tostring(route), route:changes(),
          route:values(), patchbay.json.encode(route) }
      end,
      failed = still_assigned,
      again = still_assigned,
    },
    { "confirm",
      prepare = function()
        local route = assign(client.voice_routes[new_key "OK"])
        assert(route:update())
        return route
      end,
      call = function(route) return route:confirm() end,
      succeeded = function(_, found) assert(#found.differs == 0) end,
      again = function(route) assert(route:confirm()) end,
    },
    each_of("a call in many", { concurrency = 2 }),
    each_of("a call in many, with a journal", { concurrency = 2, journal = journal }),
  }
  return calls
end
