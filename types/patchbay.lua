---@meta patchbay

-- Made by `make docs`; change bin/generate/surface.meta.lua.

---JSON null.
---@class patchbay.Null : lightuserdata

---What the world does comes back as `nil, err`; the second value is no error where the first is not nil.
---@class patchbay.Error
---@field kind patchbay.ErrorKind One of the kinds.
---@field message string One sentence, with vendor, call and key in front; `tostring(err)` gives it.
---@field outcome "not_sent"|"refused"|"unknown" Whether the change may have been applied.
---@field status? integer HTTP status; for Convirza the `code` of the envelope where that says otherwise.
---@field code? string|integer The vendor's own error code, or the status word of a failed order.
---@field field? string The field that is wrong.
---@field missing? string[] The fields that are not known.
---@field request_id? string For the vendor's support.
---@field retry_after? number Seconds to wait, out of `Retry-After` as number or as date.
---@field attempts? integer How many requests went out, the last one included.
---@field body? string What the vendor answered, secrets masked; of a longer answer the first 8 KiB, and `…`.

---@alias patchbay.ErrorKind
---| "conflict" # It does not fit what is there now
---| "forbidden" # The credentials do not allow this
---| "incomplete" # Something needed is not known
---| "invalid" # The vendor found the request wrong
---| "network" # The connection failed
---| "not_found" # There is no such thing, or it is another account's
---| "pending" # Accepted, but not yet to be seen
---| "protocol" # The answer makes no sense
---| "rate_limited" # Too many requests
---| "rejected" # The vendor took the request and then refused the change
---| "timeout" # It took too long
---| "tls" # The secure connection failed
---| "too_large" # The answer, or the request, is too large
---| "unauthorized" # The credentials or the token were refused
---| "unavailable" # The vendor cannot answer now
---| "unsupported" # The vendor documents no such call

---What goes out, as a transport gets it.
---@class patchbay.Request
---@field method string
---@field url string
---@field headers table<string, string>
---@field body? string
---@field timeout number Seconds

---What a transport answers.
---@class patchbay.Response
---@field status integer
---@field headers? table<string, string|string[]>
---@field body? string

---What carries requests; a transport of your own needs `send` alone.
---@class patchbay.Transport
---@field send fun(self, request: patchbay.Request): patchbay.Response?, any
---@field sleep? fun(self, seconds: number)
---@field clock? fun(self): number
---@field now? fun(self): number
---@field once? fun(self, flights: table, key: string, work: fun(): any, any): any, any

---A request as it is shown, secrets masked.
---@class patchbay.ShownRequest
---@field method string
---@field url string
---@field headers table<string, string>
---@field body? string
---@field attempt? integer
---@field dry_run? boolean

---@class patchbay.ShownResponse
---@field status? integer
---@field headers? table<string, string>
---@field body? string
---@field error? any
---@field seconds number
---@field request patchbay.ShownRequest

---What the vendor's envelope says beside the data.
---@class patchbay.Receipt
---@field request_id? string
---@field message? string
---@field timestamp? string
---@field status? integer

---Options of every client.
---@class patchbay.Options
---@field base_url? string The server's root; for tests and proxies. A URI, such as https://example.com/path.
---@field timeout? number Seconds for one try, from connecting to the last byte.
---@field connect_timeout? number Seconds for connecting, handshake included.
---@field connection_max_age? number Seconds after which no further request goes over a connection.
---@field retries? integer Further tries; 0 is one try. 0 to 20.
---@field deadline? number Seconds for a whole call, with all its tries and waits; none by default.
---@field max_retry_after? number Seconds of a pause that the vendor asks for which are waited out; 60, within each 3600.
---@field rate? number|string Requests per second, or text such as "60/min".
---@field proxy? string URL of a proxy; "" for none, whatever the environment says.
---@field ca_file? string PEM file of the authorities to trust. Not empty.
---@field user_agent? string Patchbay/ and the version unless given.
---@field max_response_bytes? integer Largest answer, unpacked. 1024 to 1073741824.
---@field transport? patchbay.Transport|"resty.http"|fun(request: patchbay.Request): patchbay.Response?, any What carries requests instead of libcurl: patchbay.sandbox(), or your own.
---@field thread_pool? string Within nginx: the thread pool that sends; "default" if not given. Not empty.
---@field shared? string Within nginx: the lua_shared_dict in which the workers share tokens and the rate. Not empty.
---@field gateway? string Within HAProxy: the address of a listener of its own through which the calls go. Not empty.
---@field log? file*|fun(line: string) A function or an open file: gets one line a request.
---@field on_request? fun(request: patchbay.ShownRequest) A function: gets each request, secrets masked.
---@field on_response? fun(response: patchbay.ShownResponse) A function: gets each answer, secrets masked.
---@field dry_run? boolean Changes are shown to log and on_request, not sent.
---@field undocumented? "refuse"|"allow" Fields, nulls and calls that the vendor has but does not document. "refuse" or "allow".
---@field nested? "object"|"leaves" What a nested change sends: the object it lies in, or itself alone. "object" or "leaves".
---@field paths? table<string, string> Other paths for calls, by "collection.call"; {key} stands for the key.
---@field allow_cleartext? boolean Allows http:// to other machines.

