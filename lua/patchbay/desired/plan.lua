--- A plan: the changes to make, shown before any is made. See apply.lua for making the changes,
-- plan_file.lua for its file, text.lua, json.lua and html.lua for its renderings.

local core = require "patchbay.core"
local apply = require "patchbay.desired.apply"
local accounts_by_name = require "patchbay.desired.accounts"
local brakes = require "patchbay.desired.brakes"
local check = require "patchbay.util.check"
local each_options = require "patchbay.bulk.each_options"
local errors = require "patchbay.errors"
local lazy = require "patchbay.util.lazy"
local plan_file = require "patchbay.desired.plan_file"
local reachable = require "patchbay.record.reachable"
local storages = require "patchbay.desired.storage"
local targets = require "patchbay.desired.targets"
local undo = require "patchbay.desired.undo"

local html = lazy "patchbay.desired.html"
local json = lazy "patchbay.desired.json"
local plan_text = lazy "patchbay.desired.text"

local plan = {}

-- plan -> its internals, hidden from scripts: `clients` (by account), `options`, `listed`
-- ("account.collection" -> the number of its records), `pages` (the same -> those of its list, as far as they
-- were needed), `state` (a path, an object, or nil), `undo` (the same), `keys` (of created records), `kind`
-- ("plan" or "undo"), `accounts`, `read_at` (by the clock), `reads_first` (whether an apply reads again
-- before it changes anything).
local internals = setmetatable({}, { __mode = "k" })

---@class patchbay.Plan
--- Tells plans apart; the job of an apply's journal.
---@field id string
--- When, in UTC.
---@field made_at string
--- The name of the file, or nil.
---@field source? string
--- The changes as data, secrets included, in the order in which they are made.
---@field changes table[]
--- The number of records that are as declared.
---@field unchanged integer
--- Whether nothing has to change.
---@field empty boolean
--- The sentences of the brakes; with none, `apply` accepts the plan.
---@field refused string[]
--- Sentences for people.
---@field notes string[]
--- Records whose only open fields cannot be compared.
---@field unread table[]

local Plan = { __name = "patchbay.plan" }
local methods = {}
Plan.__index = methods
--- The changes as text.
Plan.__tostring = function(self) return plan_text.plan(self) end

--- Whether a value is a plan.
function plan.is(value) return getmetatable(value) == Plan end

local function inner_of(self, name, level)
  local inner = internals[self]
  if inner then return inner end
  error(("plan.%s: a plan expected, got %s; call it as plan:%s(…)"):format(name, check.got(self), name),
    level + 1)
end

-- A rule for a place to keep something, or false for none.
local function storage_or_false(value)
  if value == false then return nil end
  return storages.rule(value)
end

plan.storage_or_false = storage_or_false

local function secrets_rule(value)
  if value == "omit" or value == "keep" then return nil end
  return ('expected "omit" or "keep", got %s'):format(type(value) == "string" and ("%q"):format(value)
    or check.got(value))
end

--- Options of plan:apply, beside those of the plan and of patchbay.each.
---@class patchbay.ApplyOptions : patchbay.Brakes
--- `"keep"`: the undo plan keeps the old values of secrets.
--- Default: `"omit"`.
---@field secrets? "omit"|"keep"
--- Waits for the end of another apply that uses the state, and then reads again which changes are left;
--- otherwise that is a `conflict`, `not_sent`.
--- Default: 0.
---@field wait? number seconds

local apply_rules = {
  concurrency = each_options.rules.concurrency, journal = each_options.rules.journal,
  progress = each_options.rules.progress, stop_on_error = check.boolean, force = check.boolean,
  secrets = secrets_rule, undo = storage_or_false, state = storage_or_false,
  wait = check.wait,
}
for name, rule in pairs(brakes.rules) do apply_rules[name] = rule end

-- Checks the options of a call, and raises their problem at `level`.
local function checked(given, rules, label, level)
  if given == nil then return {} end
  if type(given) ~= "table" then
    error(("%s: expected a table of options, got %s"):format(label, check.got(given)), level + 1)
  end
  local problem = check.options(given, rules, label .. ".")
  if problem then error(problem, level + 1) end
  return given
end

plan.checked = checked

--- Raises at `level` if a limit of the brakes is not under the name of a collection: it would limit nothing.
function plan.check_limits(clients, options, label, level)
  for _, name in ipairs(check.names(options.limits or {})) do
    local entry, problem = accounts_by_name.find(clients, name)
    if entry and entry.full ~= name then problem = ("write %q"):format(entry.full) end
    if problem then error(("%s.limits[%q]: %s"):format(label, name, problem), level + 1) end
  end
end

