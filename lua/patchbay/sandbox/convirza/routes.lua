-- Provisioned routes. Only PUT and PATCH are documented, and their response: the id, never the route.

local check = require "patchbay.sandbox.check"
local errors = require "patchbay.sandbox.errors"
local fields = require "patchbay.sandbox.fields"
local json = require "patchbay.sandbox.json"
local own_records = require "patchbay.sandbox.own_records"
local schema = require "patchbay.sandbox.convirza.schema"
local seeds = require "patchbay.sandbox.convirza.seeds"
local store = require "patchbay.sandbox.store"

local routes = {}
routes.__index = routes

-- The sizes of the vendor's other lists.
local PAGE, PAGE_MAX = 100, 200

local RULES = schema.route(seeds.ORG_UNIT)
local KEY = "provisioned_route_id"
local FIRST_ID = 12345

-- See own_records.lua.
routes.collections = {
  provisioned_routes = { key = KEY, fields = { { name = KEY, type = "integer", minimum = 1 } }, open = true },
}
for _, rule in ipairs(RULES.fields) do
  table.insert(routes.collections.provisioned_routes.fields, rule)
end

-- The routes of one's own as seeds.lua has them: { id, route }.
local function given_routes(list)
  local taken, seeded, id = {}, {}, FIRST_ID
  for _, one in ipairs(list) do taken[one[KEY] or 0] = true end
  for index, one in ipairs(list) do
    while not one[KEY] and taken[id] do id = id + 1 end
    local own = one[KEY] or id
    taken[own], one[KEY] = true, nil
    seeded[index] = { own, fields.complete(RULES, one) }
  end
  return seeded
end

function routes.new(context)
  local self = setmetatable({ context = context, kept = store.new(), schema = RULES, last_id = FIRST_ID - 1 },
    routes)
  local own = own_records.of(routes.collections, context.options, "provisioned_routes")
  for _, seed in ipairs(own and given_routes(own) or seeds.routes(RULES, context.options.routes)) do
    self.kept:add(("%d"):format(seed[1]), seed[2])
    self.last_id = math.max(self.last_id, seed[1])
  end
  return self
end

local function outside(self, route)
  local unit = route.org_unit_id
  if unit ~= nil and not seeds.SCOPE[unit] then
    return { status = self.context.options.scope_status,
      message = ("Unauthorized: org unit %s is outside your scope"):format(tostring(unit)) }
  end
end

local function done(id, what)
  return json.ordered({ "provisioned_route_id", "message" },
    { provisioned_route_id = tonumber(id), message = "Route " .. what .. " successfully" })
end

-- The problem with a body, or nil. Unknown members are accepted and stored unless an option says otherwise:
-- the vendor names settings that its example does not show.
function routes:body_problem(body)
  local field, why = check.body(self.schema, body, self.context.options.unknown_fields == "keep")
  if field then return errors.field(400, field, why) end
  return outside(self, body)
end

-- The route of a path and its id, or nil and the problem.
function routes:find(call)
  local id = call.parameters.id
  if not id:find "^%d+$" then return nil, errors.field(400, "id", "must be an integer", nil, "path") end
  local route = self.kept:get(id)
  if not route then
    return nil, { status = 404, message = ("Not found: there is no provisioned route %s"):format(id) }
  end
  local problem = outside(self, route)
  if problem then return nil, problem end
  return route, id
end

function routes:show(id, route)
  local shown = fields.ordered(self.schema, route)
  shown.provisioned_route_id = tonumber(id)
  local order = { "provisioned_route_id" }
  for _, rule in ipairs(self.schema.fields) do order[#order + 1] = rule.name end
  return json.ordered(order, shown)
end

local function whole(text, default, least, most)
  if text == nil then return default end
  local value = text:find "^%d+$" and tonumber(text)
  return value and value >= least and value <= most and value or nil
end

function routes:list(call)
  local query = call.query
  local field, why = check.query({ "limit", "offset" }, query)
  if field then return nil, errors.field(400, field, why) end
  local limit = whole(query.limit, PAGE, 1, PAGE_MAX)
  local offset = whole(query.offset, 0, 0, math.huge)
  if not limit then return nil, errors.field(400, "limit", "must be a whole number from 1 to 200") end
  if not offset then return nil, errors.field(400, "offset", "must be a whole number from 0") end
  local total, page = 0, json.array {}
  for id, route in self.kept:each() do
    if not outside(self, route) then
      total = total + 1
      if total > offset and #page < limit then page[#page + 1] = self:show(id, route) end
    end
  end
  return json.ordered({ "provisioned_routes", "total" }, { provisioned_routes = page, total = total })
end

function routes:read(call)
  local route, id = self:find(call)
  if not route then return nil, id end
  local shown = self:show(id, route)
  if self.context.options.read_shape == "wrapped" then return { provisioned_route = shown } end
  return shown
end

function routes:create(_, body)
  local problem = self:body_problem(body)
  if problem then return nil, problem end
  self.last_id = self.last_id + 1
  local id = ("%d"):format(self.last_id)
  self.kept:add(id, fields.complete(self.schema, body))
  return done(id, "created"), nil, self.context.options.create_status
end

-- The route to change and its id, with the change checked; or nil and the problem.
local function target(self, call, body)
  local route, id = self:find(call)
  if not route then return nil, id end
  local problem = self:body_problem(body)
  if problem then return nil, problem end
  return route, id
end

-- The full update: resets omitted members, at any depth.
function routes:put(call, body)
  local route, id = target(self, call, body)
  if not route then return nil, id end
  local missing = self.context.options.put_missing == "reject" and fields.missing(self.schema, body)
  if missing then return nil, errors.field(400, missing, "is required in a full update") end
  self.kept:add(id, fields.complete(self.schema, body))
  return done(id, "updated")
end

function routes:patch(call, body)
  local route, id = target(self, call, body)
  if not route then return nil, id end
  self.kept:add(id, fields.changed(route, body, self.context.options.patch_nested))
  return done(id, "updated")
end

function routes:delete(call)
  local route, id = self:find(call)
  if not route then return nil, id end
  self.kept:remove(id)
  return done(id, "deleted")
end

return routes