---Options of a call that goes out.
---@class patchbay.CallOptions
---@field deadline? number Seconds. For this call instead of the client's.
---@field retries? integer For this call instead of the client's.
---@field timeout? number Seconds. For this call instead of the client's.

---@class patchbay.UpdateOptions
---@field deadline? number Seconds. For this call instead of the client's.
---@field nested? "object"|"leaves" For this call instead of the client's.
---@field retries? integer For this call instead of the client's.
---@field timeout? number Seconds. For this call instead of the client's.
---@field verify? boolean Looks first whether what needs the vendor's verification has it (Crazytel's `caller_id_number`, `sms_sender`).
---@field wait? number Seconds. Reads until what was sent can be read back; after that long: kind `pending`.

---@class patchbay.ReplaceOptions
---@field deadline? number Seconds. For this call instead of the client's.
---@field reset_missing? boolean Lets the vendor reset what is neither known nor assigned.
---@field retries? integer For this call instead of the client's.
---@field timeout? number Seconds. For this call instead of the client's.

---@class patchbay.RequestOptions
---@field nested? "object"|"leaves" For this call instead of the client's.

---@class patchbay.DiffOptions
---@field replace? boolean See there.

---@class patchbay.AnyCallOptions
---@field query? table<string, string|integer|boolean> Name → text, whole number or boolean.
---@field repeatable? boolean Whether doing it twice does no harm.
---@field timeout? number Seconds
---@field retries? integer
---@field deadline? number Seconds

---@class patchbay.Difference
---@field field string
---@field from any
---@field to any
---@field reset? boolean

---@class patchbay.Comparison
---@field confirmed string[]
---@field differs { field: string, sent: any, read: any }[]
---@field unverifiable string[]

---@class patchbay.Record
local record = {}

---Sends what is assigned; with nothing assigned, nothing. On success that becomes the state, and nothing is assigned any more; on failure it stays assigned. Returns the record, and for Convirza the receipt: `request_id`, `message`, `timestamp`, `status`; or `nil, err`.
---@generic T
---@param self T
---@param options? patchbay.UpdateOptions
---@return T?
---@return patchbay.Error|patchbay.Receipt
function record:update(options) end

---Full update (Convirza): sends the state and what is assigned over it. Refuses, with `err.missing`, while a field would be reset by not being named. Returns as update.
---@generic T
---@param self T
---@param options? patchbay.ReplaceOptions
---@return T?
---@return patchbay.Error|patchbay.Receipt
function record:replace(options) end

---Reads the state; assignments stay. Returns the record; or `nil, err`.
---@generic T
---@param self T
---@param options? patchbay.CallOptions
---@return T?
---@return patchbay.Error|patchbay.Receipt
function record:fetch(options) end

---Deletes it at the vendor. Returns `true`; or `nil, err`.
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
function record:delete(options) end

---Reads back and compares with what was last sent, also where its outcome is not known. Returns `{ confirmed = { field… }, differs = { { field =, sent =, read = }… }, unverifiable = { field… } }`; or `nil, err`.
---@param options? patchbay.CallOptions
---@return patchbay.Comparison?
---@return patchbay.Error
function record:confirm(options) end

---Whether the last update was taken as an order that is not yet done. Returns boolean.
---@return boolean
function record:pending() end

---What is assigned. Returns a plain table, secrets included.
---@return table<string, any>
function record:changes() end

---What the next update would change, in the order it would be sent. Returns list of `{ field =, from =, to = }`, secrets masked; `from` is nil where nothing is known. With a full update at the vendor, `.reset` lists what `replace` would reset; `{ replace = true }` adds them to the list as `{ field =, reset = true }`.
---@param options? patchbay.DiffOptions
---@return patchbay.Difference[]
function record:diff(options) end

