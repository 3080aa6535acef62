---@meta patchbay

-- The types that all vendors' clients share. `make docs` writes them into types/patchbay.lua. It replaces
-- "@from function file name" and "@from class file name" with what the comments in that file say, "@doc
-- section/name" with the text for that name in that section's tables (of the reference or of errors),
-- "@options set" with the options of a call, "@vendors" with the constructors, "@functions" with the methods
-- as functions.

---JSON null.
---@class patchbay.Null : lightuserdata

---@from class lua/patchbay/errors.lua patchbay.Error

---@alias patchbay.ErrorKind
---@kinds

---A request, as passed to a transport.
---@class patchbay.Request
---@field method string
---@field url string
---@field headers table<string, string>
---@field body? string
---@field timeout number Seconds

---The response that a transport returns.
---@class patchbay.Response
---@field status integer
---@field headers? table<string, string|string[]>
---@field body? string

---Sends the requests. A transport of your own needs only `send`.
---@class patchbay.Transport
---@field send fun(self, request: patchbay.Request): patchbay.Response?, any
---@field sleep? fun(self, seconds: number)
---@field clock? fun(self): number
---@field now? fun(self): number
---@field once? fun(self, flights: table, key: string, work: fun(): any, any): any, any

---A request for display, with secrets masked.
---@class patchbay.ShownRequest
---@field method string
---@field url string
---@field headers table<string, string>
---@field body? string
---@field attempt? integer
---@field dry_run? boolean
---@field vendor? string
---@field collection? string
---@field operation? string
---@field within? table<string, string> values of the path beside the key
---@field key? string
---@field traceparent? string

---@class patchbay.ShownResponse
---@field status? integer
---@field headers? table<string, string>
---@field body? string
---@field error? any
---@field outcome string "ok", or the outcome of an error
---@field seconds number
---@field request patchbay.ShownRequest

---@from class lua/patchbay/exchange/meter.lua patchbay.Series

--- The result of patchbay.metrics().
---@class patchbay.Metrics
---@field calls patchbay.Series[]
---@field requests patchbay.Series[]
---@field retries patchbay.Series[]

---The members of the vendor's envelope other than the data.
---@class patchbay.Receipt
---@field request_id? string
---@field message? string
---@field timestamp? string
---@field status? integer

---Options of every client.
---@class patchbay.Options
---@common

---Options of a call that sends a request.
---@class patchbay.CallOptions
---@options any

---@class patchbay.UpdateOptions
---@options update

---@class patchbay.ReplaceOptions
---@options replace

---@class patchbay.RequestOptions
---@options request

---@class patchbay.DiffOptions
---@options diff

---@class patchbay.ValuesOptions
---@options values

---@from class lua/patchbay/client/raw_call.lua patchbay.AnyCallOptions

---@class patchbay.Difference
---@field field string
---@field from any
---@field to any
---@field changed boolean|"unknown" whether it changes what is known; false for values that mean the same
---@field secret? boolean
---@field unknown? string why the known value is not shown
---@field reset? boolean
---@field resent? boolean whether it goes along only because the vendor needs it

---@class patchbay.Comparison
---@field confirmed string[]
---@field differs { field: string, sent: any, read: any }[]
---@field unverifiable string[]

---@class patchbay.Record
local record = {}

---@from function lua/patchbay/record/init.lua record:update

---@from function lua/patchbay/record/init.lua record:replace

---@from function lua/patchbay/record/init.lua record:fetch

---@from function lua/patchbay/record/init.lua record:delete

---@from function lua/patchbay/record/init.lua record:confirm

---@from function lua/patchbay/record/init.lua record:key

---@from function lua/patchbay/record/init.lua record:values

---@from function lua/patchbay/record/init.lua record:pending

---@from function lua/patchbay/record/init.lua record:changes

---@from function lua/patchbay/record/init.lua record:diff

---@from function lua/patchbay/record/init.lua record:request

---@from function lua/patchbay/record/init.lua record:revert

---One account at a vendor.
---@class patchbay.Client
local client = {}

---@from function lua/patchbay/client/raw_call.lua client:call client_call

---@from class lua/patchbay/bulk/progress.lua patchbay.Progress