local function first_given(...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if value ~= nil then return value end
  end
end

--- Makes the changes, several at a time, in the plan's order: creates, updates, deletes. Before the first one
--- the undo plan is written. A plan from a file, or older than a minute, is compared with the vendor's
--- records first: a change to a field that somebody else has changed since fails as `conflict`, and
--- overwrites nothing. Wrong options, and problems with the journal, raise.
--- Returns the report; or nil and an error value, and then nothing was sent.
---@param options? patchbay.ApplyOptions
---@return patchbay.ApplyReport
---@return patchbay.Error
function methods.apply(self, options)
  local inner = inner_of(self, "apply", 2)
  options = checked(options, apply_rules, "apply", 2)
  plan.check_limits(inner.clients, options, "apply", 2)
  local settings = {}
  for name, value in pairs(options) do settings[name] = value end
  settings.concurrency = first_given(options.concurrency, inner.options.concurrency)
  settings.progress = first_given(options.progress, inner.options.progress)
  settings.force = first_given(options.force, inner.options.force)
  settings.state = first_given(options.state, inner.state) or nil
  local place = first_given(options.undo, inner.undo)
  settings.undo = place and storages.of(place) or nil
  settings.secrets = options.secrets or "omit"
  local report, err = apply.run(self, inner, settings) -- not a tail call: levels count this
  return report, err
end

local save_rules = { secrets = secrets_rule }

local function path_of(place) return type(place) == "string" and place or nil end

--- Writes the plan for `patchbay.plan.load`, also an empty one. A file is for this user alone (mode 0600),
--- and replaced at once. A secret is kept as a digest, and read again from where it came from; `secrets =
--- "keep"` writes secrets, too.
--- Returns `true`, or nil and an error value.
---@param file string|patchbay.Storage
---@param options? {secrets?: "omit"|"keep"}
---@return true?
---@return patchbay.Error
function methods.save(self, file, options)
  local inner = inner_of(self, "save", 2)
  local problem = storages.rule(file)
  if problem then error("plan.save: " .. problem, 2) end
  options = checked(options, save_rules, "save", 2)
  local storage = storages.of(file)
  problem = plan_file.problem_of_replacing(storage)
  if problem then
    return nil, errors.new { kind = "invalid", outcome = "not_sent",
      message = ("%s: %s; save the plan in another file"):format(storage.name, problem) }
  end
  local header = { kind = inner.kind, id = self.id, of = inner.of, since = inner.since,
    made_at = self.made_at, source = self.source, state = path_of(inner.state),
    undo = path_of(inner.undo), secrets = options.secrets or "omit", unchanged = self.unchanged,
    accounts = inner.accounts, listed = inner.listed, pages = inner.pages,
    options = brakes.options(inner.options), notes = self.notes[1] and core.json.array(self.notes) or nil,
    unread = self.unread[1] and core.json.array(self.unread) or nil }
  local target_of = targets.finder(inner.clients)
  local ok
  ok, problem = plan_file.write(storage, header, self.changes, function(change)
    return target_of(change).collection.context
  end)
  if ok then return true end
  return nil, errors.new { kind = "invalid", outcome = "not_sent",
    message = ("%s: the plan cannot be saved: %s"):format(storage.name, problem) }
end

local NARROWEST = 40 -- columns: an address and a sign

local text_rules = { width = check.whole(NARROWEST), ascii = check.boolean }

--- The text, for a terminal of `width` columns (100), in `ascii` alone, with escapes for all other
--- characters.
---@param options? {width?: integer, ascii?: boolean}
---@return string
function methods.text(self, options)
  inner_of(self, "text", 2)
  return (plan_text.plan(self, checked(options, text_rules, "text", 2)))
end

--- A page for a change ticket, in UTF-8.
---@return string
function methods.html(self)
  inner_of(self, "html", 2)
  return (html.plan(self))
end

--- The plan for programs, secrets masked: [its members](desired-state.md).
---@return string
function methods.json(self)
  inner_of(self, "json", 2)
  return (json.plan(self))
end

-- The account of each client, as a file names it: a digest that changes with the credentials is left out.
local function accounts_of(clients)
  local accounts = {}
  for name, proxy in pairs(clients) do
    local account = reachable.context(proxy).account
    accounts[name] = { vendor = account.vendor, address = account.address,
      account = not account.by_secret and account.account or nil }
  end
  return accounts
end

plan.accounts_of = accounts_of

-- The sentences about creates that could not be found again if their outcome became unknown.
local function unrecognisable(self, inner, target_of)
  local sentences = {}
  if inner.state then return sentences end
  for _, change in ipairs(self.changes) do
    local target = change.action == "create" and target_of(change)
    local identity = target and target.collection.resource.description.identity
    if target and not (identity and identity[1]) then
      sentences[#sentences + 1] = ("%s: without a state nothing would know it again, and each apply would "
        .. "create another one; state = \"FILE\" remembers its key"):format(change.address)
    end
  end
  return sentences
end

--- Makes a plan object. `fields`: `id`, `made_at`, `source`, `changes`, `unchanged`, `notes`, `unread`;
-- `inner`: see `internals`.
function plan.new(fields, inner)
  local self = setmetatable({
    id = fields.id or plan_file.new_id(), made_at = fields.made_at, source = fields.source,
      changes = fields.changes,
    unchanged = fields.unchanged or 0, notes = fields.notes or {}, unread = fields.unread or {},
    empty = fields.changes[1] == nil, refused = {}, kind = inner.kind or "plan",
  }, Plan)
  inner.kind, inner.accounts = self.kind, accounts_of(inner.clients)
  inner.unrecognisable = unrecognisable(self, inner, targets.finder(inner.clients))
  for _, one in ipairs(brakes.refusals(self.changes, inner.listed, brakes.options(inner.options))) do
    self.refused[#self.refused + 1] = one.message
  end
  for _, sentence in ipairs(inner.unrecognisable) do self.refused[#self.refused + 1] = sentence end
  internals[self] = inner
  return self
end

--- The name of the state, or the undo plan, beside the file of a desired state.
function plan.path_beside(source, ending)
  return undo.base_of(source) .. "." .. ending
end

return plan