---The next update as it would be sent; sends nothing. Returns `{ method =, url =, headers =, body = }`, secrets masked; nil with nothing assigned; or `nil, err`.
---@param options? patchbay.RequestOptions
---@return patchbay.ShownRequest?
---@return patchbay.Error
function record:request(options) end

---Takes back one assignment (`"a.b"` for a nested one), or all. Returns the record.
---@generic T
---@param self T
---@param field? string
---@return T
function record:revert(field) end

---One account at a vendor.
---@class patchbay.Client
local client = {}

---Any other call of the vendor, with the same authentication, retries and errors.
---@param method string
---@param path string
---@param body? any
---@param options? patchbay.AnyCallOptions
---@return any answer The decoded answer, or true where it is empty; nil when it failed
---@return patchbay.Error
function client:call(method, path, body, options) end

---@class patchbay.Progress
---@field done integer
---@field failed integer
---@field skipped integer
---@field repeated integer
---@field retries integer
---@field waited number
---@field seconds number
---@field rate number
---@field total? integer
---@field left? number
---@field pause? number
---@field finished boolean

---@class patchbay.EachOptions
---@field concurrency? integer Bodies at a time.
---@field key? fun(item: any): any Names an item in report and journal. Items may share a name: the journal knows them by their place among those.
---@field journal? string A file that says what is done, so that a run that was cut off can be started again: below. An item without a name is known by what is in it. The file has mode 0600 and holds no item, only names and digests; a weak secret in an item could be guessed from its digest.
---@field job? string What the journal calls this work; a journal of another job is refused.
---@field sync? boolean Writes the journal through to the disk line by line.
---@field progress? boolean|fun(progress: patchbay.Progress) Shows on standard error how many items have been tried; or gives the function the numbers: `done`, `unchanged`, `pending`, `failed`, `skipped`, `would_send`, `dry_run`, `repeated`, `retries`, `waited`, `seconds`, `rate` (per second), `total`, `left` (seconds), `pause` (seconds left of one that the vendor has asked for), `finished`.
---@field total? integer How many an iterator will give.
---@field stop_on_error? boolean Begins no more after a failure.
---@field interrupts? boolean The first Ctrl-C finishes what is in flight and returns the report, also in runs within its bodies; what waits out a vendor's pause fails as not sent. The second stops at once. False leaves Ctrl-C to the script.

---What a body raised that is no error value of Patchbay.
---@class patchbay.Bug
---@field kind "bug"
---@field message string
---@field traceback? string

---@class patchbay.Failure
---@field key? string|number
---@field item any
---@field err patchbay.Error|patchbay.Bug

---@class patchbay.Report
---@field done integer Items. Skipped: the journal says they are done.
---@field failed integer Items. Skipped: the journal says they are done.
---@field skipped integer Items. Skipped: the journal says they are done.
---@field repeated integer Items sent again because an earlier run did not learn the outcome; counted as done or failed besides.
---@field failures patchbay.Failure[] `{ key =, item =, err = }`, in the order they happened, the first 100,000. What a body raised that is no error value of Patchbay has `err.kind == "bug"`, a `message` and a `traceback`.
---@field failures_dropped integer Failures beyond those.
---@field retries integer Requests tried again.
---@field waited number Waited for rates, all items together.
---@field seconds number The run.
---@field interrupted boolean Ctrl-C came.
local report = {}

---Within which p percent of the items were done or failed, to 1%.
---@param p number
---@return number
function report:percentile(p) end

---Writes the failures as CSV that can be fed back in: the columns in the order of the CSV file that the items come from, then `error_kind`, `error_outcome` and `error_message`. A file that is there keeps its mode. `true`, and a sentence if something is missing in it; or nil and why.
---@param file string|file*
---@return true?
---@return string
function report:save(file) end

---@class patchbay.CsvOptions
---@field separator? ","|";"|"\t"
---@field header? string[]

---@class patchbay.csv
---@overload fun(file: string|file*|table, options?: patchbay.CsvOptions): fun(): table<string, string>, integer
local csv = {}

---Writes one line.
---@param values any[]
---@param separator? string
---@return string
function csv.line(values, separator) end

---@class patchbay.Fault
---@field status? integer
---@field body? string
---@field content_type? string
---@field retry_after? any
---@field delay? number Seconds
---@field cut? integer Bytes
---@field drop? "connect"|"before"|"after"
---@field match? string A path, `*` at its end
---@field method? string
---@field after? integer
---@field times? integer|"always"
---@field applied? boolean