---@from class lua/patchbay/bulk/each_options.lua patchbay.EachOptions

---An error that a body raised and that is not an error value of Patchbay.
---@class patchbay.Bug
---@field kind "bug"
---@field message string
---@field traceback? string

---@class patchbay.Failure
---@field key? string|number
---@field item any
---@field err patchbay.Error|patchbay.Bug

---@from class lua/patchbay/bulk/report.lua patchbay.Report
local report = {}

---@from function lua/patchbay/bulk/report.lua report:percentile

---@from function lua/patchbay/bulk/report.lua report:save

---@from function lua/patchbay/bulk/report.lua report:json

---@from class lua/patchbay/bulk/csv.lua patchbay.CsvOptions

---@class patchbay.csv
---@overload fun(file: string|file*|table, options?: patchbay.CsvOptions): fun(): table<string, string>, integer
local csv = {}

---@from function lua/patchbay/bulk/csv.lua csv.line

---An object of the script's that keeps a journal, a state or a plan in the place of a file.
---@class patchbay.Storage
---@field read fun(self: patchbay.Storage): string?, any
---@field append fun(self: patchbay.Storage, text: string): true?, any
---@field replace fun(self: patchbay.Storage, text: string): true?, any
---@field lock? fun(self: patchbay.Storage): table?, string?, string?

---@from class lua/patchbay/desired/brakes.lua patchbay.Brakes

---@from class lua/patchbay/desired/init.lua patchbay.PlanOptions

---@class patchbay.LoadOptions : patchbay.Brakes
---@field state? string|patchbay.Storage|false @doc Plans/state
---@field undo? string|patchbay.Storage|false @doc Plans/undo
---@field force? boolean @doc Plans/force
---@field limits? table<string, patchbay.Brakes> @doc Plans/limits
---@field concurrency? integer @doc Plans/concurrency
---@field progress? boolean|fun(progress: patchbay.Progress) @doc Plans/progress
---@field desired? string|table

---@from class lua/patchbay/desired/plan.lua patchbay.ApplyOptions
---@field concurrency? integer @doc Many at once/concurrency
---@field journal? string|patchbay.Storage @doc Many at once/journal
---@field progress? boolean|fun(progress: patchbay.Progress) @doc Many at once/progress
---@field stop_on_error? boolean @doc Many at once/stop_on_error
---@field force? boolean @doc Plans/force
---@field state? string|patchbay.Storage|false @doc Plans/state
---@field undo? string|patchbay.Storage|false @doc Plans/undo
---@field limits? table<string, patchbay.Brakes> @doc Plans/limits

---@from class lua/patchbay/desired/results.lua patchbay.ApplyReport

---@from class lua/patchbay/desired/plan.lua patchbay.Plan
local plan = {}

---@from function lua/patchbay/desired/plan.lua plan:text

---@from function lua/patchbay/desired/plan.lua plan:html

---@from function lua/patchbay/desired/plan.lua plan:json

---@from function lua/patchbay/desired/plan.lua plan:apply

---@from function lua/patchbay/desired/plan.lua plan:save

---@class patchbay.plan
---@overload fun(clients: table, desired: string|table, options?: patchbay.PlanOptions): patchbay.Plan, patchbay.Error
local plans = {}

---@from function lua/patchbay/desired/init.lua plans.load

---An object of the script's that a client records its changes in.
---@class patchbay.ChangesLog
---@field append fun(self: patchbay.ChangesLog, text: string): true?, any
---@field read? fun(self: patchbay.ChangesLog): string?, any

---@from class lua/patchbay/drift/snapshot.lua patchbay.SnapshotOptions

---@class patchbay.SnapshotCollection
---@field name string
---@field records integer
---@field complete boolean
---@field unreadable? string Why the vendor shows nothing of it
---@field problems {message: string, key?: any}[]

---@from class lua/patchbay/drift/snapshot.lua patchbay.Snapshot
local snapshot = {}

---@from function lua/patchbay/drift/snapshot.lua snapshot:values

---@from function lua/patchbay/drift/snapshot.lua snapshot:save

