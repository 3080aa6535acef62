-- Bulk runs, their journals, lists and CSV files.

local kit = require "spec.support.conduct.kit"
local system = require "spec.support.system"

local answer, patchbay = kit.answer, kit.patchbay

local function each(items, options, body) return kit.counts(patchbay.each(items, options, body)) end

-- A client whose updates are refused for every second route.
local function every_second()
  return (kit.client("telegent", function(request, n)
    return n % 2 == 0 and answer(400, '{"StatusCode":400}') or answer(200, request.body)
  end))
end

local function update(client, i)
  return client.voice_routes:update("CRID-" .. i, { TrunkIp1 = "192.0.2.1" })
end

-- Works with the path of a file that holds `text`, and is removed.
local function with_file(text, work)
  local path = os.tmpname()
  if text then system.write(path, text) else os.remove(path) end
  local result = work(path)
  os.remove(path)
  -- The file's name is another one each time.
  return (result:gsub(path:gsub("%p", "%%%0"), "FILE"))
end

-- The names in the first column, or what reading raises.
local function read_csv(text, name, options)
  return with_file(text, function(path)
    return kit.raised(function()
      local list = {}
      for row in patchbay.csv(path, options) do list[#list + 1] = tostring(row[name or "number"]) end
      error("reads " .. table.concat(list, ", "), 0)
    end):gsub("^raises: reads", "reads")
  end)
end

-- The result of going through a list of numbers, for pages that are `pages`.
local function listed(pages)
  local client = kit.client("telegent", function(_, n) return answer(200, pages[math.min(n, #pages)]) end)
  local count = 0
  local good, err = pcall(function()
    for _ in client.numbers:list() do count = count + 1 end
  end)
  return ("%d records%s"):format(count, good and "" or ", then raises: " .. tostring(err))
end

local function numbers(first, last)
  local list = {}
  for i = first, last do list[#list + 1] = ('{"Number":"+180180180%02d"}'):format(i) end
  return table.concat(list, ",")
end

local function page(total, first, last)
  return ('{"TotalResults":%d,"PhoneNumbers":[%s]}'):format(total, numbers(first, last))
end

return { "Runs, journals, lists and CSV files", {
  { "a body that returns `nil, err` for every second item", function()
      local client = every_second()
      return each(kit.numbers(4), {}, function(i) return update(client, i) end)
    end },
  { "a body that returns nothing after a refused update", function()
      local client = every_second()
      return each(kit.numbers(4), {}, function(i) update(client, i) end)
    end },
  { "a body that returns true after a refused update", function()
      local client = every_second()
      return each(kit.numbers(4), {}, function(i)
        update(client, i)
        return true
      end)
    end },
  { "an iterator of items that raises after two", function()
      local i = 0
      return each(function()
        i = i + 1
        if i > 2 then error("the file ends in the middle", 0) end
        return i
      end, {}, function() return true end)
    end },
  { "a dry run with a journal, then the real run", function()
      return with_file(nil, function(path)
        local function run(dry)
          local client = kit.client("telegent", function(request) return answer(200, request.body) end,
            { dry_run = dry })
          return each(kit.numbers(3), { journal = path, job = "trunks" },
            function(i) return update(client, i) end)
        end
        return run(true) .. "; then " .. run(false)
      end)
    end },
  { "a second run with the journal of the first", function()
      return with_file(nil, function(path)
        local function run()
          local client = kit.client("telegent", function(request) return answer(200, request.body) end)
          return each(kit.numbers(3), { journal = path, job = "trunks" },
            function(i) return update(client, i) end)
        end
        return run() .. "; then " .. run()
      end)
    end },
  { "429 without `Retry-After`, five times in a run", function()
      local client = kit.client("telegent", function(request, n)
        return n <= 5 and answer(429, "") or answer(200, request.body)
      end)
      return each(kit.numbers(20), {}, function(i) return update(client, i) end)
    end },
  { "two items for one record: they arrive", function()
      local order = {}
      local client = kit.client("telegent", function(request)
        order[#order + 1] = request.body:match '"RouteName":"(%w+)"'
        return answer(200, request.body)
      end)
      patchbay.each({ "first", "second", "third" }, { concurrency = 3, key = function() return "one" end },
        function(name) return client.voice_routes:update("CRID-1", { RouteName = name }) end)
      return "in the order of the items: " .. table.concat(order, ", ")
    end },
  { "a list with a total of -1", function() return listed { page(-1, 1, 3) } end },
  { "a list that says 5 and ends after 3", function() return listed { page(5, 1, 3), page(5, 9, 8) } end },
  { "the same page again", function() return listed { page(6, 1, 3), page(6, 1, 3) } end },
  { "an entry without a key among three", function()
      return listed { '{"TotalResults":3,"PhoneNumbers":[{"Number":"+18018018001"},{"Tnid":"x"},'
        .. '{"Number":"+18018018003"}]}' }
    end },
  { "a column that the file does not have",
    function() return read_csv("number,route_id\n1,2\n", "route") end },
  { "a column that is named as optional and missing",
    function() return read_csv("number\n1\n", "note", { optional = { "note" } }) end },
  { "a byte order mark, and blanks around the names in the header",
    function() return read_csv("\239\187\191 number , route\n1,2\n") end },
  { "`sep=;` as the first line", function() return read_csv("sep=;\nnumber;route\n1;2\n") end },
  { "a row with more cells than the header", function() return read_csv("number,route\n1,2,3\n") end },
} }