---The vendors, played inside the script: a transport.
---@class patchbay.Sandbox : patchbay.Transport
---@field credentials table<string, table<string, string>> What its accounts log in with: by vendor, option → text.
local sandbox = {}

---What it has received: `method`, `path`, `query`, `headers`, `body`, `status`.
---@return table[]
function sandbox:requests() end

---A copy of all it holds, by vendor.
---@return table<string, table>
function sandbox:state() end

---Makes coming calls fail: `status`, `body`, `content_type`, `retry_after`, `delay` (seconds), `cut` (bytes), `drop` (`"connect"`, `"before"`, `"after"`); which: `match` (a path, `*` at its end), `method`, `after`, `times` (1, or `"always"`).
---@param fault patchbay.Fault
function sandbox:fail(fault) end

---Changes options: `{ telegent = { update_status = "Pending" } }`; each vendor's are listed in `lua/patchbay/sandbox/`.
---@param options table
function sandbox:set(options) end

---Its clock.
---@param seconds number
function sandbox:advance(seconds) end

---Its clock.
---@return number
function sandbox:now() end

---Back to the first moment.
function sandbox:reset() end

---@class patchbay.json
local json = {}

---The value, or nil and a table with `message`. Every number is exact: what no Lua number holds becomes a value that prints and is written digit for digit; `[]` stays `[]`.
---@param text string
---@return any
---@return patchbay.Error
function json.decode(text) end

---The text; raises what cannot be written. Members come in alphabetical order.
---@param value any
---@return string
function json.encode(value) end

---A number that no Lua number holds, `"12345678901234567890"`.
---@param digits string
---@return any
function json.number(digits) end

---@class patchbay.Description
---@field name string
---@field text string

---@class patchbay
---@field _VERSION string The version, a string.
---@field null patchbay.Null JSON null; equal to `cjson.null` and `ngx.null`.
---@field json patchbay.json
---@field csv patchbay.csv The rows of a CSV file, for a loop.
local patchbay = {}

---Marks `t` (a new table unless given) as an array where nothing else says so; returns it.
---@generic T : table
---@param t? T
---@return T
function patchbay.array(t) end

---`assert`, also for error values on Lua 5.1, whose own takes text alone.
---@generic T
---@param value? T
---@param err? any
---@param ... any
---@return T
---@return any ...
function patchbay.assert(value, err, ...) end

---Runs a body for many items at once, returns a report.
---@generic T
---@param items T[]|fun(): T?
---@param options? patchbay.EachOptions
---@param body fun(item: T): any, any
---@return patchbay.Report
function patchbay.each(items, options, body) end

---Waits; within `each` the other bodies run meanwhile.
---@param seconds number
function patchbay.sleep(seconds) end

---Goes through every known field, on every Lua; `pairs(record)` does where Lua has `__pairs` (5.2 and later, and LuaJIT built for 5.2).
---@param value table
---@return fun(): string, any
function patchbay.pairs(value) end

---What there is to know of a vendor, a collection or a field, for a REPL: `"telegent"`, `"telegent.voice_routes"`, `"telegent.voice_routes.TrunkIp1"`, or a client, a collection, a record. Its `tostring`, and its field `text`, is the text.
---@param what string|table
---@return patchbay.Description
function patchbay.describe(what) end

---The vendors, played inside the script.
---@param options? table
---@return patchbay.Sandbox
function patchbay.sandbox(options) end

---A client: one account at Convirza. Raises what is wrong with the options.
---@param options? patchbay.convirza.Options
---@return patchbay.convirza.Client
function patchbay.convirza(options) end

---A client: one account at Crazytel. Raises what is wrong with the options.
---@param options? patchbay.crazytel.Options
---@return patchbay.crazytel.Client
function patchbay.crazytel(options) end

---A client: one account at Telegent. Raises what is wrong with the options.
---@param options? patchbay.telegent.Options
---@return patchbay.telegent.Client
function patchbay.telegent(options) end

patchbay.changes = record.changes
patchbay.confirm = record.confirm
patchbay.delete = record.delete
patchbay.diff = record.diff
patchbay.fetch = record.fetch
patchbay.pending = record.pending
patchbay.replace = record.replace
patchbay.request = record.request
patchbay.revert = record.revert
patchbay.update = record.update

return patchbay