---@class patchbay.snapshot
---@overload fun(clients: table, options?: patchbay.SnapshotOptions): patchbay.Snapshot
local snapshots = {}

---@from function lua/patchbay/drift/snapshot.lua snapshots.load

---@class patchbay.SnapshotDifference
---@field change "appeared"|"disappeared"|"changed"
---@field address string
---@field account string
---@field collection string
---@field key? string|integer
---@field fields {field: string, from?: any, to?: any, secret?: boolean, from_unknown?: boolean, by?: string, why?: string, user?: string, at?: string}[]
---@field by? "ours"|"theirs"|"unknown"
---@field why? string
---@field user? string
---@field at? string

---@from class lua/patchbay/drift/comparison.lua patchbay.CompareOptions

---@from class lua/patchbay/drift/comparison.lua patchbay.SnapshotComparison
local comparison = {}

---@from function lua/patchbay/drift/comparison.lua comparison:text

---@from function lua/patchbay/drift/comparison.lua comparison:json

---@from class lua/patchbay/drift/since.lua patchbay.DriftOptions

---@from class lua/patchbay/sandbox/engine.lua patchbay.SandboxOptions

---@from class lua/patchbay/sandbox/generic/options.lua patchbay.DescribedSandboxOptions

---@from class lua/patchbay/sandbox/faults.lua patchbay.Fault

---@class patchbay.AddedFault
---@field hits integer How many calls it has affected
---@field heal fun(self: patchbay.AddedFault): boolean Takes it back; true if it could still have affected a call

---@from class lua/patchbay/sandbox/init.lua patchbay.Sandbox
local sandbox = {}

---@from function lua/patchbay/sandbox/init.lua sandbox:requests

---@from function lua/patchbay/sandbox/init.lua sandbox:state

---@from function lua/patchbay/sandbox/init.lua sandbox:fail

---@from function lua/patchbay/sandbox/init.lua sandbox:set

---@from function lua/patchbay/sandbox/init.lua sandbox:heal

---@from function lua/patchbay/sandbox/init.lua sandbox:unused

---@from function lua/patchbay/sandbox/init.lua sandbox:advance

---@from function lua/patchbay/sandbox/init.lua sandbox:now

---@from function lua/patchbay/sandbox/init.lua sandbox:reset

---@class patchbay.json
local json = {}

---@from function lua/patchbay/init.lua json.decode

---@from function lua/patchbay/init.lua json.encode

---@from function lua/patchbay/init.lua json.number

---@class patchbay.Description
---@field name string
---@field text string
---@field types? string Of a vendor: the text of a file of types for editors
---@field page? string Of a vendor: a reference page in Markdown

---@class patchbay
---@field _VERSION string @doc The module/patchbay._VERSION
---@field null patchbay.Null @doc The module/patchbay.null
---@field json patchbay.json
---@field csv patchbay.csv @doc The module/patchbay.csv
---@field storage fun(address: string, name: string): patchbay.Storage @doc The module/patchbay.storage
---@field plan patchbay.plan @doc The module/patchbay.plan
---@field snapshot patchbay.snapshot @doc The module/patchbay.snapshot
local patchbay = {}

---@from function lua/patchbay/init.lua patchbay.compare

---@from function lua/patchbay/init.lua patchbay.drift

---@from function lua/patchbay/init.lua patchbay.array

---@from function lua/patchbay/init.lua patchbay.assert

---@from function lua/patchbay/init.lua patchbay.each

---@from function lua/patchbay/init.lua patchbay.sleep

---@from function lua/patchbay/init.lua patchbay.pairs

---@from function lua/patchbay/init.lua patchbay.vendor

---@from function lua/patchbay/init.lua patchbay.openapi

---@from function lua/patchbay/init.lua patchbay.describe

---@class patchbay.Sandboxes
---@overload fun(options?: patchbay.SandboxOptions): patchbay.Sandbox @doc The module/patchbay.sandbox
patchbay.sandbox = {}

---@from function lua/patchbay/sandbox/init.lua patchbay.sandbox.vendor

---@from function lua/patchbay/init.lua patchbay.metrics

---@from function lua/patchbay/init.lua patchbay.metrics_text

---@vendors

---@functions

return patchbay
