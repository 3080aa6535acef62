-- The requests that each kind of job sends, counted at the server: as many as it needs, and no more. A job is
-- cold where no token is kept yet, and warm after that.

local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"
local system = require "spec.support.system"

local RECORDS = 20

-- Vendors by their ways to authenticate. `record(i)`: of one to create; `field`, `value(i)`: what is changed;
-- `logins`: for one endpoint, and for a second one.
local vendors = {
  { name = "telegent", collection = "voice_routes", about = "a token for each endpoint",
    record = function(i) return { RouteName = "route " .. i, RouteType = "Trunk" } end,
    field = "RouteName", value = function(i) return "name " .. i end, logins = { 1, 1 } },
  { name = "convirza", collection = "provisioned_routes", about = "one token for all calls",
    record = function(i) return { call_value = i } end,
    field = "call_value", value = function(i) return 100 + i end, logins = { 1, 0 } },
  { name = "crazytel", collection = "sip_trunks", about = "a key",
    record = function() return { password = "Abcdefg1", caller_id_number = "61291234567" } end,
    field = "description", value = function(i) return "name " .. i end, logins = { 0, 0 } },
  { name = "acme", collection = "lines", about = "described, with HTTP Basic", scheme = "basic",
    record = function(i) return { Number = ("+1801801%04d"):format(i) } end,
    field = "FriendlyName", value = function(i) return "name " .. i end, logins = { 0, 0 } },
  { name = "acme", collection = "trunks", about = "described, with a login", scheme = "login",
    record = function(i) return { name = "trunk " .. i } end,
    field = "name", value = function(i) return "name " .. i end, logins = { 1, 0 } },
}

