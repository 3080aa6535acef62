-- The changes of a plan of every field of every vendor: none are left once a vendor has taken them.

local changes = require "patchbay.desired.changes"
local clients = require("spec.support.declarations").clients
local declaration = require "patchbay.desired.declaration"
local made_up_vendor = require "spec.support.made_up_vendor"
local paths = require "patchbay.desired.paths"
local planning = require "spec.support.planning"
local showing = require "spec.support.showing"
local states = require "patchbay.desired.state"
local support = require "spec.support.telegent_client"

local CRID, MRID, NUMBER = support.CRID, support.MRID, support.NUMBER
local known_of, lines, memory = planning.known_of, planning.lines, planning.memory

describe("a plan of every field of every vendor", function()
  local function descriptions()
    return { telegent = require "patchbay.apis.telegent", convirza = require "patchbay.apis.convirza",
      crazytel = require "patchbay.apis.crazytel", acme = made_up_vendor.description() }
  end

  -- A record of each collection with all its fields; nil for one that cannot be changed.
  local function desired(vendor, name, resource)
    local keys = { voice_routes = CRID, message_routes = MRID, numbers = NUMBER, provisioned_routes = 7,
      sip_trunks = "d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c", phone_numbers = "61291234567" }
    if not (resource.operations.update or resource.operations.replace) then return nil end
    local key = keys[name]
    if vendor == "acme" and resource.key then
      for _, field in ipairs(resource.fields) do
        if field[1] == resource.key then
          key = require "patchbay.sandbox.sample".value(require "patchbay.sandbox.generic.rules".rule(field),
            require "patchbay.sandbox.random".new(3))
        end
      end
    end
    local fields = showing.desired(resource)
    if next(fields) == nil then return nil end
    if not resource.key then return fields end
    return { [key] = fields }
  end

  for _, manner in ipairs(showing.manners) do
    it(("comes to rest at a vendor whose answers are %s"):format(manner), function()
      local made, count = clients(), 0
      for vendor, description in pairs(descriptions()) do
        for name, resource in pairs(description.resources) do
          local records = desired(vendor, name, resource)
          if records then
            local raw = { [vendor .. "." .. name] = records }
            local declared = assert(declaration.new(made, raw))
            local record = declared.records[1]
            local state, held = memory(made), {}
            local function planned(options)
              local shown = { [record.address] = showing.show(resource, held, manner) }
              return changes.of(declared, known_of(declared, shown), state, options)
            end
            local first = planned { force = true }
            assert.equal(1, #first, vendor .. "." .. name)
            for _, field in ipairs(first[1].fields) do
              paths.set(held, field.field, field.to)
              state:remember(record.address, { [field.field] = field.to })
              count = count + 1
            end
            assert.same(record.fields, held, record.address)
            local second, rest = planned()
            assert.same({ {}, {}, {}, {} }, { lines(second), rest.faults, rest.unread, rest.notes },
              record.address)
            assert.same({}, lines((planned { force = true })), record.address)
          end
        end
      end
      assert.is_true(count > 100, count)
    end)

    it(("says what it cannot read in the same words each time where answers are %s"):format(manner),
      function()
      local made = clients()
      for vendor, description in pairs(descriptions()) do
        for name, resource in pairs(description.resources) do
          local records = desired(vendor, name, resource)
          if records then
            local declared = assert(declaration.new(made, { [vendor .. "." .. name] = records }))
            local record, held = declared.records[1], {}
            local function planned()
              local shown = { [record.address] = showing.show(resource, held, manner) }
              return changes.of(declared, known_of(declared, shown), states.none(made))
            end
            for _, change in ipairs((planned())) do
              for _, field in ipairs(change.fields) do paths.set(held, field.field, field.to) end
            end
            local second, rest = planned()
            local third, again = planned()
            assert.same(lines(second), lines(third))
            assert.same(rest, again)
            if manner ~= "silent" then assert.same({}, lines(second), record.address) end
          end
        end
      end
    end)
  end
end)