for _, vendor in ipairs(vendors) do
  describe(("jobs at %s (%s: %s)"):format(vendor.name, vendor.collection, vendor.about), function()
    local folder, sandbox, make, keys
    local first, second = vendor.logins[1], vendor.logins[2]

    -- A client as a process of its own makes it.
    local function new(cache)
      return make { transport = sandbox, token_cache = cache or folder .. "/tokens", undocumented = "allow",
        rate = 1e6 }
    end

    -- The requests that `job` sends.
    local function count(job)
      local before = #sandbox:requests()
      assert(job(new()))
      return #sandbox:requests() - before
    end

    setup(function()
      folder = system.line "mktemp -d"
      local options = { [vendor.name] = { rate_limit = vendor.name ~= "crazytel" and 1e6 or 0 } }
      if vendor.scheme then
        local description = made_up_vendor.description(nil, vendor.scheme)
        options.acme.records = {}
        sandbox = patchbay.sandbox.vendor(description, options)
        make = patchbay.vendor(description)
      else
        sandbox, make = patchbay.sandbox(options), patchbay[vendor.name]
      end
      keys = {}
      local collection = new(folder .. "/first")[vendor.collection]
      for i = 1, RECORDS do keys[i] = assert(collection:create(vendor.record(i))):key() end
    end)
    teardown(function() os.execute("rm -rf " .. system.quote(folder)) end)
    before_each(function() os.remove(folder .. "/tokens") end)

    -- A plan of `records` for as many records; `shift`: for other values each time.
    local function plan(client, records, shift)
      local desired = {}
      for i = 1, records do desired[keys[i]] = { [vendor.field] = vendor.value(i + shift) } end
      return assert(patchbay.plan({ [vendor.name] = client },
        { [vendor.name .. "." .. vendor.collection] = desired }, { blast = false }))
    end

    local function apply(made)
      local report = assert(made:apply { state = false, undo = false, max_share = 1 })
      assert.equal(#made.changes, report.done)
      return report
    end

    it("change a field: the login and the change; the change alone", function()
      local function job(client)
        return client[vendor.collection]:update(keys[1], { [vendor.field] = vendor.value(31) })
      end
      assert.same({ first + 1, 1, 1 }, { count(job), count(job), count(job) })
    end)

    it("read a record: the login and the read; the read alone", function()
      local function job(client) return client[vendor.collection]:get(keys[1]) end
      assert.same({ first + 1, 1, 1 }, { count(job), count(job), count(job) })
    end)

    it("read a record and change it: the logins, the read and the change", function()
      local shift = 40
      local function job(client)
        local record = assert(client[vendor.collection]:get(keys[1]))
        shift = shift + 1
        record[vendor.field] = vendor.value(shift)
        return record:update { changed_only = true }
      end
      assert.same({ first + second + 2, 2, 2 }, { count(job), count(job), count(job) })
    end)

    it("plan 20 records: the login and the page", function()
      local function job(client) return plan(client, RECORDS, 1) end
      assert.same({ first + 1, 1 }, { count(job), count(job) })
    end)

    it("plan and apply 20 changes: the logins, the page and the changes; what is there already, nothing more",
      function()
        local function job(client) return apply(plan(client, RECORDS, 2)) end
        assert.equal(first + second + 1 + RECORDS, count(job))
        assert.equal(1, count(job))
        local function other(client) return apply(plan(client, RECORDS, 3)) end
        assert.equal(1 + RECORDS, count(other))
      end)

    it("apply a plan out of a file: the changes, and the page or the records, whichever is less", function()
      for shift, records in pairs { [4] = 1, [5] = 4, [6] = RECORDS } do
        local file = folder .. "/plan" .. shift
        assert(plan(new(), records, shift):save(file))
        os.remove(folder .. "/tokens")
        local function job(client)
          return apply(assert(patchbay.plan.load(file, { [vendor.name] = client })))
        end
        assert.equal(first + second + records + 1, count(job))
        assert.equal(1, count(job)) -- there is nothing left to do
      end
    end)
  end)
end

-- Lists of several pages: those of Telegent's numbers, of which the sandbox has 40.
describe("a plan of numbers out of a file", function()
  local folder
  setup(function() folder = system.line "mktemp -d" end)
  teardown(function() os.execute("rm -rf " .. system.quote(folder)) end)

  -- The requests of applying changes of `count` numbers, from lists with `size` numbers a page; the pages.
  local function requests(count, size)
    local sandbox = patchbay.sandbox { telegent = { inventory_page_size = size, rate_limit = 1e6 } }
    local function new() return patchbay.telegent { transport = sandbox, token_cache = folder
      .. "/tokens" } end
    os.remove(folder .. "/tokens")
    local desired, total = {}, 0
    for number in new().numbers:list() do
      total = total + 1
      -- The last ones, so that all pages are needed.
      desired[total] = { number:key(), not number.VoiceEnabled }
    end
    local records = {}
    for i = total - count + 1, total do records[desired[i][1]] = { VoiceEnabled = desired[i][2] } end
    local file = ("%s/plan-%d-%d"):format(folder, count, size)
    local plan = assert(patchbay.plan({ telegent = new() }, { ["telegent.numbers"] = records }))
    assert.equal(count, #plan.changes)
    assert(plan:save(file))
    os.remove(folder .. "/tokens")
    local before = #sandbox:requests()
    local loaded = assert(patchbay.plan.load(file, { telegent = new() }))
    local report = assert(loaded:apply { state = false, undo = false, max_share = 1 })
    assert.equal(count, report.done + report.pending)
    return #sandbox:requests() - before, math.ceil(total / size)
  end

  it("reads them by the pages or one by one, whichever is fewer requests", function()
    for _, case in ipairs { { 4, 40 }, { 5, 40 }, { 5, 3 }, { 8, 4 }, { 12, 4 }, { 20, 12 } } do
      local count, size = case[1], case[2]
      local sent, pages = requests(count, size)
      assert.equal(2 + count + math.min(count, pages), sent, ("%d numbers, %d pages"):format(count, pages))
    end
  end)

  it("reads up to three one by one, as the plan did: how many pages there are is not known then", function()
    for count = 1, 3 do assert.equal(2 + 2 * count, (requests(count, 4))) end
  end)
end)
